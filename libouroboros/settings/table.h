/* The one list of settings: key, shape, default, check. Everything else loops over it. */
#ifndef OURO_SETTINGS_TABLE_H
#define OURO_SETTINGS_TABLE_H

#include "access/faults.h"
#include "base/buf.h"

enum ouro__shape {
	OURO__SHAPE_TEXT = 0,
	OURO__SHAPE_SWITCH = 1, /* true, false, 1, 0; also as text */
	OURO__SHAPE_NUMBER = 2,
	OURO__SHAPE_LIST = 3,  /* list of texts, or a text with commas */
	OURO__SHAPE_OBJECT = 4 /* JSON object; as text in the environment */
};

/* What a check works on: it appends the canonical text to out, or reports a fault, or both a notice and a text. */
struct ouro__check {
	struct ouro__faults *faults;
	struct ouro__faults *notices;
	const char *where;
	ouro__buf *out;
};

typedef void (*ouro__check_fn)(const struct ouro__check *check, const char *text);

struct ouro__row {
	const char *key;
	enum ouro__shape shape;
	int secret; /* may be given as KEY_file and as a systemd credential; never shown */
	const char *fallback; /* canonical; NULL = unset */
	ouro__check_fn check;
};

/* Places in the table: the order of the rows. */
enum ouro__key {
	OURO__KEY_HS_IS_REMOTE,
	OURO__KEY_HS_ADDRESS,
	OURO__KEY_HS_API_KEY,
	OURO__KEY_HS_API_KEY_FILE,
	OURO__KEY_HS_BIN_PATH,
	OURO__KEY_HS_LOGIN_URL,
	OURO__KEY_GH_CLIENT_ID,
	OURO__KEY_GH_CLIENT_SECRET,
	OURO__KEY_GH_CLIENT_SECRET_FILE,
	OURO__KEY_USER_MAP,
	OURO__KEY_HS_SOCKET,
	OURO__KEY_HS_TRANSPORT,
	OURO__KEY_HS_ASSUME,
	OURO__KEY_HS_CA_FILE,
	OURO__KEY_HS_PLAINTEXT,
	OURO__KEY_BASE_URL,
	OURO__KEY_LISTEN,
	OURO__KEY_TRUSTED_PROXIES,
	OURO__KEY_SESSION_KEY,
	OURO__KEY_SESSION_KEY_FILE,
	OURO__KEY_STATE_DIR,
	OURO__KEY_STORE_URL,
	OURO__KEY_STORE_URL_FILE,
	OURO__KEY_LOG_LEVEL,
	OURO__KEY_AUDIT_LOG,
	OURO__KEY_GITHUB_URL,
	OURO__KEY_GITHUB_API_URL,
	OURO__KEY_GITHUB_CA_FILE,
	OURO__KEY_WEB_THREADS,
	OURO__KEY_RATE_LIMIT_PERCENT,
	OURO__KEY_RULES,
	OURO__KEY_COUNT
};

extern const struct ouro__row ouro__settings_rows[OURO__KEY_COUNT];

/* Place of a key, -1 if there is none. */
int ouro__settings_find(const char *key);
/* Nearest key to a mistyped one. */
const char *ouro__settings_nearest(const char *key);
/* The row KEY_file of a secret row. */
int ouro__settings_file_row(int row);

#endif
