/* What reading a list of nodes costs: read_cost RECORDING, run by bench.py, which shows the rows and holds them against their bounds.
 * CPU time of this thread. All readers take turns, with lists of all lengths, so that whatever else the machine does meets all of
 * them. A row on stdout: name, value, unit, bound (or nothing) and note, separated by tabs; "#": a heading. */
#include <jansson.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "headscale/generation.h"
#include "lists.h"
#include "others.h"
#include "rpc/json.h"
#include "rpc/wire.h"

/* CPU seconds that each reader spends with each list in a round, if one read does not take longer. */
#define TURN 0.01
/* Where one read takes longer, it has a turn in every so many rounds only. */
#define SLOW 4u
#define ROUNDS_MIN 17u
#define TURNS_MAX 81u
/* Enough when the medians of the early and the late turns are this close. */
#define CLOSE 0.02
/* Seconds after which no more rounds are begun. */
#define PATIENCE 14
#define ARENA_BYTES_MAX ((size_t)256 << 20)
/* In the snapshots whose memory is looked at. */
#define SNAPSHOT_NODES 10000u

static const size_t sizes[] = {10, 100, 1000, 10000};

enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

static ouro__buf users = OURO__BUF_INIT(65536);

/* ---- readers ---- */

static struct ouro__hs_nodes *decode(const struct list *list, int json, ouro__arena *arena)
{
	ouro_error error = OURO_ERROR_INIT;
	void *nodes = NULL;
	ouro_status rc = json
		? ouro__json_decode(&ouro__hs_nodes, OURO__BAND_H, ouro__buf_str(&list->json),
			  list->json.size, arena, &nodes, &error)
		: ouro__wire_decode(&ouro__hs_nodes, OURO__BAND_H, list->protobuf.data,
			  list->protobuf.size, arena, &nodes, &error);

	if (rc < 0)
		give_up(error.text);
	return nodes;
}

static ouro__arena *arena_new(void)
{
	ouro__arena *arena = ouro__arena_new(ARENA_BYTES_MAX);

	if (!arena)
		give_up("out of memory");
	return arena;
}

static void read_wire(const struct list *list)
{
	ouro__arena *arena = arena_new();

	(void)decode(list, 0, arena);
	ouro__arena_free(arena);
}

static void read_json(const struct list *list)
{
	ouro__arena *arena = arena_new();

	(void)decode(list, 1, arena);
	ouro__arena_free(arena);
}

/* The flags are those of rpc/json_text.c. */
static json_t *jansson(const struct list *list)
{
	json_t *json = json_loadb(ouro__buf_str(&list->json), list->json.size,
		JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);

	if (!json)
		give_up("jansson cannot read the list");
	return json;
}

static void read_jansson(const struct list *list)
{
	json_decref(jansson(list));
}

/* From the bytes to what the pages are made from. */
static ouro__snapshot *snapshot_of(const struct list *list, int json)
{
	ouro__snapshot *snapshot = ouro__snapshot_new(ARENA_BYTES_MAX);
	ouro_error error = OURO_ERROR_INIT;
	void *all_users = NULL;

	if (!snapshot)
		give_up("out of memory");
	if (ouro__wire_decode(&ouro__hs_users, OURO__BAND_H, users.data, users.size,
		    snapshot->arena, &all_users, &error) < 0 ||
		ouro__headscale_snapshot(snapshot, ouro__generation_of(OURO__BAND_H),
			decode(list, json, snapshot->arena), all_users, NULL, &error) < 0)
		give_up(error.text);
	return snapshot;
}

/* As tailnet/ does it: what is shown is released when the new one stands. */
static void read_snapshot(const struct list *list)
{
	static ouro__snapshot *shown;
	ouro__snapshot *snapshot = list ? snapshot_of(list, 0) : NULL;

	ouro__snapshot_unref(shown);
	shown = snapshot;
}

enum { WIRE, PROTOBUF_C, JSON, JANSSON, SNAPSHOT, READERS };

static void (*const readers[READERS])(const struct list *list) = {
	read_wire,
	others_protobuf_c,
	read_json,
	read_jansson,
	read_snapshot,
};

/* ---- agreement ---- */

static void look_texts(struct seen *seen, const struct ouro__texts *texts)
{
	seen_number(seen, texts->count);
	for (size_t i = 0; i < texts->count; i++)
		seen_text(seen, texts->items[i]);
}

