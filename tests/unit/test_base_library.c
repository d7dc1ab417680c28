/* Libraries that are loaded when they are needed, libcrypto among them. */
#include "check.h"

#include "base/crypto.h"
#include "base/library.h"

struct table {
	double (*cos)(double);
	void (*none)(void);
};

static struct table table;

static const struct ouro__library_function good[] = {{"cos", offsetof(struct table, cos)}};
static const struct ouro__library_function bad[] = {
	{"cos", offsetof(struct table, cos)}, {"no_such_function", offsetof(struct table, none)}};

/* Not const: it keeps whether it is loaded. */
#define LIBM(wanted, begin)                                                                        \
	{                                                                                          \
		.name = "libm", .file = "libm.so.6", .package = "libc6", .functions = (wanted),    \
		.count = sizeof(wanted) / sizeof((wanted)[0]), .table = &table, .init = (begin),   \
		.lock = PTHREAD_MUTEX_INITIALIZER                                                  \
	}

static int inits;

static int init_well(void)
{
	inits++;
	return 1;
}

static int init_badly(void)
{
	inits++;
	return 0;
}

static void test_base_library__is_loaded_and_initialised_once(void **state)
{
	static struct ouro__library library = LIBM(good, init_well);

	(void)state;
	inits = 0;
	assert_int_equal(ouro__library_load(&library, NULL), OURO_OK);
	assert_int_equal(ouro__library_load(&library, NULL), OURO_OK);
	assert_int_equal(inits, 1);
	assert_true(table.cos(0.0) > 0.99);
}

static void test_base_library__says_what_to_install(void **state)
{
	static struct ouro__library library = {.name = "libnone",
		.file = "libouroboros-none.so.9",
		.package = "libnone9",
		.lock = PTHREAD_MUTEX_INITIALIZER};
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	/* Once more: it is not looked for again, and the text stays. */
	for (int i = 0; i < 2; i++) {
		error = (ouro_error)OURO_ERROR_INIT;
		assert_int_equal(ouro__library_load(&library, &error), OURO_ERR_IO);
		assert_text_has(error.text, "libnone cannot be loaded");
		assert_text_has(error.text, "libouroboros-none.so.9");
		assert_text_has(error.text, "install the package libnone9 and start again");
	}
}

static void test_base_library__without_a_function_is_too_old(void **state)
{
	static struct ouro__library library = LIBM(bad, init_well);
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	inits = 0;
	assert_int_equal(ouro__library_load(&library, &error), OURO_ERR_IO);
	assert_text_has(error.text, "libm.so.6 has no no_such_function");
	assert_int_equal(inits, 0);
}

static void test_base_library__that_refuses_to_begin_is_not_used(void **state)
{
	static struct ouro__library library = LIBM(good, init_badly);
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	inits = 0;
	assert_int_equal(ouro__library_load(&library, &error), OURO_ERR_IO);
	assert_int_equal(ouro__library_load(&library, &error), OURO_ERR_IO);
	assert_text_has(error.text, "libm.so.6 cannot be initialised");
	assert_int_equal(inits, 1);
}

/* FIPS 180-4's example, and RFC 4648's. */
static void test_base_library__digests_and_text_are_the_standards(void **state)
{
	static const uint8_t abc[OURO__SHA256_SIZE] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf,
		0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96,
		0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
	uint8_t digest[OURO__SHA256_SIZE];
	char text[16];

	(void)state;
	assert_true(ouro__sha256("abc", 3, digest));
	assert_memory_equal(digest, abc, sizeof(abc));
	assert_true(ouro__same_secret(digest, abc, sizeof(abc)));
	digest[31] ^= 1;
	assert_false(ouro__same_secret(digest, abc, sizeof(abc)));
	assert_true(ouro__same_secret(digest, abc, 31));
	assert_true(ouro__base64("fooba", 5, text));
	assert_string_equal(text, "Zm9vYmE=");
	assert_true(ouro__base64("", 0, text));
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base_library__is_loaded_and_initialised_once),
		cmocka_unit_test(test_base_library__says_what_to_install),
		cmocka_unit_test(test_base_library__without_a_function_is_too_old),
		cmocka_unit_test(test_base_library__that_refuses_to_begin_is_not_used),
		cmocka_unit_test(test_base_library__digests_and_text_are_the_standards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
