/* Settings: read from their sources row by row, checked one by one and then together, all faults reported in one go. What comes out is
 * immutable text; any thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ouroboros/settings.h>

#include "access/access.h"
#include "base/alloc.h"
#include "base/error.h"
#include "base/options.h"
#include "base/str.h"
#include "base/url.h"
#include "base/wipe.h"
#include "settings/partly.h"
#include "settings/source.h"
#include "settings/table.h"

struct ouro_settings {
	char *file;
	char *texts[OURO__KEY_COUNT];          /* canonical, defaults applied; NULL = unset */
	unsigned char faulty[OURO__KEY_COUNT]; /* given, and not sound */
};

struct load {
	struct ouro__source source;
	struct ouro__faults faults;
	struct ouro__faults notices;
	struct ouro__value values[OURO__KEY_COUNT];
	ouro_settings *settings;
};

static void place(const struct load *load, int row, char ret_place[OURO__PLACE_MAX])
{
	ouro__source_place(&load->source, load->values[row].level, ouro__settings_rows[row].key,
		NULL, ret_place);
}

static void notice(struct load *load, int row, const char *text)
{
	char where[OURO__PLACE_MAX];

	place(load, row, where);
	ouro__fault(&load->notices, where, "%s", text);
}

/* A value from a file replaces what was there. */
static void replace(struct ouro__value *value, char *text, enum ouro__level level, int faulty)
{
	ouro__wipe_free(value->text);
	value->text = text;
	value->level = level;
	value->faulty = faulty;
}

static ouro_status take_secret_file(struct load *load, int row)
{
	int file_row = ouro__settings_file_row(row);
	struct ouro__value *value = &load->values[row];
	const struct ouro__value *file = &load->values[file_row];
	char where[OURO__PLACE_MAX];
	char *text = NULL;
	ouro_status rc;

	if (!file->text || value->level > file->level)
		return OURO_OK;
	place(load, file_row, where);
	if (value->level == file->level) {
		ouro__fault(&load->faults, where, "%s is given as well; keep one of them",
			ouro__settings_rows[row].key);
		return OURO_OK;
	}
	rc = ouro__source_secret(&load->source, file->text, 0, where, &load->faults, &text);
	if (rc == OURO_OK)
		replace(value, text, file->level, !text);
	return rc;
}

static ouro_status take_credential(struct load *load, int row)
{
	const char *directory = ouro__source_env(&load->source, "CREDENTIALS_DIRECTORY");
	struct ouro__value *value = &load->values[row];
	char where[OURO__PLACE_MAX];
	char path[4096];
	char *text = NULL;
	size_t faults = load->faults.count;
	ouro_status rc;
	int n;

	if (!directory || directory[0] != '/' || value->level >= OURO__LEVEL_CREDENTIAL)
		return OURO_OK;
	n = snprintf(path, sizeof(path), "%s/%s", directory, ouro__settings_rows[row].key);
	if (n < 0 || (size_t)n >= sizeof(path))
		return OURO_OK;
	ouro__source_place(
		&load->source, OURO__LEVEL_CREDENTIAL, ouro__settings_rows[row].key, NULL, where);
	rc = ouro__source_secret(&load->source, path, 1, where, &load->faults, &text);
	if (rc == OURO_OK && (text || load->faults.count > faults))
		replace(value, text, OURO__LEVEL_CREDENTIAL, !text);
	return rc;
}

static ouro_status fetch_all(struct load *load)
{
	ouro_status rc = OURO_OK;

	for (int i = 0; rc == OURO_OK && i < OURO__KEY_COUNT; i++)
		rc = ouro__source_value(
			&load->source, &ouro__settings_rows[i], &load->faults, &load->values[i]);
	for (int i = 0; rc == OURO_OK && i < OURO__KEY_COUNT; i++) {
		if (!ouro__settings_rows[i].secret)
			continue;
		rc = take_secret_file(load, i);
		if (rc == OURO_OK)
			rc = take_credential(load, i);
	}
	return rc;
}

