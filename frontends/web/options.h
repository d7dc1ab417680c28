/* options.h: the command line of ouroboros-web. */
#ifndef OURO_WEB_OPTIONS_H
#define OURO_WEB_OPTIONS_H

#include "app.h"

/* Reads the command line. -1: go on; else the exit code (help, version, or wrong usage was dealt with). */
int web_options_parse(int argc, char *const argv[], struct web_options *ret_options);

#endif
