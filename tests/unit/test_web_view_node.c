/* Nodes as templates see them. The models are the test's own: the accessors below stand in for the
 * library's, so that each state and each mix of route flags can be shown. */
#include "view_render.h"

#include "view_node.h"

enum { DAY = 86400, ROUTES = 5 };

static const int64_t now = 1700000000;

struct ouro_route {
	const char *prefix;
	uint32_t flags;
};

struct ouro_node {
	uint64_t id;
	const char *name;
	const char *host;
	uint64_t user;
	const char *owner;
	const char *tag;
	const char *address;
	struct ouro_route routes[ROUTES];
	size_t route_count;
	int state;
	int exit;
	int joined;
	int mine;
	int kept;
	int ephemeral;
	int64_t expiry;
	int64_t seen;
	int64_t created;
};

struct ouro_node_list {
	const ouro_node *nodes[2];
};

uint64_t ouro_node_id(const ouro_node *node)
{
	return node->id;
}

const char *ouro_node_name(const ouro_node *node)
{
	return node->name;
}

const char *ouro_node_host_name(const ouro_node *node)
{
	return node->host;
}

uint64_t ouro_node_user_id(const ouro_node *node)
{
	return node->user;
}

const char *ouro_node_user_name(const ouro_node *node)
{
	return node->owner;
}

size_t ouro_node_tag_count(const ouro_node *node)
{
	return node->tag ? 1 : 0;
}

const char *ouro_node_tag(const ouro_node *node, size_t index)
{
	return index == 0 ? node->tag : NULL;
}

const char *ouro_node_address(const ouro_node *node, size_t index)
{
	return index == 0 ? node->address : NULL;
}

size_t ouro_node_route_count(const ouro_node *node)
{
	return node->route_count;
}

const ouro_route *ouro_node_route(const ouro_node *node, size_t index)
{
	return index < node->route_count ? &node->routes[index] : NULL;
}

const char *ouro_route_prefix(const ouro_route *route)
{
	return route->prefix;
}

uint32_t ouro_route_flags(const ouro_route *route)
{
	return route->flags;
}

int ouro_node_state(const ouro_node *node, int64_t when)
{
	assert_int_equal(when, now);
	return node->state;
}

int ouro_node_exit_state(const ouro_node *node)
{
	return node->exit;
}

int ouro_node_register_method(const ouro_node *node)
{
	return node->joined;
}

int ouro_node_mine(const ouro_node *node)
{
	return node->mine;
}

int ouro_node_kept(const ouro_node *node)
{
	return node->kept;
}

/* Own ones: everything but extending; kept ones: logging out alone. */
int ouro_node_may(const ouro_person *person, const ouro_node *node, int action)
{
	assert_ptr_equal(person, &now);
	return node->mine &&
		(node->kept ? action == OURO_ACTION_EXPIRE : action != OURO_ACTION_EXTEND);
}

int ouro_person_may(const ouro_person *person, int action)
{
	assert_ptr_equal(person, &now);
	return action == OURO_ACTION_REGISTER;
}

int ouro_node_ephemeral(const ouro_node *node)
{
	return node->ephemeral;
}

int64_t ouro_node_expiry(const ouro_node *node)
{
	return node->expiry;
}

int64_t ouro_node_last_seen(const ouro_node *node)
{
	return node->seen;
}

int64_t ouro_node_created(const ouro_node *node)
{
	return node->created;
}

uint64_t ouro_node_fingerprint(const ouro_node *node)
{
	return node->id * 1000;
}

const ouro_node *ouro_node_list_at(const ouro_node_list *list, size_t index)
{
	return index < 2 ? list->nodes[index] : NULL;
}

/* A request that shows nodes. */
struct page {
	struct web_app app;
	struct web_arena arena;
	struct web_call call;
	struct view_nodes view;
};

static struct page *page_open(uint32_t capabilities)
{
	static struct page page;

