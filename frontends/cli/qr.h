/* qr.h: QR codes on a terminal, where the program was built with libqrencode. */
#ifndef CLI_QR_H
#define CLI_QR_H

#include "cli.h"

/* CLI_OK if it can; else it has said so. */
int cli_qr_check(void);
int cli_qr_print(const struct cli *cli, const char *text);

#endif
