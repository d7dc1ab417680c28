/* qr.c: a QR code out of half blocks: two rows of it in each line. Dark on light, as scanners want it, also where the terminal is dark. */
#include "qr.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#ifdef CLI_HAVE_QR
#include <qrencode.h>

#define QUIET 2

int cli_qr_check(void)
{
	return CLI_OK;
}

static int is_dark(const QRcode *code, int x, int y)
{
	if (x < 0 || y < 0 || x >= code->width || y >= code->width)
		return 0;
	return code->data[y * code->width + x] & 1;
}

/* Upper and lower half of a cell; what is light is drawn where colours can not say it. */
static const char *cell(int upper, int lower)
{
	if (upper)
		return lower ? " " : "▄";
	return lower ? "▀" : "█";
}

int cli_qr_print(const struct cli *cli, const char *text)
{
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);

	if (code == NULL) {
		cli_complain("no QR code can be made: %s", strerror(errno));
		return CLI_FAILED;
	}
	(void)putchar('\n');
	for (int y = -QUIET; y < code->width + QUIET; y += 2) {
		/* White on black whatever the colours are otherwise. */
		(void)fputs(cli->colour ? "\033[97;40m" : "", stdout);
		for (int x = -QUIET; x < code->width + QUIET; x++)
			(void)fputs(cell(is_dark(code, x, y), is_dark(code, x, y + 1)), stdout);
		(void)puts(cli->colour ? "\033[0m" : "");
	}
	/* What it shows is a secret. */
	memset(code->data, 0, (size_t)code->width * (size_t)code->width);
	QRcode_free(code);
	return CLI_OK;
}

#else

int cli_qr_check(void)
{
	cli_complain("--qr: this program was built without QR codes (libqrencode)");
	return CLI_FAILED;
}

int cli_qr_print(const struct cli *cli, const char *text)
{
	(void)cli;
	(void)text;
	return cli_qr_check();
}

#endif
