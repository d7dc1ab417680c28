/* Inside of the doctor: one file a strand of checks. Strands run side by side, each in a thread of its own with a report of its own; the
 * checks of a strand run one after another and hand on what they found. Nothing here changes anything anywhere. */
#ifndef OURO_API_DOCTOR_H
#define OURO_API_DOCTOR_H

#include <ouroboros/doctor.h>

#include "api/doctor_report.h"
#include "base/url.h"

/* Clocks may differ by so much. */
#define OURO__DOCTOR_CLOCK_SECONDS 30
#define OURO__SESSION_KEY_ADVICE "make one with: echo \"k1:$(openssl rand -base64 32)\""

/* What all strands look at; constant while they run. */
struct ouro__doctor {
	const ouro_doctor_options *options;
	const ouro_settings *settings; /* NULL = a person's way; keys with a fault are unset */
	int64_t deadline;              /* a point of ouro__clock_ms() */
};

/* How far another machine's clock is ahead of this one's. */
struct ouro__doctor_clock {
	int known;
	int64_t ahead;
};

struct ouro__strand {
	const struct ouro__doctor *doctor;
	struct ouro__report report;
	struct ouro__doctor_clock clock; /* of whom the strand asked */
};

/* One check: what it is about, and what looks. state: of the strand. 0 = the rest of the strand makes no sense. */
struct ouro__check_row {
	const char *topic;
	int (*look)(struct ouro__strand *strand, void *state);
};
void ouro__strand_run(
	struct ouro__strand *strand, const struct ouro__check_row *rows, size_t count, void *state);

/* The strands. */
void ouro__doctor_settings(struct ouro__strand *strand);
void ouro__doctor_headscale(struct ouro__strand *strand);
void ouro__doctor_site(struct ouro__strand *strand);
void ouro__doctor_github(struct ouro__strand *strand);
void ouro__doctor_store(struct ouro__strand *strand);
void ouro__doctor_person(struct ouro__strand *strand);

/* Text of a setting, NULL if unset. */
const char *ouro__doctor_text(const struct ouro__strand *strand, const char *key);
int ouro__doctor_switch(const struct ouro__strand *strand, const char *key);
/* Where people reach the pages, without a slash at the end; 0 = it is not known. */
int ouro__doctor_base_url(const struct ouro__strand *strand, char ret_url[OURO__URL_MAX + 1]);
/* Milliseconds left, at most most; at least 1. */
uint32_t ouro__doctor_left(const struct ouro__strand *strand, uint32_t most);

#endif
