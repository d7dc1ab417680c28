/* Recognising generations by the pages that they show over HTTP, and what else may be there. */
#include "check.h"

#include <stdio.h>

#include "base/sys.h"
#include "fake_pages.h"
#include "fake_surfaces.h"
#include "headscale/detect.h"

static int64_t soon(void)
{
	return ouro__clock_ms() + 1000;
}

static const ouro__generation *of(ouro__band band)
{
	return ouro__generation_of(band);
}

struct asked {
	ouro_status rc;
	struct ouro__found found;
	ouro_error error;
	char paths[512];
};

static struct asked ask_again(const struct fake_page *pages, const struct ouro__found *last,
	const ouro__generation *assumed)
{
	struct fake_pages *fake = fake_pages_new(pages, fake_channel_new("", NULL, NULL));
	struct asked asked = {.error = OURO_ERROR_INIT};

	asked.rc = ouro__headscale_detect(
		&fake->base, last, assumed, soon(), &asked.found, &asked.error);
	assert_int_equal(asked.rc, asked.error.status);
	assert_int_equal(fake->calls->calls, 0);
	(void)fake_pages_asked(fake, asked.paths);
	ouro__channel_free(&fake->base);
	return asked;
}

static struct asked ask(const struct fake_page *pages)
{
	return ask_again(pages, NULL, NULL);
}

static void test_headscale_detect_http__every_generation_by_its_pages(void **state)
{
	(void)state;
	for (ouro__band band = OURO__BAND_B; band <= (ouro__band)OURO__BAND_I; band++) {
		int with_key = band == OURO__BAND_C || band == OURO__BAND_D;
		struct asked first = ask(fake_pages_of(band));
		struct asked then;

		assert_int_equal(first.rc, OURO_OK);
		assert_ptr_equal(first.found.generation, of(band));
		assert_int_equal(first.found.epoch, 1);
		assert_string_equal(first.found.version, band >= OURO__BAND_F0 ? "dev" : "");
		/* The page that decided is asked for first the next time, and is enough. */
		then = ask_again(fake_pages_of(band), &first.found, NULL);
		assert_ptr_equal(then.found.generation, of(band));
		assert_string_equal(then.paths,
			band == OURO__BAND_I ? "/api/v1/openapi.json "
				: with_key   ? "/swagger/v1/openapiv2.json /key "
					     : "/swagger/v1/openapiv2.json ");
	}
}

static void test_headscale_detect_http__releases_say_so(void **state)
{
	static const struct {
		ouro__band band;
		const char *version;
		const char *paths;
	} rows[] = {
		{OURO__BAND_F0, "v0.27.0", "/version "},
		{OURO__BAND_F1, "v0.27.1", "/version "},
		{OURO__BAND_G, "0.28.0", "/version "},
		{OURO__BAND_H, "v0.29.2", "/version "},
		/* The newest one is held against its description once. */
		{OURO__BAND_I, "v0.30.0",
			"/version /swagger/v1/openapiv2.json /api/v1/openapi.json "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fake_page pages[8];
		struct asked asked;
		char body[128];

		(void)snprintf(body, sizeof(body), "{\"version\":\"%s\",\"dirty\":false}",
			rows[i].version);
		(void)fake_pages_versioned(rows[i].band, body, pages);
		asked = ask(pages);
		assert_int_equal(asked.rc, OURO_OK);
		assert_ptr_equal(asked.found.generation, of(rows[i].band));
		assert_string_equal(asked.found.version, rows[i].version);
		assert_string_equal(asked.paths, rows[i].paths);
		asked = ask_again(pages, &asked.found, NULL);
		assert_ptr_equal(asked.found.generation, of(rows[i].band));
		assert_string_equal(asked.paths, "/version ");
	}
}

/* An Ouroboros server says what it speaks: one round trip, and no description is held against it. */
static void test_headscale_detect_http__ouroboros_in_one_look(void **state)
{
	static const char *const versions[] = {
		"{\"version\":\"v0.30.0\",\"ouroboros\":\"0.1.0\"}",
		"{\"ouroboros\":\"9.0.0\",\"version\":\"v0.29.0\"}",
		"{\"version\":\"v0.31.0\",\"ouroboros\":\"0.2.0\"}",
		"{\"version\":\"v0.30.0\",\"ouroboros\":7}",
	};
	const ouro__generation *const spoken[] = {
		of(OURO__BAND_I), of(OURO__BAND_H), ouro__generation_newer(), of(OURO__BAND_I)};
	struct fake_page pages[8];

	(void)state;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		struct asked asked = ask(fake_pages_versioned(OURO__BAND_I, versions[i], pages));

		assert_int_equal(asked.rc, OURO_OK);
		assert_ptr_equal(asked.found.generation, spoken[i]);
		/* It keeps no connections, and is the same on all of them. */
		assert_int_equal(asked.found.ouroboros, i < 3);
		assert_int_equal(asked.found.epoch, i < 3 ? 0 : 1);
		if (i < 3)
			assert_string_equal(asked.paths, "/version ");
		else
			assert_text_has(asked.paths, "openapi.json");
	}
}

