/* qr.c: libqrencode → SVG path data. Nothing is kept; any thread. */
#include "qr.h"

#include <qrencode.h>
#include <string.h>

#define QUIET 4 /* modules around it, as the standard asks */
#define TEXT_MAX 512u

static void row(const unsigned char *data, int width, int y, struct web_buf *out)
{
	int x = 0;

	while (x < width) {
		int start;

		if (!(data[x] & 1u)) {
			x++;
			continue;
		}
		for (start = x; x < width && (data[x] & 1u); x++)
			;
		web_buf_printf(out, "M%d %d.5h%d", start + QUIET, y + QUIET, x - start);
	}
}

int web_qr_path(const char *text, struct web_buf *out, int *ret_size)
{
	QRcode *code;
	int y;

	if (!text || !*text || strlen(text) > TEXT_MAX)
		return 0;
	code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	if (!code)
		return 0;
	for (y = 0; y < code->width; y++)
		row(code->data + (size_t)y * (size_t)code->width, code->width, y, out);
	*ret_size = code->width + 2 * QUIET;
	QRcode_free(code);
	return !out->failed;
}
