/* Recognising generations: by the methods that they have, by version texts and by descriptions. */
#include "check.h"

#include "base/sys.h"
#include "fake_channel.h"
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

/* ---- gRPC ---- */

static ouro_status probe(const char *methods, const ouro__generation *assumed,
	struct ouro__found *ret_found, ouro_error *reterr)
{
	struct fake_channel *fake = fake_channel_new(methods, NULL, NULL);
	ouro_status rc =
		ouro__headscale_detect(&fake->base, NULL, assumed, soon(), ret_found, reterr);

	assert_int_equal(fake->calls, 0);
	assert_int_equal(fake->probes, 1); /* one round trip */
	ouro__channel_free(&fake->base);
	return rc;
}

static void test_headscale_detect__every_generation_by_its_methods(void **state)
{
	(void)state;
	for (ouro__band band = OURO__BAND_B; band <= (ouro__band)OURO__BAND_H; band++) {
		/* Two pairs have the same methods: the older one stands for both. */
		ouro__band expected = band == OURO__BAND_D ? OURO__BAND_C
			: band == OURO__BAND_F1            ? OURO__BAND_F0
							   : band;
		struct ouro__found found = {0};

		assert_int_equal(probe(fake_methods_of(band), NULL, &found, NULL), OURO_OK);
		assert_ptr_equal(found.generation, of(expected));
		assert_int_equal(found.epoch, 1);
		assert_null(found.page);
		assert_true(ouro__headscale_has_grpc(found.generation));
		if (band == OURO__BAND_C || band == OURO__BAND_D)
			assert_ptr_equal(ouro__headscale_vague(&found), of(OURO__BAND_D));
		else if (band == OURO__BAND_F0 || band == OURO__BAND_F1)
			assert_ptr_equal(ouro__headscale_vague(&found), of(OURO__BAND_F1));
		else
			assert_null(ouro__headscale_vague(&found));
	}
	assert_false(ouro__headscale_has_grpc(of(OURO__BAND_I)));
	assert_false(ouro__headscale_has_grpc(ouro__generation_newer()));
}