static void look(const struct list *list, int json, struct seen *seen)
{
	ouro__arena *arena = arena_new();
	const struct ouro__hs_nodes *nodes = decode(list, json, arena);

	seen->nodes = nodes->nodes.count;
	for (size_t i = 0; i < nodes->nodes.count; i++) {
		const struct ouro__hs_node *node = nodes->nodes.items[i];

		seen_number(seen, node->id);
		seen_number(seen, node->user ? node->user->id : 0);
		seen_number(
			seen, node->last_seen == OURO_TIME_NEVER ? 0 : (uint64_t)node->last_seen);
		seen_number(seen, (uint64_t)node->created);
		seen_number(seen, node->online ? 1 : 0);
		seen_number(seen, node->pre_auth_key && node->pre_auth_key->ephemeral ? 1 : 0);
		seen_text(seen, node->user ? node->user->name : "");
		seen_text(seen, node->name);
		seen_text(seen, node->given_name);
		look_texts(seen, &node->addresses);
		look_texts(seen, &node->approved_routes);
		look_texts(seen, &node->available_routes);
		look_texts(seen, &node->subnet_routes);
		look_texts(seen, &node->tags);
	}
	ouro__arena_free(arena);
}

static void same(const struct list *list, const struct seen *seen, const struct seen *other)
{
	if (seen->nodes != list->count || other->nodes != list->count)
		give_up("a reader missed nodes");
	if (seen->texts != other->texts || seen->hash != other->hash)
		give_up("two readers of the same list do not agree");
}

static void agree(const struct list *list)
{
	struct seen wire = SEEN_INIT;
	struct seen json = SEEN_INIT;
	struct seen other = SEEN_INIT;
	ouro__snapshot *snapshot = snapshot_of(list, 0);
	ouro__snapshot *snapshot_json = snapshot_of(list, 1);
	json_t *parsed = jansson(list);

	look(list, 0, &wire);
	look(list, 1, &json);
	same(list, &wire, &json);
	if (others_have_protobuf_c()) {
		others_protobuf_c_look(list, &other);
		same(list, &wire, &other);
	}
	if (json_array_size(json_object_get(parsed, "nodes")) != list->count)
		give_up("jansson missed nodes");
	if (snapshot->node_count != list->count || snapshot->user_count != LISTS_USERS ||
		snapshot->hash != snapshot_json->hash)
		give_up("the snapshots do not agree");
	json_decref(parsed);
	ouro__snapshot_unref(snapshot);
	ouro__snapshot_unref(snapshot_json);
}

/* ---- time ---- */

/* Nanoseconds a node, turn by turn. */
struct turns {
	double taken[TURNS_MAX];
	size_t count;
	size_t reads; /* in each turn */
	int slow;     /* one read is longer than a turn */
};

static struct turns turns[READERS][SIZES];

static double cpu_seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a;
	double right = *(const double *)b;

	return (left > right) - (left < right);
}