static void test_headscale_detect_http__odd_versions_are_looked_at(void **state)
{
	static const char *const versions[] = {"{\"version\":\"dev\"}",
		"{\"version\":\"v0.28.0-beta.1\",\"dirty\":false}",
		"{\"version\":\"v0.29.1\",\"dirty\":true}",
		"{\"version\":\"v0.0.0-20260721-abcdef+dirty\",\"dirty\":true}",
		"{\"version\":\"\"}", "{\"version\":7}", "{}", "\"0.28.0\"", "nonsense"};
	struct fake_page pages[8];

	(void)state;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		struct asked asked = ask(fake_pages_versioned(OURO__BAND_G, versions[i], pages));

		assert_int_equal(asked.rc, OURO_OK);
		assert_ptr_equal(asked.found.generation, of(OURO__BAND_G));
		assert_string_equal(asked.paths, "/version /swagger/v1/openapiv2.json ");
	}
	assert_string_equal(
		ask(fake_pages_versioned(OURO__BAND_G, versions[2], pages)).found.version,
		"v0.29.1+dirty");
	assert_string_equal(
		ask(fake_pages_versioned(OURO__BAND_G, versions[3], pages)).found.version,
		"v0.0.0-20260721-abcdef+dirty");
}

/* 0.30 says the same number in two ways: as known, and with more or less than is known of it. */
static const struct fake_page *newer_pages(struct fake_page pages[8], char *surface, size_t room)
{
	(void)snprintf(surface, room,
		"{\"openapi\":\"3.1.0\",\"paths\":{\"/api/v1/new\":{\"get\":{}},%s",
		strstr(fake_surface_i, "\"paths\":{") + strlen("\"paths\":{"));
	pages[0] = (struct fake_page){"/version", 200, "{\"version\":\"dev\"}"};
	pages[1] = (struct fake_page){"/api/v1/openapi.json", 200, surface};
	pages[2] = (struct fake_page){NULL, 404, ""};
	return pages;
}

static void test_headscale_detect_http__newer_servers_are_only_read(void **state)
{
	static const char *const versions[] = {
		"{\"version\":\"v0.31.0\"}", "{\"version\":\"1.2.3\"}"};
	struct fake_page pages[8];
	char surface[8192];
	struct asked asked;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		(void)fake_pages_versioned(OURO__BAND_I, versions[i], pages);
		asked = ask(pages);
		assert_int_equal(asked.rc, OURO_OK);
		assert_ptr_equal(asked.found.generation, ouro__generation_newer());
		assert_string_equal(asked.paths, "/version ");
		asked = ask_again(pages, &asked.found, NULL);
		assert_string_equal(asked.paths, "/version ");
		/* … until the settings say what it is like. */
		asked = ask_again(pages, NULL, of(OURO__BAND_I));
		assert_ptr_equal(asked.found.generation, of(OURO__BAND_I));
	}
	asked = ask(newer_pages(pages, surface, sizeof(surface)));
	assert_ptr_equal(asked.found.generation, ouro__generation_newer());
	asked = ask_again(pages, NULL, of(OURO__BAND_I));
	assert_ptr_equal(asked.found.generation, of(OURO__BAND_I));
	/* A release of the known number that can do something else. */
	pages[0].body = "{\"version\":\"v0.30.1\"}";
	asked = ask(pages);
	assert_ptr_equal(asked.found.generation, ouro__generation_newer());
	assert_string_equal(asked.found.version, "v0.30.1");
	/* And one that keeps its description back. */
	pages[1] = (struct fake_page){NULL, 404, ""};
	assert_ptr_equal(ask(pages).found.generation, of(OURO__BAND_I));
}