/* Each value through its check into canonical text; defaults for what is unset. */
static ouro_status check_one(struct load *load, int row)
{
	const struct ouro__row *about = &ouro__settings_rows[row];
	struct ouro__value *value = &load->values[row];
	ouro__buf out = OURO__BUF_INIT(OURO__SETTINGS_FILE_MAX);
	char where[OURO__PLACE_MAX];
	struct ouro__check check = {&load->faults, &load->notices, where, &out};
	size_t faults = load->faults.count;
	char **text = &load->settings->texts[row];
	ouro_status rc = OURO_OK;

	place(load, row, where);
	if (value->text)
		about->check(&check, value->text);
	value->faulty |= load->faults.count > faults;
	load->settings->faulty[row] = value->faulty != 0;
	if (value->text && !value->faulty)
		*text = out.broken ? NULL : ouro__alloc_str(ouro__buf_str(&out));
	else if (!value->faulty)
		*text = ouro__alloc_str(about->fallback);
	if (!*text && !value->faulty && (value->text || about->fallback))
		rc = ouro__error_nomem(load->faults.reterr);
	ouro__buf_wipe(&out);
	return rc;
}

static int is_on(const ouro_settings *settings, int row)
{
	return settings->texts[row] && strcmp(settings->texts[row], "1") == 0;
}

static void require(struct load *load, int row, const char *what)
{
	const struct ouro__row *about = &ouro__settings_rows[row];
	char upper[64] = "";

	if (load->settings->texts[row] || load->values[row].faulty)
		return;
	for (size_t i = 0; about->key[i] && i < sizeof(upper) - 1; i++)
		upper[i] = about->key[i] >= 'a' && about->key[i] <= 'z' ? (char)(about->key[i] - 32)
									: about->key[i];
	ouro__fault(&load->faults, about->key,
		"required: %s (in the file, or %s in the environment)", what, upper);
}

static void check_required(struct load *load)
{
	require(load, OURO__KEY_HS_LOGIN_URL, "the URL that clients get as --login-server");
	require(load, OURO__KEY_GH_CLIENT_ID, "the client id of the GitHub app");
	require(load, OURO__KEY_GH_CLIENT_SECRET, "the client secret of the GitHub app");
	require(load, OURO__KEY_USER_MAP, "who is who, as {\"<GitHub id>\": \"<Headscale user>\"}");
	if (is_on(load->settings, OURO__KEY_HS_IS_REMOTE)) {
		require(load, OURO__KEY_HS_ADDRESS,
			"HOST:PORT of Headscale, because hs_is_remote is true");
		require(load, OURO__KEY_HS_API_KEY,
			"an API key of Headscale (headscale apikeys create), because hs_is_remote is true");
	}
}

static void notice_remote(struct load *load)
{
	ouro_settings *settings = load->settings;
	const char *address = settings->texts[OURO__KEY_HS_ADDRESS];
	struct ouro__url url;

	if (load->values[OURO__KEY_HS_IS_REMOTE].faulty)
		return;
	if (!is_on(settings, OURO__KEY_HS_IS_REMOTE)) {
		if (address)
			notice(load, OURO__KEY_HS_ADDRESS,
				"ignored: hs_is_remote is false, so hs_socket is used");
		return;
	}
	if (address && is_on(settings, OURO__KEY_HS_PLAINTEXT) &&
		ouro__url_authority(address, strlen(address), &url) && !url.loopback)
		notice(load, OURO__KEY_HS_PLAINTEXT,
			"the API key travels to Headscale without TLS: everybody on the way can take it");
}

static void notices(struct load *load)
{
	ouro_settings *settings = load->settings;
	const char *map = settings->texts[OURO__KEY_USER_MAP];

	if (settings->texts[OURO__KEY_HS_BIN_PATH])
		notice(load, OURO__KEY_HS_BIN_PATH,
			"ignored: nothing is executed any more; remove it when convenient");
	if (map && strcmp(map, "{}") == 0)
		notice(load, OURO__KEY_USER_MAP, "empty: nobody can use this yet");
	if (!settings->texts[OURO__KEY_SESSION_KEY] && !load->values[OURO__KEY_SESSION_KEY].faulty)
		notice(load, OURO__KEY_SESSION_KEY,
			"not set: everybody has to sign in again after a restart");
	for (int i = 0; load->source.shared && i < OURO__KEY_COUNT; i++)
		if (ouro__settings_rows[i].secret && load->values[i].level == OURO__LEVEL_FILE &&
			json_object_get(load->source.root, ouro__settings_rows[i].key))
			notice(load, i,
				"a secret in a file that others may read; run chmod 600 on it, or use the _file form");
	notice_remote(load);
}

