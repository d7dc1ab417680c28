/* reload.c: map and rules follow the settings while the process runs; and the summary of --check-config. On the main thread. */
#include "app.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static void log_fault(void *user, const char *where, const char *text)
{
	web_log(user, OURO_LOG_ERROR, "reload: %s: %s", where, text);
}

static void ignore_notice(void *user, const char *where, const char *text)
{
	(void)user;
	(void)where;
	(void)text;
}

void web_app_reload(struct web_app *app, const struct web_options *options)
{
	ouro_settings_options settings_options = OURO_SETTINGS_OPTIONS_INIT;
	ouro_directory_options rules = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_settings *settings = NULL;
	ouro_error error = OURO_ERROR_INIT;
	ouro_status status;

	settings_options.file =
		options->config != NULL ? options->config : ouro_settings_file(app->settings);
	settings_options.environment = (const char *const *)environ;
	settings_options.fault = log_fault;
	settings_options.notice = ignore_notice;
	settings_options.user = app;
	status = ouro_settings_load(&settings_options, &settings, &error);
	if (status == OURO_OK) {
		ouro_settings_directory(settings, &rules);
		status = ouro_directory_reload(app->directory, &rules, log_fault, app, &error);
	}
	if (status == OURO_OK)
		web_log(app, OURO_LOG_INFO, "reloaded: %zu accounts in the map",
			ouro_directory_count(app->directory));
	else
		web_log(app, OURO_LOG_ERROR, "reload failed, the old map and rules stay: %s",
			error.text);
	ouro_settings_free(settings);
}

void web_app_summary(const struct web_app *app)
{
	static const char *const texts[] = {"listen", "hs_address", "hs_socket", "hs_transport",
		"hs_assume", "hs_ca_file", "gh_client_id", "trusted_proxies", "audit_log",
		"log_level", "state_dir"};
	static const char *const secrets[] = {
		"hs_api_key", "gh_client_secret", "session_key", "store_url"};
	const char *file = ouro_settings_file(app->settings);
	size_t i;

	(void)printf("The settings are fine (%s).\n", file != NULL ? file : "environment only");
	(void)printf("%-18s %s\n%-18s %s\n%-18s %s\n", "base_url", app->base_url, "login server",
		app->login_url, "github", app->github_origin);
	(void)printf("%-18s %s/auth/callback\n", "callback URL", app->base_url);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *value = ouro_settings_text(app->settings, texts[i]);

		(void)printf("%-18s %s\n", texts[i],
			value != NULL && value[0] != '\0' ? value : "unset");
	}
	for (i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		const char *value = ouro_settings_text(app->settings, secrets[i]);

		(void)printf("%-18s %s\n", secrets[i],
			value != NULL && value[0] != '\0' ? "set" : "unset");
	}
	(void)printf("%-18s %zu accounts\n", "user_map", ouro_directory_count(app->directory));
}