static void test_headscale_detect_http__older_servers_are_named(void **state)
{
	static const struct fake_page said[] = {
		{"/version", 200, "{\"version\":\"v0.22.3\"}"}, {NULL, 404, ""}};
	static const struct fake_page shown[] = {
		{"/swagger/v1/openapiv2.json", 200,
			"{\"swagger\":\"2.0\",\"paths\":{\"/api/v1/machine\":{\"get\":{}}}}"},
		{NULL, 404, ""}};
	struct asked asked = ask(said);

	(void)state;
	assert_int_equal(asked.rc, OURO_ERR_UNSUPPORTED);
	assert_text_has(asked.error.text, "v0.22.3");
	asked = ask(shown);
	assert_int_equal(asked.rc, OURO_ERR_UNSUPPORTED);
	assert_text_has(asked.error.text, "0.22 or older");
}

static void test_headscale_detect_http__descriptions_of_nobody(void **state)
{
	static const struct fake_page less[] = {{"/version", 200, "{\"version\":\"dev\"}"},
		{"/swagger/v1/openapiv2.json", 200,
			"{\"swagger\":\"2.0\",\"paths\":{\"/api/v1/node\":{\"get\":{}}}}"},
		{NULL, 404, ""}};
	struct asked asked = ask(less);

	(void)state;
	assert_int_equal(asked.rc, OURO_ERR_UNSUPPORTED);
	assert_text_has(asked.error.text, "hs_assume");
	assert_text_has(asked.error.text, "\"dev\"");
	asked = ask_again(less, NULL, of(OURO__BAND_H));
	assert_int_equal(asked.rc, OURO_OK);
	assert_ptr_equal(asked.found.generation, of(OURO__BAND_H));
	/* Without /version. */
	asked = ask(less + 1);
	assert_int_equal(asked.rc, OURO_ERR_UNSUPPORTED);
}

static void test_headscale_detect_http__a_proxy_that_keeps_pages_back(void **state)
{
	static const struct fake_page locked[] = {
		{"/api/v1/openapi.json", 401, "Unauthorized"}, {NULL, 404, "nginx"}};
	static const struct fake_page login[] = {
		{"/api/v1/openapi.json", 401, "<html>401 Unauthorized</html>"},
		{NULL, 404, "nginx"}};
	static const struct fake_page numbered[] = {
		{"/version", 200,
			"{\"version\":\"v0.0.0-20260101000000-abcdef012345\",\"dirty\":true}"},
		{"/api/v1/openapi.json", 401, "Unauthorized"}, {NULL, 404, "nginx"}};
	struct asked asked = ask(locked);

	(void)state;
	assert_int_equal(asked.rc, OURO_ERR_UNSUPPORTED);
	assert_text_has(asked.error.text, "keeps /version and /swagger/ back");
	assert_text_has(asked.error.text, "/version");
	assert_text_has(asked.error.text, "hs_assume");
	asked = ask_again(locked, NULL, of(OURO__BAND_F1));
	assert_ptr_equal(asked.found.generation, of(OURO__BAND_F1));
	/* A build of one's own, of which only the number is let through: that tells nothing. */
	asked = ask(numbered);
	assert_int_equal(asked.rc, OURO_ERR_UNSUPPORTED);
	assert_text_has(asked.error.text,
		"its /version says \"v0.0.0-20260101000000-abcdef012345+dirty\", which names no release");
	assert_text_has(asked.error.text, "hs_assume");
	asked = ask_again(numbered, NULL, of(OURO__BAND_F1));
	assert_ptr_equal(asked.found.generation, of(OURO__BAND_F1));
	/* Something else that wants a sign-in is not taken for Headscale. */
	assert_int_equal(ask(login).rc, OURO_ERR_PROTOCOL);
	assert_int_equal(ask_again(login, NULL, of(OURO__BAND_F1)).rc, OURO_ERR_PROTOCOL);
}