	memset(&page, 0, sizeof(page));
	memcpy(page.app.base_path, "/ouroboros", 11);
	web_arena_init(&page.arena, 64 * 1024);
	page.call.app = &page.app;
	page.call.arena = &page.arena;
	page.call.now = now;
	page.view.call = &page.call;
	page.view.capabilities = capabilities;
	return &page;
}

static void page_close(struct page *page)
{
	web_arena_done(&page->arena);
}

static const char *shown(struct page *page, const ouro_node *node, const char *template)
{
	struct web_value value = {0};

	assert_int_equal(view_node_value(&value, &page->view, node), 1);
	return view_render(template, &value);
}

static ouro_node plain(void)
{
	return (ouro_node){.id = 5,
		.name = "atlas",
		.host = "atlas",
		.user = 7,
		.owner = "mia",
		.address = "100.64.0.1",
		.mine = 1,
		.expiry = OURO_TIME_NEVER,
		.seen = OURO_TIME_NEVER,
		.created = OURO_TIME_NEVER};
}

static void test_web_view_node__names(void **state)
{
	static const char template[] =
		"{{id}} {{url}} {{label}}|{{name}}|{{host_name}}{{#host_differs}} differs{{/host_differs}}";
	struct page *page = page_open(0);
	ouro_node node = plain();

	(void)state;
	assert_string_equal(shown(page, &node, template), "5 /ouroboros/nodes/5 atlas|atlas|atlas");
	node.host = "Mia's <laptop>";
	assert_string_equal(shown(page, &node, template),
		"5 /ouroboros/nodes/5 atlas|atlas|Mia&#39;s &lt;laptop&gt; differs");
	node.name = "";
	assert_string_equal(shown(page, &node, "{{label}}{{#host_differs}}!{{/host_differs}}"),
		"Mia&#39;s &lt;laptop&gt;");
	node.host = "";
	assert_string_equal(
		shown(page, &node, "{{label}}{{#host_differs}}!{{/host_differs}}"), "device 5");
	assert_string_equal(shown(page, &node, "{{fingerprint}} [{{back}}]{{unknown}}"), "5000 []");
	page->view.back = "routes";
	assert_string_equal(shown(page, &node, "{{back}}"), "routes");
	page_close(page);
}

/* A link must have something to be seen. */
static void test_web_view_node__labels(void **state)
{
	static const struct {
		const char *name;
		const char *host;
		const char *label;
	} cases[] = {
		{"", "laptop", "laptop"},
		{"", "", "device 5"},
		{"", " \t ", "device 5"},
		{"", "\xc2\xa0\xe2\x80\x8b", "device 5"},     /* no-break space, zero-width space */
		{"", "\xe3\x85\xa4", "device 5"},             /* Hangul filler */
		{"", "\xe2\x80\xae\xe2\x80\x8f", "device 5"}, /* marks of direction */
		{"",
			"\xe2\x80\x8b"
			"a",
			"\xe2\x80\x8b"
			"a"},
		{"", "büro", "büro"},
		{"", "\xff", "\xef\xbf\xbd"}, /* shown as a mark */
		{" ", "laptop", "laptop"},
		{"atlas", "", "atlas"},
	};
	struct page *page = page_open(0);
	ouro_node node = plain();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		node.name = cases[i].name;
		node.host = cases[i].host;
		assert_string_equal(shown(page, &node, "{{label}}"), cases[i].label);
	}
	page_close(page);
}

static void test_web_view_node__without_a_name(void **state)
{
	static const char template[] = "{{label}}{{#unnamed}} unnamed{{/unnamed}}"
				       "{{#stalls}} stalls{{/stalls}}"
				       "{{#has_badges}} badge{{/has_badges}}"
				       "{{#editable}} edit{{/editable}}";
	struct page *page = page_open(OURO_CAN_STALL_ON_EMPTY_NAME);
	ouro_node node = plain();

	(void)state;
	assert_string_equal(shown(page, &node, template), "atlas edit");
	node.name = "";
	assert_string_equal(shown(page, &node, template), "atlas unnamed stalls badge edit");
	node.mine = 0;
	assert_string_equal(shown(page, &node, template), "atlas unnamed stalls badge");
	page_close(page);
	page = page_open(0);
	assert_string_equal(shown(page, &node, template), "atlas unnamed badge");
	page_close(page);
}

