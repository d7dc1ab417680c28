/* All approved routes at once, below the door: what is refused without a call, and that a node without a number is none. What goes out is
 * tested by generation in test_api_routes_set.c. */
#include "check.h"

#include "base/sys.h"
#include "fake_channel.h"
#include "headscale/generation.h"

static const struct ouro_route routes[] = {
	{"10.0.0.0/24", OURO_ROUTE_ADVERTISED | OURO_ROUTE_APPROVED, 1},
	{"10.1.0.0/24", 0, 2}, /* of old; neither offered nor approved */
	{"10.2.0.0/24", OURO_ROUTE_APPROVED, 3},
};
static const struct ouro__node node = {.id = 7, .routes = routes, .route_count = 3};

static ouro_status answer(struct fake_channel *fake, const struct ouro__method *method,
	const void *request, ouro__arena *arena, const void **ret_reply, ouro_error *reterr)
{
	(void)fake;
	(void)method;
	(void)request;
	(void)reterr;
	*ret_reply = ouro__arena_alloc(arena, 64);
	return OURO_OK;
}

/* How it ended; *ret_writes calls went out. */
static ouro_status set(const ouro__generation *generation, const struct ouro__node *of,
	const char *prefix, unsigned *ret_writes, ouro_error *error)
{
	const char *const prefixes[] = {"10.2.0.0/24", prefix};
	struct fake_channel *fake =
		fake_channel_new(fake_methods_of(generation->band), answer, NULL);
	ouro_status rc;

	*error = (ouro_error)OURO_ERROR_INIT;
	rc = ouro__headscale_routes_set(OURO__SERVER(&fake->base, generation), of, prefixes, 2,
		ouro__clock_ms() + 2000, error);
	*ret_writes = fake->writes;
	ouro__channel_free(&fake->base);
	return rc;
}

static void test_headscale_routes_set__refused_without_a_call(void **state)
{
	static const struct ouro__node nobody = {.id = 0, .routes = routes, .route_count = 3};
	ouro_error error;
	unsigned writes;

	(void)state;
	for (ouro__band band = OURO__BAND_B; band <= (ouro__band)OURO__BAND_I; band++) {
		const ouro__generation *at = ouro__generation_of(band);

		assert_int_equal(set(at, &node, "10.3.0.0/24", &writes, &error), OURO_ERR_INVALID);
		assert_text_has(error.text, "has no route 10.3.0.0/24");
		assert_int_equal(writes, 0);
		assert_int_equal(set(at, &node, "10.1.0.0/24", &writes, &error), OURO_ERR_INVALID);
		assert_text_has(error.text, "does not offer 10.1.0.0/24 now");
		assert_int_equal(writes, 0);
		assert_int_equal(
			set(at, &nobody, "10.0.0.0/24", &writes, &error), OURO_ERR_INVALID);
		assert_text_has(error.text, "has no number");
		assert_int_equal(writes, 0);
		/* It is so already. */
		assert_int_equal(set(at, &node, "10.0.0.0/24", &writes, &error), OURO_OK);
		assert_int_equal(writes, 0);
		assert_int_equal(set(at, &node, "10.2.0.0/24", &writes, &error), OURO_OK);
		assert_int_equal(writes, 1);
	}
	assert_int_equal(set(ouro__generation_newer(), &node, "10.2.0.0/24", &writes, &error),
		OURO_ERR_UNSUPPORTED);
	assert_int_equal(writes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headscale_routes_set__refused_without_a_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
