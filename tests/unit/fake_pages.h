/* An HTTP channel without a network: public pages that a test sets, and calls by way of a fake channel (fake_channel.h), whose switches
 * (down, epoch …) work for the pages too. Any thread. */
#ifndef TEST_FAKE_PAGES_H
#define TEST_FAKE_PAGES_H

#include "fake_channel.h"

struct fake_page {
	const char *path;
	int status;
	const char *body;
};

struct fake_pages {
	ouro__channel base;
	struct fake_channel *calls; /* owned; its lock guards what follows */
	const struct fake_page
		*pages; /* up to path NULL, whose answer is that for all other paths */
	unsigned gets;
	unsigned change_epoch; /* so many answers come over another connection each */
	char paths[512];       /* what was asked for, each with a blank behind it */
};

/* Owned by whoever gets &pages->base. calls is taken. */
struct fake_pages *fake_pages_new(const struct fake_page *pages, struct fake_channel *calls);
void fake_pages_set(struct fake_pages *fake, const struct fake_page *pages);
/* What was asked for since the last time; one test thread. */
const char *fake_pages_asked(struct fake_pages *fake, char ret_paths[512]);

/* What servers show: of a band (OURO__BAND_*; the version says "dev"). */
const struct fake_page *fake_pages_of(ouro__band band);
/* The same with a version text. ret_pages is overwritten. */
const struct fake_page *fake_pages_versioned(
	ouro__band band, const char *version, struct fake_page ret_pages[8]);

#endif
