/* options.c: the command line of ouroboros-web. On the main thread. */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
	"usage: ouroboros-web [--config FILE] [--check-config] [--templates DIR]\n"
	"\n"
	"Web pages where people on a Headscale tailnet look after their own devices.\n"
	"\n"
	"  --config FILE     settings; default ./cfg.json, then /etc/ouroboros/cfg.json.\n"
	"                    Every key also works as an environment variable in capitals.\n"
	"  --check-config    tell every fault of the settings and stop: 0 = fine, 2 = faults\n"
	"  --templates DIR   use the page templates of DIR where it has them\n"
	"  --version         print the version\n"
	"  --help            print this\n"
	"\n"
	"Signals: TERM and INT stop cleanly, HUP reads the user map and the rules again.\n"
	"Exit codes: 0 stopped as asked, 1 failed while running, 2 wrong usage or settings.\n";

int web_options_parse(int argc, char *const argv[], struct web_options *ret_options)
{
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"check-config", no_argument, NULL, 'k'},
		{"templates", required_argument, NULL, 't'},
		{"version", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	memset(ret_options, 0, sizeof(*ret_options));
	while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (option) {
		case 'c': ret_options->config = optarg; break;
		case 'k': ret_options->check = 1; break;
		case 't': ret_options->templates = optarg; break;
		case 'v': (void)printf("ouroboros-web %s\n", ouro_version()); return 0;
		case 'h': (void)fputs(help, stdout); return 0;
		default: (void)fputs("Try ouroboros-web --help.\n", stderr); return 2;
		}
	}
	if (optind < argc) {
		(void)fprintf(stderr,
			"ouroboros-web: unexpected argument %s\nTry ouroboros-web --help.\n",
			argv[optind]);
		return 2;
	}
	return -1;
}