/* Newer than known: one's own, and yet nothing to be changed. */
static void test_web_view_node__only_read(void **state)
{
	static const char template[] = "{{#mine}}mine{{/mine}}{{#editable}} edit{{/editable}}";
	struct page *page = page_open(OURO_CAN_ONLY_READ | OURO_CAN_USERS_BY_ID);
	ouro_node node = plain();

	(void)state;
	assert_string_equal(shown(page, &node, template), "mine");
	page_close(page);
	page = page_open(OURO_CAN_USERS_BY_ID);
	assert_string_equal(shown(page, &node, template), "mine edit");
	page_close(page);
}

static void test_web_view_node__owners(void **state)
{
	static const char template[] =
		"{{owner}}{{#mine}} mine{{/mine}}{{#editable}} edit{{/editable}}"
		"{{#tagged}} tagged{{/tagged}}{{#tags}} {{.}}{{/tags}}"
		"{{#addresses}} {{.}}{{/addresses}}";
	struct page *page = page_open(0);
	ouro_node node = plain();

	(void)state;
	assert_string_equal(shown(page, &node, template), "mia mine edit 100.64.0.1");
	node.mine = 0;
	node.tag = "tag:web";
	/* Tagged by its user: still the user's. */
	assert_string_equal(shown(page, &node, template), "mia tagged tag:web 100.64.0.1");
	node.user = 0; /* the name is a leftover */
	node.address = NULL;
	assert_string_equal(shown(page, &node, template), "nobody (tagged) tagged tag:web");
	node.tag = NULL; /* nor is it tagged: then the name is all that is known */
	assert_string_equal(shown(page, &node, template), "mia");
	node.owner = "";
	assert_string_equal(shown(page, &node, template), "nobody (tagged)");
	page_close(page);
}

static void test_web_view_node__states(void **state)
{
	static const char template[] =
		"{{#online}}on{{/online}}{{#offline}}off{{/offline}}"
		"{{#expired}}over{{/expired}}{{#has_badges}} badge{{/has_badges}}"
		"{{#ephemeral}} short{{/ephemeral}}";
	struct page *page = page_open(0);
	ouro_node node = plain();

	(void)state;
	node.state = OURO_NODE_ONLINE;
	assert_string_equal(shown(page, &node, template), "on");
	node.state = OURO_NODE_OFFLINE;
	node.ephemeral = 1;
	assert_string_equal(shown(page, &node, template), "off badge short");
	node.ephemeral = 0;
	node.state = OURO_NODE_EXPIRED;
	assert_string_equal(shown(page, &node, template), "over badge");
	node.state = OURO_NODE_ONLINE;
	node.tag = "tag:web";
	assert_string_equal(shown(page, &node, template), "on badge");
	page_close(page);
}

static void test_web_view_node__times(void **state)
{
	static const char template[] = "{{seen.words}}|{{expiry.words}}{{^expiry}}never{{/expiry}}"
				       "{{#expiry_soon}} soon{{/expiry_soon}}|{{created.iso}}";
	struct page *page = page_open(0);
	ouro_node node = plain();

	(void)state;
	assert_string_equal(shown(page, &node, template), "|never|");
	node.seen = now - 120;
	node.created = now;
	node.expiry = now + 7 * DAY;
	assert_string_equal(
		shown(page, &node, template), "2 minutes ago|in 7 days|2023-11-14T22:13:20Z");
	node.expiry = now + 7 * DAY - 1;
	assert_string_equal(
		shown(page, &node, "{{expiry.words}}{{#expiry_soon}} soon{{/expiry_soon}}"),
		"in 6 days soon");
	page_close(page);
}

