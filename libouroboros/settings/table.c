/* The table of settings; see table.h. */
#include "settings/table.h"

#include <stddef.h>
#include <string.h>

#include "settings/check.h"

#define TEXT OURO__SHAPE_TEXT
#define SWITCH OURO__SHAPE_SWITCH

const struct ouro__row ouro__settings_rows[OURO__KEY_COUNT] = {
	[OURO__KEY_HS_IS_REMOTE] = {"hs_is_remote", SWITCH, 0, "0", ouro__check_switch},
	[OURO__KEY_HS_ADDRESS] = {"hs_address", TEXT, 0, NULL, ouro__check_address},
	[OURO__KEY_HS_API_KEY] = {"hs_api_key", TEXT, 1, NULL, ouro__check_secret},
	[OURO__KEY_HS_API_KEY_FILE] = {"hs_api_key_file", TEXT, 0, NULL, ouro__check_text},
	[OURO__KEY_HS_BIN_PATH] = {"hs_bin_path", TEXT, 0, NULL, ouro__check_text},
	[OURO__KEY_HS_LOGIN_URL] = {"hs_login_url", TEXT, 0, NULL, ouro__check_login_url},
	[OURO__KEY_GH_CLIENT_ID] = {"gh_client_id", TEXT, 0, NULL, ouro__check_secret},
	[OURO__KEY_GH_CLIENT_SECRET] = {"gh_client_secret", TEXT, 1, NULL, ouro__check_secret},
	[OURO__KEY_GH_CLIENT_SECRET_FILE] = {"gh_client_secret_file", TEXT, 0, NULL,
		ouro__check_text},
	[OURO__KEY_USER_MAP] = {"user_map", OURO__SHAPE_OBJECT, 0, NULL, ouro__check_object},
	[OURO__KEY_HS_SOCKET] = {"hs_socket", TEXT, 0, "/var/run/headscale/headscale.sock",
		ouro__check_socket},
	[OURO__KEY_HS_TRANSPORT] = {"hs_transport", TEXT, 0, "auto", ouro__check_transport},
	[OURO__KEY_HS_ASSUME] = {"hs_assume", TEXT, 0, NULL, ouro__check_version},
	[OURO__KEY_HS_CA_FILE] = {"hs_ca_file", TEXT, 0, NULL, ouro__check_readable},
	[OURO__KEY_HS_PLAINTEXT] = {"hs_plaintext", SWITCH, 0, "0", ouro__check_switch},
	[OURO__KEY_BASE_URL] = {"base_url", TEXT, 0, NULL,
		ouro__check_url}, /* default from hs_login_url */
	[OURO__KEY_LISTEN] = {"listen", TEXT, 0, "127.0.0.1:8080", ouro__check_listen},
	[OURO__KEY_TRUSTED_PROXIES] = {"trusted_proxies", OURO__SHAPE_LIST, 0, NULL,
		ouro__check_proxies},
	[OURO__KEY_SESSION_KEY] = {"session_key", TEXT, 1, NULL, ouro__check_lines},
	[OURO__KEY_SESSION_KEY_FILE] = {"session_key_file", TEXT, 0, NULL, ouro__check_text},
	[OURO__KEY_STATE_DIR] = {"state_dir", TEXT, 0, NULL, ouro__check_state_dir},
	[OURO__KEY_STORE_URL] = {"store_url", TEXT, 1, NULL, ouro__check_store_url},
	[OURO__KEY_STORE_URL_FILE] = {"store_url_file", TEXT, 0, NULL, ouro__check_text},
	[OURO__KEY_LOG_LEVEL] = {"log_level", TEXT, 0, "info", ouro__check_level},
	[OURO__KEY_AUDIT_LOG] = {"audit_log", TEXT, 0, NULL, ouro__check_text},
	[OURO__KEY_GITHUB_URL] = {"github_url", TEXT, 0, "https://github.com", ouro__check_url},
	[OURO__KEY_GITHUB_API_URL] = {"github_api_url", TEXT, 0, NULL,
		ouro__check_url}, /* default from github_url */
	[OURO__KEY_GITHUB_CA_FILE] = {"github_ca_file", TEXT, 0, NULL, ouro__check_readable},
	[OURO__KEY_WEB_THREADS] = {"web_threads", OURO__SHAPE_NUMBER, 0, "32", ouro__check_threads},
	[OURO__KEY_RATE_LIMIT_PERCENT] = {"rate_limit_percent", OURO__SHAPE_NUMBER, 0, "100",
		ouro__check_percent},
	[OURO__KEY_RULES] = {"rules", OURO__SHAPE_OBJECT, 0, "{}", ouro__check_object},
};

int ouro__settings_find(const char *key)
{
	for (int i = 0; i < OURO__KEY_COUNT; i++)
		if (strcmp(ouro__settings_rows[i].key, key) == 0)
			return i;
	return -1;
}

const char *ouro__settings_nearest(const char *key)
{
	const char *names[OURO__KEY_COUNT];

	for (int i = 0; i < OURO__KEY_COUNT; i++)
		names[i] = ouro__settings_rows[i].key;
	return ouro__fault_nearest(key, names, OURO__KEY_COUNT);
}

int ouro__settings_file_row(int row)
{
	switch (row) {
	case OURO__KEY_HS_API_KEY: return OURO__KEY_HS_API_KEY_FILE;
	case OURO__KEY_GH_CLIENT_SECRET: return OURO__KEY_GH_CLIENT_SECRET_FILE;
	case OURO__KEY_STORE_URL: return OURO__KEY_STORE_URL_FILE;
	default: return OURO__KEY_SESSION_KEY_FILE;
	}
}