static void test_headscale_detect_http__what_else_answers(void **state)
{
	static const struct {
		int status;
		const char *body;
		ouro_status rc;
		const char *text;
		const char *number;
	} rows[] = {
		{200, "<html>Welcome to nginx!</html>", OURO_ERR_PROTOCOL, "not Headscale's",
			"200"},
		{200, "{\"status\":\"ok\"}", OURO_ERR_PROTOCOL, "not Headscale's", "200"},
		{404, "<html>404</html>", OURO_ERR_PROTOCOL, "a web server answers", "404"},
		{301, "", OURO_ERR_PROTOCOL, "redirects", "301"},
		{302, "", OURO_ERR_PROTOCOL, "login portal", "302"},
		{401, "", OURO_ERR_PROTOCOL, "sign-in of its own", "401"},
		{403, "no", OURO_ERR_PROTOCOL, "sign-in of its own", "403"},
		{407, "", OURO_ERR_PROTOCOL, "sign-in of its own", "407"},
		{400, "Client sent an HTTP request to an HTTPS server.\n", OURO_ERR_PROTOCOL,
			"hs_plaintext", "400"},
		{400, "<html>The plain HTTP request was sent to HTTPS port</html>",
			OURO_ERR_PROTOCOL, "hs_plaintext", "400"},
		{400, "bad", OURO_ERR_PROTOCOL, "a web server answers", "400"},
		{429, "", OURO_ERR_UNREACHABLE, "too many", "429"},
		{500, "", OURO_ERR_PROTOCOL, "fails", "500"},
		{502, "", OURO_ERR_UNREACHABLE, "is down", "502"},
		{503, "", OURO_ERR_UNREACHABLE, "is down", "503"},
		{504, "", OURO_ERR_UNREACHABLE, "is down", "504"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fake_page pages[] = {{NULL, rows[i].status, rows[i].body}};
		struct asked asked = ask(pages);

		assert_int_equal(asked.rc, rows[i].rc);
		assert_int_equal(asked.error.http_status, rows[i].status);
		assert_text_has(asked.error.text, rows[i].text);
		assert_text_has(asked.error.text, rows[i].number);
		assert_int_equal(asked.error.flags,
			rows[i].rc == OURO_ERR_UNREACHABLE ? OURO_ERROR_RETRYABLE : 0);
		/* An assumption is about Headscale, not about others. */
		assert_int_equal(ask_again(pages, NULL, of(OURO__BAND_I)).rc, rows[i].rc);
	}
}

static void test_headscale_detect_http__pages_that_cannot_be_had(void **state)
{
	struct fake_page pages[] = {{"/version", OURO_ERR_TIMEOUT, "no answer in time"},
		{NULL, OURO_ERR_PROTOCOL, "not HTTP/1.1"}};
	struct fake_page key[] = {{"/swagger/v1/openapiv2.json", 200, fake_surface_c},
		{"/key", OURO_ERR_LIMIT, "too large"}, {NULL, 404, ""}};
	struct fake_page large[] = {{NULL, OURO_ERR_LIMIT, "too large"}};
	struct fake_page odd_key[] = {{"/swagger/v1/openapiv2.json", 200, fake_surface_c},
		{"/key", 400, "what?"}, {NULL, 404, ""}};

	(void)state;
	assert_int_equal(ask(pages).rc, OURO_ERR_TIMEOUT);
	assert_int_equal(ask(pages + 1).rc, OURO_ERR_PROTOCOL);
	/* 0.24 where it cannot be told from 0.25. */
	assert_ptr_equal(ask(key).found.generation, of(OURO__BAND_C));
	assert_ptr_equal(ask(odd_key).found.generation, of(OURO__BAND_C));
	key[1].status = OURO_ERR_UNREACHABLE;
	assert_int_equal(ask(key).rc, OURO_ERR_UNREACHABLE);
	assert_int_equal(ask(large).rc, OURO_ERR_PROTOCOL);
	assert_text_has(ask(large).error.text, "not Headscale's");
}

/* A page from one server and a page from its successor make no generation. */
static void test_headscale_detect_http__one_connection_or_again(void **state)
{
	struct fake_pages *fake =
		fake_pages_new(fake_pages_of(OURO__BAND_H), fake_channel_new("", NULL, NULL));
	struct ouro__found found = {0};
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	fake->change_epoch = 1;
	assert_int_equal(
		ouro__headscale_detect(&fake->base, NULL, NULL, soon(), &found, &error), OURO_OK);
	assert_int_equal(fake->gets, 4);
	assert_int_equal(found.epoch, 2);
	fake->change_epoch = 1000;
	assert_int_equal(ouro__headscale_detect(&fake->base, NULL, NULL, soon(), &found, &error),
		OURO_ERR_UNREACHABLE);
	assert_int_equal(error.flags, OURO_ERROR_RETRYABLE);
	assert_int_equal(ouro__headscale_detect(&fake->base, NULL, NULL, soon(), &found, NULL),
		OURO_ERR_UNREACHABLE);
	ouro__channel_free(&fake->base);
}

/* The page that decided last time is gone: the server is another one now. */
static void test_headscale_detect_http__a_successor_is_found_out(void **state)
{
	struct asked before = ask(fake_pages_of(OURO__BAND_H));
	struct asked after = ask_again(fake_pages_of(OURO__BAND_I), &before.found, NULL);

	(void)state;
	assert_ptr_equal(after.found.generation, of(OURO__BAND_I));
	after = ask_again(fake_pages_of(OURO__BAND_B), &after.found, NULL);
	assert_ptr_equal(after.found.generation, of(OURO__BAND_B));
	after = ask_again(fake_pages_of(OURO__BAND_E), &after.found, NULL);
	assert_ptr_equal(after.found.generation, of(OURO__BAND_E));
	assert_string_equal(after.paths, "/swagger/v1/openapiv2.json ");
}

static const ouro__generation *refined(ouro__band over_grpc, const struct fake_page *pages)
{
	struct fake_pages *fake = fake_pages_new(pages, fake_channel_new("", NULL, NULL));
	struct ouro__found found = {.generation = of(over_grpc), .epoch = 5};

	ouro__headscale_refine(&fake->base, soon(), &found);
	assert_int_equal(found.epoch, 5);
	ouro__channel_free(&fake->base);
	return found.generation;
}

static void test_headscale_detect_http__http_tells_twins_apart(void **state)
{
	static const struct fake_page nothing[] = {{NULL, 502, ""}};

	(void)state;
	assert_ptr_equal(refined(OURO__BAND_C, fake_pages_of(OURO__BAND_D)), of(OURO__BAND_D));
	assert_ptr_equal(refined(OURO__BAND_C, fake_pages_of(OURO__BAND_C)), of(OURO__BAND_C));
	assert_ptr_equal(refined(OURO__BAND_F0, fake_pages_of(OURO__BAND_F1)), of(OURO__BAND_F1));
	/* Something else is there: it says nothing about this one. */
	assert_ptr_equal(refined(OURO__BAND_F0, fake_pages_of(OURO__BAND_H)), of(OURO__BAND_F0));
	assert_ptr_equal(refined(OURO__BAND_C, fake_pages_of(OURO__BAND_F1)), of(OURO__BAND_C));
	assert_ptr_equal(refined(OURO__BAND_C, nothing), of(OURO__BAND_C));
}

int main(void)
{
#define CASE(name) cmocka_unit_test(test_headscale_detect_http__##name)
	const struct CMUnitTest tests[] = {
		CASE(every_generation_by_its_pages),
		CASE(releases_say_so),
		CASE(ouroboros_in_one_look),
		CASE(odd_versions_are_looked_at),
		CASE(newer_servers_are_only_read),
		CASE(older_servers_are_named),
		CASE(descriptions_of_nobody),
		CASE(a_proxy_that_keeps_pages_back),
		CASE(what_else_answers),
		CASE(pages_that_cannot_be_had),
		CASE(one_connection_or_again),
		CASE(a_successor_is_found_out),
		CASE(http_tells_twins_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