/* Pages live on the login URL's host unless said otherwise; a port stays unless it was a plain http one of another machine. */
static ouro_status default_base_url(struct load *load)
{
	const char *login = load->settings->texts[OURO__KEY_HS_LOGIN_URL];
	char **base = &load->settings->texts[OURO__KEY_BASE_URL];
	struct ouro__url url;
	char text[OURO__URL_MAX];
	int v6;

	if (*base || load->values[OURO__KEY_BASE_URL].faulty || !login ||
		!ouro__url_parse(login, &url))
		return OURO_OK;
	v6 = strchr(url.host, ':') != NULL;
	if (ouro__url_safe(&url))
		(void)snprintf(text, sizeof(text), "%s://%s/ouroboros",
			url.https ? "https" : "http", url.authority);
	else
		(void)snprintf(text, sizeof(text), "https://%s%s%s/ouroboros", v6 ? "[" : "",
			url.host, v6 ? "]" : "");
	*base = ouro__alloc_str(text);
	return *base ? OURO_OK : ouro__error_nomem(load->faults.reterr);
}

/* Faults of map and rules, with the file and line of the entry: "user_map.00" becomes "cfg.json:7: user_map.00". */
static void policy_fault(void *user, const char *where, const char *text)
{
	struct load *load = user;
	int row = ouro__str_starts(where, "rules") ? OURO__KEY_RULES : OURO__KEY_USER_MAP;
	const char *key = ouro__settings_rows[row].key;
	const char *rest = where + strlen(key);
	char child[256] = "";
	char head[OURO__PLACE_MAX];
	char full[2 * OURO__PLACE_MAX];
	size_t length;

	if (*rest == '.') {
		rest++;
		length = strcspn(rest, row == OURO__KEY_RULES ? ".[" : "[");
		if (length < sizeof(child))
			memcpy(child, rest, length);
	}
	ouro__source_place(
		&load->source, load->values[row].level, key, *child ? child : NULL, head);
	(void)snprintf(full, sizeof(full), "%s%s", head, where + strlen(key));
	ouro__fault(&load->faults, full, "%s", text);
}

static ouro_status check_policy(struct load *load)
{
	ouro_directory_options options = OURO_DIRECTORY_OPTIONS_INIT;
	ouro__policy *policy = NULL;
	ouro_status rc;

	/* A missing or unreadable map is reported already; the rules are still worth a look. */
	options.user_map = load->settings->texts[OURO__KEY_USER_MAP];
	if (!options.user_map)
		options.user_map = "{}";
	options.rules = load->settings->texts[OURO__KEY_RULES];
	rc = ouro__policy_new(&options, policy_fault, load, &policy, NULL);
	ouro__policy_unref(policy);
	if (rc == OURO_ERR_NOMEM)
		return ouro__error_nomem(load->faults.reterr);
	return OURO_OK;
}

static ouro_status load_all(struct load *load, const char *file)
{
	ouro_status rc;

	rc = ouro__source_open(&load->source, file, &load->faults);
	if (rc < 0)
		return rc;
	if (load->faults.count)
		return OURO_ERR_CONFIG; /* an unreadable file would make everything else look missing */
	ouro__source_unknown(&load->source, &load->faults);
	rc = fetch_all(load);
	for (int i = 0; rc == OURO_OK && i < OURO__KEY_COUNT; i++)
		rc = check_one(load, i);
	if (rc == OURO_OK)
		rc = check_policy(load);
	if (rc == OURO_OK)
		rc = default_base_url(load);
	if (rc < 0)
		return rc;
	check_required(load);
	notices(load);
	return load->faults.count ? OURO_ERR_CONFIG : OURO_OK;
}

/* partly: what is sound is handed out in spite of faults. */
static ouro_status load_settings(const ouro_settings_options *options, int partly,
	ouro_settings **ret_settings, ouro_error *reterr)
{
	ouro_settings_options own = OURO_SETTINGS_OPTIONS_INIT;
	struct load load = {0};
	ouro_status rc;

	rc = ouro__options_import(&own, sizeof(own), options, reterr);
	if (rc < 0)
		return rc;
	load.source.environment = own.environment;
	load.faults = (struct ouro__faults){own.fault, own.user, reterr, 0};
	load.notices = (struct ouro__faults){own.notice, own.user, NULL, 0};
	load.settings = ouro__alloc(1, sizeof(*load.settings));
	if (!load.settings)
		return ouro__error_nomem(reterr);
	rc = load_all(&load, own.file);
	if (rc == OURO_OK || (partly && rc == OURO_ERR_CONFIG)) {
		load.settings->file = load.source.file;
		load.source.file = NULL;
		*ret_settings = load.settings;
		load.settings = NULL;
	}
	for (int i = 0; i < OURO__KEY_COUNT; i++)
		ouro__wipe_free(load.values[i].text);
	ouro__source_close(&load.source);
	ouro_settings_free(load.settings);
	return rc;
}

