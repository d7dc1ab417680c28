/* Audit lines: fixed order, hostile texts, always one line of JSON within the maximum. */
#include "check.h"

#include <jansson.h>
#include <stdio.h>

#include "audit/audit.h"

static struct ouro__audit_record record(void)
{
	return (struct ouro__audit_record){.time = 1767323045,
		.provider = "github",
		.identity = 19270622,
		.login = "mia",
		.user = "mia",
		.action = "rename",
		.node = 5,
		.name = "atlas",
		.before = "atlas",
		.after = "hermes",
		.result = OURO_OK,
		.address = "192.0.2.7"};
}

static void test_audit_line__fixed_order(void **state)
{
	struct ouro__audit_record r = record();
	ouro__buf line = OURO__BUF_INIT(OURO__AUDIT_LINE_MAX);

	(void)state;
	assert_int_equal(ouro__audit_line(&r, &line, NULL), OURO_OK);
	assert_string_equal(ouro__buf_str(&line),
		"{\"time\":\"2026-01-02T03:04:05Z\",\"person\":\"github:19270622\",\"login\":\"mia\",\"user\":\"mia\","
		"\"action\":\"rename\",\"node\":\"5\",\"name\":\"atlas\",\"before\":\"atlas\",\"after\":\"hermes\",\"result\":\"ok\","
		"\"address\":\"192.0.2.7\"}");
	ouro__buf_done(&line);
}

static void test_audit_line__holder_and_nulls(void **state)
{
	struct ouro__audit_record r = {.holder = 1,
		.login = "ignored",
		.action = "delete",
		.node = UINT64_MAX,
		.result = OURO_ERR_DENIED};
	struct ouro__audit_record nobody = {.identity = 3, .time = INT64_MAX};
	ouro__buf line = OURO__BUF_INIT(OURO__AUDIT_LINE_MAX);

	(void)state;
	assert_int_equal(ouro__audit_line(&r, &line, NULL), OURO_OK);
	assert_string_equal(ouro__buf_str(&line),
		"{\"time\":\"1970-01-01T00:00:00Z\",\"person\":\"holder\",\"login\":null,\"user\":null,\"action\":\"delete\","
		"\"node\":\"18446744073709551615\",\"name\":null,\"before\":null,\"after\":null,\"result\":\"denied\",\"address\":null}");
	ouro__buf_clear(&line);
	assert_int_equal(ouro__audit_line(&nobody, &line, NULL), OURO_OK);
	assert_non_null(strstr(
		ouro__buf_str(&line), "\"time\":\"9223372036854775807\",\"person\":\"?:3\""));
	assert_non_null(strstr(ouro__buf_str(&line), "\"node\":null"));
	ouro__buf_done(&line);
}

static void test_audit_line__hostile_texts(void **state)
{
	static char worst[4000];
	struct ouro__audit_record r = record();
	ouro__buf line = OURO__BUF_INIT(OURO__AUDIT_LINE_MAX);
	json_t *json;

	(void)state;
	memset(worst, '"', sizeof(worst) - 1);
	r.login = r.user = r.action = r.name = r.before = r.address = worst;
	r.after = "a\n\x1b[2J\xff\xc3 \"},{\"result\":\"ok\"";
	assert_int_equal(ouro__audit_line(&r, &line, NULL), OURO_OK);
	for (size_t i = 0; i < line.size; i++)
		assert_true(line.data[i] >= 0x20);
	json = json_loadb(ouro__buf_str(&line), line.size, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	assert_int_equal(json_object_size(json), 11);
	assert_int_equal(strlen(json_string_value(json_object_get(json, "name"))), 512);
	assert_string_equal(json_string_value(json_object_get(json, "after")),
		"a  [2J?? \"},{\"result\":\"ok\"");
	json_decref(json);
	ouro__buf_done(&line);
}

static void test_audit_line__does_not_fit(void **state)
{
	struct ouro__audit_record r = record();
	ouro__buf whole = OURO__BUF_INIT(OURO__AUDIT_LINE_MAX);

	(void)state;
	assert_int_equal(ouro__audit_line(&r, &whole, NULL), OURO_OK);
	for (size_t most = 0; most <= whole.size; most++) {
		ouro__buf line = OURO__BUF_INIT(most);

		assert_int_equal(ouro__audit_line(&r, &line, NULL),
			most == whole.size ? OURO_OK : OURO_ERR_NOMEM);
		ouro__buf_done(&line);
	}
	ouro__buf_done(&whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_audit_line__fixed_order),
		cmocka_unit_test(test_audit_line__holder_and_nulls),
		cmocka_unit_test(test_audit_line__hostile_texts),
		cmocka_unit_test(test_audit_line__does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
