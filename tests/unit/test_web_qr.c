/* QR codes as SVG paths: the path, drawn back, is the code module by module, with its quiet zone. */
#include "check.h"

#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>

#include "qr.h"

enum { QUIET = 4, SIDE_MAX = 200 };

static unsigned char drawn[SIDE_MAX][SIDE_MAX];

/* "Mx y.5hn" each: a run of n modules. */
static void draw(const char *path, int size)
{
	memset(drawn, 0, sizeof(drawn));
	while (*path) {
		int x = -1;
		int y = -1;
		int run = 0;
		int used = 0;

		assert_int_equal(sscanf(path, "M%d %d.5h%d%n", &x, &y, &run, &used), 3);
		assert_true(x >= QUIET && run >= 1 && x + run <= size - QUIET);
		assert_true(y >= QUIET && y < size - QUIET);
		for (int i = 0; i < run; i++) {
			assert_int_equal(drawn[y][x + i], 0); /* nothing twice */
			drawn[y][x + i] = 1;
		}
		path += used;
	}
}

static void same_as_the_code(const char *text)
{
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	struct web_buf path;
	int size = 0;

	assert_non_null(code);
	web_buf_init(&path, 256 * 1024);
	assert_int_equal(web_qr_path(text, &path, &size), 1);
	assert_int_equal(size, code->width + 2 * QUIET);
	assert_true(size <= SIDE_MAX);
	draw(path.data, size);
	for (int y = 0; y < code->width; y++)
		for (int x = 0; x < code->width; x++)
			assert_int_equal(
				drawn[y + QUIET][x + QUIET], code->data[y * code->width + x] & 1);
	web_buf_done(&path);
	QRcode_free(code);
}

static void test_web_qr__same_as_the_code(void **state)
{
	char text[513];

	(void)state;
	same_as_the_code("https://vpn.example.org");
	same_as_the_code("x");
	same_as_the_code("http://[2001:db8::1]:8080/\xc3\xa4");
	memset(text, 'q', sizeof(text) - 1);
	text[512] = '\0';
	same_as_the_code(text);
}

static void test_web_qr__refused(void **state)
{
	char text[514];
	struct web_buf path;
	int size = 99;

	(void)state;
	web_buf_init(&path, 256 * 1024);
	assert_int_equal(web_qr_path(NULL, &path, &size), 0);
	assert_int_equal(web_qr_path("", &path, &size), 0);
	memset(text, 'q', sizeof(text) - 1);
	text[513] = '\0';
	assert_int_equal(web_qr_path(text, &path, &size), 0);
	assert_int_equal(size, 99);
	assert_int_equal(path.length, 0);
	web_buf_done(&path);
	web_buf_init(&path, 100); /* no room for a picture */
	assert_int_equal(web_qr_path("https://vpn.example.org", &path, &size), 0);
	web_buf_done(&path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_web_qr__same_as_the_code),
		cmocka_unit_test(test_web_qr__refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