ouro_status ouro_settings_load(
	const ouro_settings_options *options, ouro_settings **ret_settings, ouro_error *reterr)
{
	if (!ret_settings)
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "settings: no place for the result");
	return load_settings(options, 0, ret_settings, reterr);
}

ouro_status ouro__settings_load_partly(
	const ouro_settings_options *options, ouro_settings **ret_settings, ouro_error *reterr)
{
	return load_settings(options, 1, ret_settings, reterr);
}

int ouro__settings_faulty(const ouro_settings *settings, const char *key)
{
	int row = settings ? ouro__settings_find(key) : -1;

	return row >= 0 && settings->faulty[row];
}

void ouro_settings_free(ouro_settings *settings)
{
	if (!settings)
		return;
	for (int i = 0; i < OURO__KEY_COUNT; i++)
		ouro__wipe_free(settings->texts[i]);
	free(settings->file);
	free(settings);
}

const char *ouro_settings_text(const ouro_settings *settings, const char *key)
{
	int row = settings && key ? ouro__settings_find(key) : -1;

	return row < 0 ? NULL : settings->texts[row];
}

int64_t ouro_settings_number(const ouro_settings *settings, const char *key)
{
	const char *text = ouro_settings_text(settings, key);
	uint64_t number = 0;

	if (!text || !ouro__str_u64(text, strlen(text), &number) || number > INT64_MAX)
		return 0;
	return (int64_t)number;
}

const char *ouro_settings_file(const ouro_settings *settings)
{
	return settings ? settings->file : NULL;
}

void ouro_settings_tailnet(const ouro_settings *settings, ouro_tailnet_options *options)
{
	const char *transport;

	if (!settings || !options)
		return;
	transport = settings->texts[OURO__KEY_HS_TRANSPORT];
	options->socket_path = settings->texts[OURO__KEY_HS_SOCKET];
	options->address = NULL;
	options->api_key = NULL;
	options->login_url = settings->texts[OURO__KEY_HS_LOGIN_URL];
	options->assume = settings->texts[OURO__KEY_HS_ASSUME];
	options->transport = OURO_TRANSPORT_AUTO;
	if (transport && strcmp(transport, "grpc") == 0)
		options->transport = OURO_TRANSPORT_GRPC;
	else if (transport && strcmp(transport, "http") == 0)
		options->transport = OURO_TRANSPORT_HTTP;
	if (!is_on(settings, OURO__KEY_HS_IS_REMOTE))
		return;
	options->address = settings->texts[OURO__KEY_HS_ADDRESS];
	options->api_key = settings->texts[OURO__KEY_HS_API_KEY];
	options->ca_file = settings->texts[OURO__KEY_HS_CA_FILE];
	options->plaintext = is_on(settings, OURO__KEY_HS_PLAINTEXT);
}

void ouro_settings_directory(const ouro_settings *settings, ouro_directory_options *options)
{
	if (!settings || !options)
		return;
	options->user_map = settings->texts[OURO__KEY_USER_MAP];
	options->rules = settings->texts[OURO__KEY_RULES];
}

void ouro_settings_store(const ouro_settings *settings, ouro_store_options *options)
{
	if (!settings || !options)
		return;
	options->directory = settings->texts[OURO__KEY_STATE_DIR];
	options->url = settings->texts[OURO__KEY_STORE_URL];
}

void ouro_settings_github(const ouro_settings *settings, ouro_github_options *options)
{
	if (!settings || !options)
		return;
	options->client_id = settings->texts[OURO__KEY_GH_CLIENT_ID];
	options->client_secret = settings->texts[OURO__KEY_GH_CLIENT_SECRET];
	options->url = settings->texts[OURO__KEY_GITHUB_URL];
	options->api_url = settings->texts[OURO__KEY_GITHUB_API_URL];
	options->ca_file = settings->texts[OURO__KEY_GITHUB_CA_FILE];
}
