/* Where settings come from: a JSON file, an environment list, files with secrets. Reads, places faults, checks nothing. */
#ifndef OURO_SETTINGS_SOURCE_H
#define OURO_SETTINGS_SOURCE_H

#include <jansson.h>

#include <ouroboros/settings.h>

#include "settings/table.h"

enum { OURO__PLACE_MAX = 512, OURO__SECRET_FILE_MAX = 4096, OURO__SETTINGS_FILE_MAX = 1 << 20 };

struct ouro__source {
	const char *const *environment; /* borrowed; may be NULL */
	char *file;                     /* path that was read, NULL = none */
	char *text;                     /* of it; holds secrets */
	size_t length;
	json_t *root;
	int shared; /* 1 if others than the owner may read the file */
};

/* From where a value came, the stronger the higher. */
enum ouro__level {
	OURO__LEVEL_NONE = 0,
	OURO__LEVEL_FILE = 1,
	OURO__LEVEL_CREDENTIAL = 2,
	OURO__LEVEL_ENVIRONMENT = 3
};

struct ouro__value {
	char *text; /* NULL = unset; owned, wiped */
	enum ouro__level level;
	int faulty; /* a fault was reported already */
};

/* Read the settings file: file NULL = the default places. Only OURO_ERR_NOMEM is returned; the rest are faults. */
ouro_status ouro__source_open(
	struct ouro__source *source, const char *file, struct ouro__faults *faults);
void ouro__source_close(struct ouro__source *source);
/* Report what is in the file and not in the table. */
void ouro__source_unknown(const struct ouro__source *source, struct ouro__faults *faults);
/* Fetch a row's text: objects as canonical JSON, lists with commas. Empty texts count as unset. */
ouro_status ouro__source_value(const struct ouro__source *source, const struct ouro__row *row,
	struct ouro__faults *faults, struct ouro__value *ret_value);
/* "cfg.json:12: key" or "environment: KEY" or "key"; child: a member of an object, NULL = none. */
void ouro__source_place(const struct ouro__source *source, enum ouro__level level, const char *key,
	const char *child, char ret_place[OURO__PLACE_MAX]);
/* Value in the environment list, NULL if absent or empty. */
const char *ouro__source_env(const struct ouro__source *source, const char *name);
/* Read a secret from a file; a missing file is a fault unless absent_ok. A fault if others may read it, but for systemd's own
 * directory. */
ouro_status ouro__source_secret(const struct ouro__source *source, const char *path, int absent_ok,
	const char *where, struct ouro__faults *faults, char **ret_text);

#endif