static void test_web_view_node__joined(void **state)
{
	static const struct {
		int method;
		const char *words;
	} cases[] = {
		{OURO_REGISTER_UNKNOWN, "not known"},
		{OURO_REGISTER_AUTH_KEY, "with a pre-auth key"},
		{OURO_REGISTER_CLI, "by a link"},
		{OURO_REGISTER_OIDC, "through Headscale’s own sign-in"},
		{99, "not known"},
	};
	struct page *page = page_open(0);
	ouro_node node = plain();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		node.joined = cases[i].method;
		assert_string_equal(shown(page, &node, "{{joined}}{{^joined}}not known{{/joined}}"),
			cases[i].words);
	}
	page_close(page);
}

static void test_web_view_node__exit(void **state)
{
	static const char template[] =
		"{{#exit_none}}none{{/exit_none}}{{#exit_offered}}offered{{/exit_offered}}"
		"{{#exit_on}}on{{/exit_on}}{{#exit_idle}}idle{{/exit_idle}}"
		"{{#has_badges}} badge{{/has_badges}}";
	static const char *const words[] = {
		[OURO_EXIT_NONE] = "none",
		[OURO_EXIT_OFFERED] = "offered badge",
		[OURO_EXIT_ON] = "on badge",
		[OURO_EXIT_IDLE] = "idle badge",
	};
	struct page *page = page_open(0);
	ouro_node node = plain();

	(void)state;
	for (int exit = OURO_EXIT_NONE; exit <= OURO_EXIT_IDLE; exit++) {
		node.exit = exit;
		assert_string_equal(shown(page, &node, template), words[exit]);
	}
	page_close(page);
}

#define OFFERED OURO_ROUTE_ADVERTISED
#define APPROVED OURO_ROUTE_APPROVED
#define SERVING OURO_ROUTE_SERVING

