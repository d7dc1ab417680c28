/* qr.h: a text as a QR code, as the data of one SVG path. Pure; any thread. */
#ifndef OURO_WEB_QR_H
#define OURO_WEB_QR_H

#include "text.h"

/* Draws text (at most 512 bytes) into out as runs of width 1 for a stroked path. 1 and the side of the picture with its quiet
 * zone; 0 if it cannot be drawn. */
int web_qr_path(const char *text, struct web_buf *out, int *ret_size);

#endif