static double median(const double *values, size_t count)
{
	double sorted[TURNS_MAX];

	memcpy(sorted, values, count * sizeof(*values));
	qsort(sorted, count, sizeof(*sorted), compare);
	return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

static double median_turn(size_t reader, size_t size)
{
	return median(turns[reader][size].taken, turns[reader][size].count);
}

static int has(size_t reader)
{
	return reader != PROTOBUF_C || others_have_protobuf_c();
}

/* To warm up and to find out how often to read in a turn. */
static void find_reads(size_t reader, const struct list *list, struct turns *ret_turns)
{
	const double began = cpu_seconds();
	size_t reads = 0;

	do {
		readers[reader](list);
		reads++;
	} while (cpu_seconds() - began < TURN);
	ret_turns->reads = reads;
	ret_turns->slow = reads == 1;
}

static void take_turn(size_t reader, const struct list *list, struct turns *to)
{
	const double began = cpu_seconds();

	for (size_t i = 0; i < to->reads; i++)
		readers[reader](list);
	to->taken[to->count++] = (cpu_seconds() - began) * 1e9 / (double)(to->reads * list->count);
}

static void do_round(const struct list lists[SIZES], size_t round)
{
	for (size_t s = 0; s < SIZES; s++)
		for (size_t r = 0; r < READERS; r++)
			if (has(r) && (round % SLOW == 0 || !turns[r][s].slow))
				take_turn(r, &lists[s], &turns[r][s]);
	read_snapshot(NULL);
}

static int settled(void)
{
	for (size_t r = 0; r < READERS; r++)
		for (size_t s = 0; s < SIZES && has(r); s++) {
			const double *taken = turns[r][s].taken;
			const size_t half = turns[r][s].count / 2;
			double early = median(taken, half);
			double late = median(taken + half, turns[r][s].count - half);

			if (early > late * (1 + CLOSE) || late > early * (1 + CLOSE))
				return 0;
		}
	return 1;
}

static size_t do_rounds(const struct list lists[SIZES])
{
	const time_t begun = time(NULL);
	size_t rounds = 0;

	for (size_t s = 0; s < SIZES; s++)
		for (size_t r = 0; r < READERS; r++)
			if (has(r))
				find_reads(r, &lists[s], &turns[r][s]);
	while (rounds < TURNS_MAX && (rounds < ROUNDS_MIN || !settled()) &&
		(rounds < 3 || time(NULL) - begun < PATIENCE))
		do_round(lists, rounds++);
	return rounds;
}

/* ---- rows ---- */

static void print_row(
	const char *name, double value, const char *unit, const char *bound, const char *note)
{
	printf("%s\t%.9g\t%s\t%s\t%s\n", name, value, unit, bound, note);
}

/* The median of the ratios turn by turn: the two had their turns next to each other. */
static void print_pair(
	const char *what, size_t ours, size_t theirs, const char *other, const char *bound)
{
	double ratios[TURNS_MAX];
	char name[80];
	char note[120];

	for (size_t s = 0; s < SIZES; s++) {
		const struct turns *mine = &turns[ours][s];
		const struct turns *its = &turns[theirs][s];
		size_t count = mine->count < its->count ? mine->count : its->count;

		for (size_t i = 0; i < count; i++)
			ratios[i] = mine->taken[i] / its->taken[i];
		(void)snprintf(name, sizeof(name), "%s, %zu nodes: of %s", what, sizes[s], other);
		(void)snprintf(note, sizeof(note), "%.0f and %.0f ns a node", median_turn(ours, s),
			median_turn(theirs, s));
		print_row(name, median(ratios, count), "", bound, note);
	}
}

/* The dearest node of all lists by the cheapest. */
static void print_linear(const char *what, size_t reader)
{
	char name[80];
	char note[120];
	double least = median_turn(reader, 0);
	double most = least;
	size_t at = 0;

	for (size_t s = 0; s < SIZES; s++) {
		double value = median_turn(reader, s);

		least = value < least ? value : least;
		most = value > most ? value : most;
		at += (size_t)snprintf(
			note + at, sizeof(note) - at, "%s%.0f", s ? ", " : "", value);
	}
	(void)snprintf(note + at, sizeof(note) - at, " ns");
	(void)snprintf(name, sizeof(name), "%s: a node, dearest by cheapest", what);
	print_row(name, most / least, "", "1.5", note);
}

static size_t allocated(void)
{
	const struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* What a snapshot holds on to while it is shown, with all that malloc() gave for it. Of short lists many are made: malloc() counts
 * what it keeps for soon, and some of it would be used. */
static void print_memory(const char *what, const struct list *list, int json)
{
	const size_t count = SNAPSHOT_NODES / list->count;
	const double nodes = SNAPSHOT_NODES;
	const size_t before = allocated();
	ouro__snapshot *snapshots[SNAPSHOT_NODES / 10];
	size_t held;
	char name[80];
	char note[120];

	for (size_t i = 0; i < count; i++)
		snapshots[i] = snapshot_of(list, json);
	held = allocated() - before;
	(void)snprintf(
		name, sizeof(name), "%s, %zu nodes: memory a node when done", what, list->count);
	(void)snprintf(note, sizeof(note), "%.0f of it used; %.0f on the wire",
		(double)ouro__arena_used(snapshots[0]->arena) / (double)list->count,
		(double)(json ? list->json.size : list->protobuf.size) / (double)list->count);
	print_row(name, (double)held / nodes, "bytes", "700", note);
	for (size_t i = 0; i < count; i++)
		ouro__snapshot_unref(snapshots[i]);
}

static void print_all(const struct list lists[SIZES], size_t rounds)
{
	printf("# Reading a list of nodes, CPU time, release of its memory included, %zu rounds\n",
		rounds);
	if (others_have_protobuf_c())
		print_pair("protobuf", WIRE, PROTOBUF_C, "protobuf-c's", "0.3334");
	else
		printf("# protobuf-c is not installed: nothing to hold protobuf against\n");
	print_pair("JSON", JSON, JANSSON, "jansson's alone", "1.3");
	print_linear("protobuf", WIRE);
	print_linear("JSON", JSON);
	print_linear("protobuf to snapshot", SNAPSHOT);
	for (size_t s = 0; s < SIZES; s++)
		print_memory("protobuf to snapshot", &lists[s], 0);
	for (size_t s = 0; s < SIZES; s++)
		print_memory("JSON to snapshot", &lists[s], 1);
}

/* ---- */

static void make_users(void)
{
	struct ouro__hs_user user[LISTS_USERS];
	char names[LISTS_USERS][16];
	void *items[LISTS_USERS];
	const struct ouro__hs_users all = {{items, LISTS_USERS}};

	for (size_t i = 0; i < LISTS_USERS; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "user%zu", i);
		user[i].id = i + 1;
		user[i].name = names[i];
		items[i] = &user[i];
	}
	if (ouro__wire_encode(&ouro__hs_users, OURO__BAND_H, &all, &users, NULL) < 0)
		give_up("the users cannot be encoded");
}

int main(int argc, char **argv)
{
	struct list lists[SIZES];
	size_t rounds;

	if (argc != 2)
		give_up("usage: read_cost RECORDING");
	make_users();
	for (size_t s = 0; s < SIZES; s++) {
		list_make(&lists[s], argv[1], sizes[s]);
		agree(&lists[s]);
	}
	rounds = do_rounds(lists);
	print_all(lists, rounds);
	for (size_t s = 0; s < SIZES; s++)
		list_done(&lists[s]);
	ouro__buf_done(&users);
	return fflush(stdout) == 0 ? 0 : 2;
}