static void test_web_view_node__route(void **state)
{
	static const char template[] =
		"{{#routes}}{{prefix}}: {{word}}."
		"{{#waiting}} W{{/waiting}}{{#can_approve}} A{{/can_approve}}"
		"{{#approved}} a{{/approved}}{{#can_withdraw}} w{{/can_withdraw}}"
		"{{#serving}} s{{/serving}}{{#can_forget}} f{{/can_forget}}{{other}} {{meaning}}{{/routes}}";
	static const struct {
		uint32_t flags;
		uint32_t capabilities;
		const char *words;
		int carries;
	} cases[] = {
		{OFFERED, OURO_CAN_FORGET_ROUTES,
			"waiting for approval. W A atlas offers 10.0.0.0/24. Nobody uses it until you approve it.",
			0},
		{OFFERED | APPROVED | SERVING, 0,
			"serving. a w s Traffic for 10.0.0.0/24 goes through atlas now.", 1},
		{OFFERED | APPROVED, 0,
			"approved, not serving. a w 10.0.0.0/24 is approved. Another device serves it now, or atlas is offline.",
			1},
		{APPROVED, 0,
			"approved, not offered now. a w atlas does not offer 10.0.0.0/24 now."
			" If it offers it again, it may serve it without asking.",
			0},
		{APPROVED | SERVING, OURO_CAN_FORGET_ROUTES,
			"approved, not offered now. a w s f atlas does not offer 10.0.0.0/24 now."
			" If it offers it again, it may serve it without asking.",
			1},
		{0, 0, "not offered any more. atlas no longer offers 10.0.0.0/24.", 0},
		{0, OURO_CAN_FORGET_ROUTES,
			"not offered any more. f atlas no longer offers 10.0.0.0/24.", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct page *page = page_open(cases[i].capabilities);
		ouro_node node = plain();
		const char *text;

		node.routes[0] = (struct ouro_route){"10.0.0.0/24", cases[i].flags};
		node.route_count = 1;
		text = shown(page, &node, template);
		assert_memory_equal(text, "10.0.0.0/24: ", 13);
		assert_string_equal(text + 13, cases[i].words);
		assert_string_equal(shown(page, &node,
					    "{{#has_routes}}r{{/has_routes}}"
					    "{{#has_badges}}b{{/has_badges}}"
					    "{{#carries}}c{{/carries}}"),
			cases[i].carries ? "rbc" : "rb");
		assert_int_equal(view_node_carries(&node), cases[i].carries);
		page_close(page);
	}
}

/* Exit prefixes are the switch's; what is left of one can be forgotten where the server can. */
static void test_web_view_node__exit_prefixes(void **state)
{
	static const char template[] =
		"{{#routes}}{{prefix}} {{/routes}}{{^has_routes}}-{{/has_routes}}";
	struct page *page = page_open(0);
	ouro_node node = plain();

	(void)state;
	node.routes[0] = (struct ouro_route){"0.0.0.0/0", OURO_ROUTE_EXIT | OFFERED};
	node.routes[1] = (struct ouro_route){"::/0", OURO_ROUTE_EXIT};
	node.route_count = 2;
	assert_string_equal(shown(page, &node, template), "-");
	node.routes[2] = (struct ouro_route){"10.0.0.0/24", OFFERED};
	node.routes[3] = (struct ouro_route){"10.0.1.0/24", APPROVED};
	node.route_count = 4;
	assert_string_equal(shown(page, &node, template), "10.0.0.0/24 10.0.1.0/24 ");
	page_close(page);
	page = page_open(OURO_CAN_FORGET_ROUTES);
	assert_string_equal(shown(page, &node, template), "::/0 10.0.0.0/24 10.0.1.0/24 ");
	node.routes[1].flags |= APPROVED;
	assert_string_equal(shown(page, &node, template), "10.0.0.0/24 10.0.1.0/24 ");
	page_close(page);
}

/* Inside of a node "may" is about that very node; adding devices is about none. */
static void test_web_view_node__kept(void **state)
{
	static const char template[] =
		"{{#mine}}mine{{/mine}} {{#kept}}kept{{/kept}} {{#may.expire}}x{{/may.expire}}"
		"{{#may.delete}}d{{/may.delete}}{{#may.rename}}n{{/may.rename}}"
		"{{#may.extend}}e{{/may.extend}}{{#may.register}}r{{/may.register}}"
		"{{#may.unknown}}?{{/may.unknown}}";
	struct page *page = page_open(0);
	ouro_node node = plain();

	(void)state;
	node.mine = 1;
	/* Nobody is signed in */
	assert_string_equal(shown(page, &node, template), "mine  ");
	page->call.person = (ouro_person *)(uintptr_t)&now;
	assert_string_equal(shown(page, &node, template), "mine  xdnr");
	node.kept = 1;
	assert_string_equal(shown(page, &node, template), "mine kept xr");
	node.mine = 0;
	node.kept = 0;
	assert_string_equal(shown(page, &node, template), "  r");
	page_close(page);
}

static void test_web_view_node__list(void **state)
{
	ouro_node one = plain();
	ouro_node two = plain();
	ouro_node_list list = {{&one, &two}};
	struct page *page = page_open(0);
	struct web_value value = {0};

	(void)state;
	two.id = 6;
	two.name = "borealis";
	assert_int_equal(view_nodes_value(&value, &page->view), 1);
	assert_string_equal(view_render("{{#.}}x{{/.}}{{^.}}nothing{{/.}}", &value), "nothing");
	page->view.list = &list;
	assert_string_equal(
		view_render("{{#.}}{{id}}={{label}} {{/.}}", &value), "5=atlas 6=borealis ");
	web_arena_done(&page->arena);
	web_arena_init(&page->arena, 8); /* no room for a view of a node */
	assert_int_equal(view_node_value(&value, &page->view, &one), 0);
	page_close(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_web_view_node__names),
		cmocka_unit_test(test_web_view_node__labels),
		cmocka_unit_test(test_web_view_node__without_a_name),
		cmocka_unit_test(test_web_view_node__only_read),
		cmocka_unit_test(test_web_view_node__owners),
		cmocka_unit_test(test_web_view_node__states),
		cmocka_unit_test(test_web_view_node__times),
		cmocka_unit_test(test_web_view_node__joined),
		cmocka_unit_test(test_web_view_node__exit),
		cmocka_unit_test(test_web_view_node__route),
		cmocka_unit_test(test_web_view_node__exit_prefixes),
		cmocka_unit_test(test_web_view_node__kept),
		cmocka_unit_test(test_web_view_node__list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