static void test_headscale_detect__other_grpc_servers(void **state)
{
	static const struct {
		const char *methods;
		ouro_status status;
		const char *text;
	} rows[] = {
		{" GetUser ListMachines GetRoutes ", OURO_ERR_UNSUPPORTED, "0.22 or older"},
		{" GetThings ", OURO_ERR_PROTOCOL, "not Headscale"},
		{" ListNodes ", OURO_ERR_UNSUPPORTED, "hs_assume"},
		{" ListNodes GetRoutes SetApprovedRoutes Health ", OURO_ERR_UNSUPPORTED,
			"no known version"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ouro__found found = {0};
		ouro_error error = OURO_ERROR_INIT;

		assert_int_equal(probe(rows[i].methods, NULL, &found, &error), rows[i].status);
		assert_int_equal(error.status, rows[i].status);
		assert_text_has(error.text, rows[i].text);
		assert_null(found.generation);
	}
}

static void test_headscale_detect__an_odd_one_may_be_assumed(void **state)
{
	struct ouro__found found = {0};

	(void)state;
	assert_int_equal(probe(" ListNodes ", of(OURO__BAND_H), &found, NULL), OURO_OK);
	assert_ptr_equal(found.generation, of(OURO__BAND_H));
	/* What is certain is not overruled. */
	assert_int_equal(probe(fake_methods_b, of(OURO__BAND_H), &found, NULL), OURO_OK);
	assert_ptr_equal(found.generation, of(OURO__BAND_B));
	assert_int_equal(
		probe(" ListMachines ", of(OURO__BAND_H), &found, NULL), OURO_ERR_UNSUPPORTED);
	assert_int_equal(probe(" Other ", of(OURO__BAND_H), &found, NULL), OURO_ERR_PROTOCOL);
}

static void test_headscale_detect__failures_pass_through(void **state)
{
	struct fake_channel *fake = fake_channel_new(fake_methods_b, NULL, NULL);
	struct ouro__found found = {0};
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	fake->down = 1;
	assert_int_equal(ouro__headscale_detect(&fake->base, NULL, NULL, soon(), &found, &error),
		OURO_ERR_UNREACHABLE);
	assert_int_equal(error.status, OURO_ERR_UNREACHABLE);
	assert_int_equal(error.origin, OURO_ORIGIN_NETWORK);
	assert_int_equal(ouro__headscale_detect(&fake->base, NULL, NULL, soon(), &found, NULL),
		OURO_ERR_UNREACHABLE);
	ouro__channel_free(&fake->base);
}

static ouro_status scripted_status;
static const char *scripted_text;

static ouro_status scripted_probe(ouro__channel *channel, const char *const *methods, size_t count,
	int64_t deadline, uint32_t *ret_there, uint64_t *ret_epoch, ouro_error *reterr)
{
	(void)channel;
	(void)methods;
	(void)count;
	(void)deadline;
	(void)ret_there;
	(void)ret_epoch;
	return ouro__error_from(reterr, OURO_ORIGIN_NETWORK, scripted_status, "%s", scripted_text);
}

/* People know nothing of probes, and no key was refused, since none was asked for. */
static void test_headscale_detect__words_of_the_channel(void **state)
{
	static const struct ouro__channel_ops ops = {.probe = scripted_probe};
	ouro__channel channel = {&ops};
	struct ouro__found found = {0};
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	scripted_status = OURO_ERR_UNAUTHENTICATED;
	scripted_text = "Health: the proxy in front answers HTTP 401";
	assert_int_equal(ouro__headscale_detect(&channel, NULL, NULL, soon(), &found, &error),
		OURO_ERR_PROTOCOL);
	assert_int_equal(error.status, OURO_ERR_PROTOCOL);
	assert_string_equal(error.text, "the proxy in front answers HTTP 401");
	scripted_status = OURO_ERR_REJECTED;
	scripted_text = "Healthy: 403";
	assert_int_equal(ouro__headscale_detect(&channel, NULL, NULL, soon(), &found, &error),
		OURO_ERR_PROTOCOL);
	assert_string_equal(error.text, "Healthy: 403");
	scripted_status = OURO_ERR_TIMEOUT;
	assert_int_equal(ouro__headscale_detect(&channel, NULL, NULL, soon(), &found, NULL),
		OURO_ERR_TIMEOUT);
}

/* ---- version texts ---- */

static void test_headscale_detect__version_texts(void **state)
{
	static const struct {
		const char *text;
		enum ouro__said said;
		ouro__band band;
	} rows[] = {
		{"v0.27.0", OURO__SAID_KNOWN, OURO__BAND_F0},
		{"v0.27.1", OURO__SAID_KNOWN, OURO__BAND_F1},
		{"0.27.2", OURO__SAID_KNOWN, OURO__BAND_F1},
		{"v0.28.0", OURO__SAID_KNOWN, OURO__BAND_G},
		{"v0.29.17", OURO__SAID_KNOWN, OURO__BAND_H},
		{"0.30.0", OURO__SAID_KNOWN, OURO__BAND_I},
		{"v0.31.0", OURO__SAID_NEWER, 0},
		{"v0.99.1", OURO__SAID_NEWER, 0},
		{"v1.0.0", OURO__SAID_NEWER, 0},
		{"2.28.0", OURO__SAID_NEWER, 0},
		{"v0.22.3", OURO__SAID_OLDER, 0},
		{"", OURO__SAID_NOTHING, 0},
		{"v", OURO__SAID_NOTHING, 0},
		{"dev", OURO__SAID_NOTHING, 0},
		{"v0.28", OURO__SAID_NOTHING, 0},
		{"v0.28.", OURO__SAID_NOTHING, 0},
		{"v0.28.0.1", OURO__SAID_NOTHING, 0},
		{"v0.28.0-beta.1", OURO__SAID_NOTHING, 0},
		{"0.28.0+dirty", OURO__SAID_NOTHING, 0},
		{"v0.0.0-20260721101112-abcdef012345", OURO__SAID_NOTHING, 0},
		{"v0.0.0-20260721101112-abcdef012345+dirty", OURO__SAID_NOTHING, 0},
		{"v0.0.0", OURO__SAID_NOTHING, 0},
		{"v0.0000028.0", OURO__SAID_NOTHING, 0},
		{"v0.28.0 ", OURO__SAID_NOTHING, 0},
		{" v0.28.0", OURO__SAID_NOTHING, 0},
		{"vv0.28.0", OURO__SAID_NOTHING, 0},
		{"v0.-1.0", OURO__SAID_NOTHING, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const ouro__generation *generation = NULL;

		if (ouro__detect_version(rows[i].text, &generation) != rows[i].said)
			fail_msg("%s", rows[i].text);
		assert_ptr_equal(generation, rows[i].band ? of(rows[i].band) : NULL);
	}
}

/* ---- descriptions ---- */

static void test_headscale_detect__descriptions(void **state)
{
	static const char *const bad[] = {"", "{", "[]", "null", "{\"paths\":{}}",
		"{\"swagger\":\"2.0\"}", "{\"swagger\":\"2.0\",\"paths\":[]}",
		"{\"swagger\":2,\"paths\":{\"/api/v1/user\":{\"get\":{}}}}",
		"{\"swagger\":\"1.2\",\"paths\":{\"/api/v1/user\":{\"get\":{}}}}",
		"{\"openapi\":\"4.0\",\"paths\":{\"/api/v1/user\":{\"get\":{}}}}",
		"{\"swagger\":\"2.0\",\"paths\":{\"/api/v2/user\":{\"get\":{}}}}",
		"{\"swagger\":\"2.0\",\"paths\":{\"/api/v1/user\":{\"options\":{}}}}",
		"{\"swagger\":\"2.0\",\"swagger\":\"2.0\",\"paths\":{\"/api/v1/user\":{\"get\":{}}}}",
		"<!DOCTYPE html>"};
	/* Parameters that are none do not count as such. */
	static const char odd[] =
		"{\"openapi\":\"3.0\",\"paths\":{\"/api/v1/node/{nodeId}/expire\":{\"post\":{\"parameters\":[1,{},"
		"{\"name\":\"expiry\"},{\"name\":\"expiry\",\"in\":\"path\"},{\"in\":\"query\"},{\"name\":\"x\",\"in\":\"query\"}]}},"
		"\"/api/v1/user\":7,\"/else\":{\"get\":{}}}}";
	struct ouro__surface surface = {0};
	struct ouro__surface plain = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (ouro__surface_read(bad[i], strlen(bad[i]), &surface) != OURO_ERR_PROTOCOL)
			fail_msg("%s", bad[i]);
	assert_int_equal(ouro__surface_read(odd, strlen(odd), &surface), OURO_OK);
	assert_int_equal(surface.operations, 1);
	assert_int_equal(
		ouro__surface_read(fake_surface_h, strlen(fake_surface_h), &plain), OURO_OK);
	assert_int_equal(surface.marks & plain.marks, 0);
	assert_null(ouro__surface_generation(&surface));
	assert_ptr_equal(ouro__surface_generation(&plain), of(OURO__BAND_H));
	plain.operations++;
	assert_null(ouro__surface_generation(&plain));
	assert_false(
		ouro__surface_newer(&plain)); /* the newest one known is another kind of document */
	assert_int_equal(
		ouro__surface_read(fake_surface_i, strlen(fake_surface_i), &plain), OURO_OK);
	assert_false(ouro__surface_newer(&plain));
	plain.operations++;
	assert_true(ouro__surface_newer(&plain));
	plain.operations -= 2;
	assert_false(ouro__surface_newer(&plain));
}

int main(void)
{
#define CASE(name) cmocka_unit_test(test_headscale_detect__##name)
	const struct CMUnitTest tests[] = {
		CASE(every_generation_by_its_methods),
		CASE(other_grpc_servers),
		CASE(an_odd_one_may_be_assumed),
		CASE(failures_pass_through),
		CASE(words_of_the_channel),
		CASE(version_texts),
		CASE(descriptions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
