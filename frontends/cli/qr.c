/* qr.c: a QR code out of half blocks: two rows of it in each line. Dark on light, as scanners want it, also where the terminal is dark. */
#include "qr.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#ifdef CLI_HAVE_QR
#include <qrencode.h>

#define QUIET 2
/* With its interface number, the same in every release since 2014. */
#define LIBRARY "libqrencode.so.4"

/* Loaded when --qr wants it: no other command pays for it. */
static __typeof__ (&QRcode_encodeString8bit)(encode);
static __typeof__ (&QRcode_free)(release);

int cli_qr_check(void)
{
	void *library = encode == NULL ? dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL) : NULL;
	void *functions[2] = {NULL, NULL};

	if (encode != NULL)
		return CLI_OK;
	if (library != NULL) {
		functions[0] = dlsym(library, "QRcode_encodeString8bit");
		functions[1] = dlsym(library, "QRcode_free");
	}
	if (functions[0] == NULL || functions[1] == NULL) {
		cli_complain(
			"--qr: " LIBRARY " cannot be loaded; install the package libqrencode4");
		return CLI_FAILED;
	}
	memcpy(&encode, &functions[0], sizeof(encode));
	memcpy(&release, &functions[1], sizeof(release));
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
	QRcode *code;

	if (cli_qr_check() != CLI_OK)
		return CLI_FAILED;
	code = encode(text, 0, QR_ECLEVEL_L);
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
	release(code);
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
