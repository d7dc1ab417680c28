/* Registration keys out of what people paste. */
#include "check.h"

#include <stdlib.h>

#include "headscale/headscale.h"

#define HEX64 "be116fa2eb0de26b0f70d5b18cb01473f940afeaa923433a238e020f8333439f"
#define ID24 "U_ON2Qjx75HLzBfxWg7vY0-u"

static ouro_status parse(const char *text, size_t length, ouro_registration *ret)
{
	char *exact = malloc(length ? length : 1);
	ouro_status rc;

	assert_non_null(exact);
	memcpy(exact, text, length);
	rc = ouro__registration_parse(exact, length, ret, NULL);
	free(exact);
	return rc;
}

static void good(const char *text, int32_t form, const char *key)
{
	ouro_registration registration = OURO_REGISTRATION_INIT;

	assert_int_equal(parse(text, strlen(text), &registration), OURO_OK);
	assert_int_equal(registration.form, form);
	assert_string_equal(registration.key, key);
}

static void bad(const char *text)
{
	ouro_registration registration = OURO_REGISTRATION_INIT;

	assert_int_equal(parse(text, strlen(text), &registration), OURO_ERR_INVALID);
	assert_int_equal(registration.form, 0);
	assert_string_equal(registration.key, "");
}

static void test_headscale_registration__keys(void **state)
{
	(void)state;
	good("mkey:" HEX64, 1, "mkey:" HEX64);
	good(ID24, 2, ID24);
	good("hskey-authreq-" ID24, 3, "hskey-authreq-" ID24);
	good(" \t\r\nmkey:" HEX64 " \n", 1, "mkey:" HEX64);
}

static void test_headscale_registration__links(void **state)
{
	(void)state;
	good("https://hs.example.com/register/mkey:" HEX64, 1, "mkey:" HEX64);
	good("http://127.0.0.1:8080/register/" ID24, 2, ID24);
	good("hs.example.com/register/hskey-authreq-" ID24, 3, "hskey-authreq-" ID24);
	good("https://hs.example.com/oidc/register/mkey:" HEX64, 1, "mkey:" HEX64);
	good("https://hs.example.com/register/" ID24 "/", 2, ID24);
	good("https://hs.example.com/register/" ID24 "?x=/register/y#z", 2, ID24);
	good("/register/" ID24, 2, ID24);
	good("https://hs.example.com/register/" ID24 "#top", 2, ID24);
	good("/register/mkey:BE116FA2EB0DE26B0F70D5B18CB01473F940AFEAA923433A238E020F8333439F", 1,
		"mkey:BE116FA2EB0DE26B0F70D5B18CB01473F940AFEAA923433A238E020F8333439F");
	good("https://hs.example.com/auth/register/" ID24, 2, ID24);
}

static void test_headscale_registration__refused(void **state)
{
	(void)state;
	bad("");
	bad("   ");
	bad("nonsense");
	bad("mkey:" HEX64 "0");
	bad("mkey:be11");
	bad("MKEY:" HEX64);
	bad("nodekey:" HEX64);
	bad("mkey:"
	    "G"
	    "e116fa2eb0de26b0f70d5b18cb01473f940afeaa923433a238e020f8333439f");
	bad("mkey:"
	    ":"
	    "e116fa2eb0de26b0f70d5b18cb01473f940afeaa923433a238e020f8333439f");
	bad("mkey:"
	    "/"
	    "e116fa2eb0de26b0f70d5b18cb01473f940afeaa923433a238e020f8333439f");
	bad("U_ON2Qjx75HLzBfxWg7vY0{u");
	bad("U_ON2Qjx75HLzBfxWg7vY0[u");
	bad("U_ON2Qjx75HLzBfxWg7vY0:u");
	bad("mkey:ze116fa2eb0de26b0f70d5b18cb01473f940afeaa923433a238e020f8333439f");
	bad(ID24 "x");
	bad("U_ON2Qjx75HLzBfxWg7vY0 u");
	bad("U_ON2Qjx75HLzBfxWg7vY0%u");
	bad("hskey-authreq-" ID24 "x");
	bad("hskey-api-" ID24);
	bad("https://hs.example.com/register/");
	bad("https://hs.example.com/register");
	bad("https://hs.example.com/" ID24);
	bad("https://hs.example.com/register/x/" ID24);
	bad("https://hs.example.com/register/" ID24 "//");
	bad("mkey:ge116fa2eb0de26b0f70d5b18cb01473f940afeaa923433a238e020f8333439f");
	bad("mkey:`e116fa2eb0de26b0f70d5b18cb01473f940afeaa923433a238e020f8333439f");
	bad("/");
	bad("?");
	bad("?/register/" ID24);
}

static void test_headscale_registration__ssh_checks_are_named(void **state)
{
	static const char link[] = "https://hs.example.com/auth/hskey-authreq-" ID24;
	ouro_registration registration = OURO_REGISTRATION_INIT;
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	assert_int_equal(ouro__registration_parse(link, strlen(link), &registration, &error),
		OURO_ERR_INVALID);
	assert_text_has(error.text, "SSH check");
	assert_int_equal(ouro__registration_parse("x", 1, &registration, &error), OURO_ERR_INVALID);
	assert_text_has(error.text, "/register/");
}

static void test_headscale_registration__nul_and_length(void **state)
{
	ouro_registration registration = OURO_REGISTRATION_INIT;
	char with_nul[] = ID24;
	char *longest = malloc(4096);

	(void)state;
	with_nul[5] = '\0';
	assert_int_equal(parse(with_nul, 24, &registration), OURO_ERR_INVALID);
	assert_non_null(longest);
	memset(longest, ' ', 4096);
	for (size_t i = 0; i < 24; i++)
		longest[i] = ID24[i];
	assert_int_equal(parse(longest, 2048, &registration), OURO_OK);
	assert_int_equal(parse(longest, 2049, &registration), OURO_ERR_INVALID);
	free(longest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headscale_registration__keys),
		cmocka_unit_test(test_headscale_registration__links),
		cmocka_unit_test(test_headscale_registration__refused),
		cmocka_unit_test(test_headscale_registration__ssh_checks_are_named),
		cmocka_unit_test(test_headscale_registration__nul_and_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
