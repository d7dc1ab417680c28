/* app.c: making the parts of the process out of the settings, and taking them apart. On the main thread. */
#include "app.h"
#include "asset.h"
#include "ratelimit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GITHUB_URL "https://github.com"

static void tell_fault(void *user, const char *where, const char *text)
{
	(void)user;
	(void)fprintf(stderr, "%s: %s\n", where, text);
}

static int complain(const char *where, const char *text)
{
	tell_fault(NULL, where, text);
	return -1;
}

static void log_notice(void *user, const char *where, const char *text)
{
	web_log(user, OURO_LOG_WARNING, "%s: %s", where, text);
}

static int fault(char *ret, size_t size, const char *text)
{
	(void)snprintf(ret, size, "%s", text);
	return -1;
}

static int loopback(const char *host)
{
	size_t length = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");

	return (length == 9 && strncmp(host, "localhost", 9) == 0) ||
		(length == 9 && strncmp(host, "127.0.0.1", 9) == 0) ||
		(length == 5 && strncmp(host, "[::1]", 5) == 0);
}

static void lower(char *text)
{
	for (; *text != '\0'; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
}

int web_base_url(struct web_app *app, const char *url, char *ret_fault, size_t fault_size)
{
	size_t length = strlen(url), scheme, host;

	app->secure = strncmp(url, "https://", 8) == 0;
	scheme = app->secure ? 8 : 7;
	if (!app->secure && strncmp(url, "http://", 7) != 0)
		return fault(ret_fault, fault_size,
			"must begin with https:// (http:// only for a loopback host)");
	while (length > scheme && url[length - 1] == '/')
		length--;
	host = strcspn(url + scheme, "/");
	host = host > length - scheme ? length - scheme : host;
	if (length >= WEB_URL_MAX || !web_host_valid(url + scheme, host))
		return fault(ret_fault, fault_size,
			"is not a URL like https://vpn.example.org/ouroboros");
	if (length > scheme + host && !web_path_valid(url + scheme + host, length - scheme - host))
		return fault(ret_fault, fault_size,
			"may only have letters, digits, - . _ ~ in its path");
	memcpy(app->base_host, url + scheme,
		host); /* web_host_valid() holds it below WEB_HOST_MAX */
	app->base_host[host] = '\0';
	lower(app->base_host);
	if (!app->secure && !loopback(app->base_host))
		return fault(ret_fault, fault_size,
			"is plain http: sessions would travel readable. Use https://, or a loopback host for a trial");
	memcpy(app->base_path, url + scheme + host, length - scheme - host);
	app->base_path[length - scheme - host] = '\0';
	(void)snprintf(app->base_origin, sizeof(app->base_origin), "%s%s",
		app->secure ? "https://" : "http://", app->base_host);
	memcpy(app->base_url, app->base_origin, scheme + host);
	memcpy(app->base_url + scheme + host, app->base_path, length - scheme - host + 1);
	(void)snprintf(app->api_path, sizeof(app->api_path), "%s/api/", app->base_path);
	return 0;
}

void web_common_headers(const struct web_app *app, const char *target, char ret[WEB_COMMON_MAX])
{
	(void)snprintf(ret, WEB_COMMON_MAX,
		"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
		"connect-src 'self'; form-action 'self' %.200s%s%.60s; base-uri 'none'; frame-ancestors 'none'; "
		"object-src 'none'; require-trusted-types-for 'script'\r\n"
		"%s"
		/* By this the doctor knows our answers from others' behind the same proxy. */
		"Ouroboros: web\r\n"
		"X-Content-Type-Options: nosniff\r\n"
		"X-Frame-Options: DENY\r\n"
		"Referrer-Policy: same-origin\r\n"
		"Cross-Origin-Opener-Policy: same-origin\r\n"
		"Cross-Origin-Resource-Policy: same-origin\r\n"
		"Permissions-Policy: accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), "
		"gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), screen-wake-lock=(), sync-xhr=(), "
		"usb=(), xr-spatial-tracking=(), interest-cohort=()\r\n",
		app->github_origin, target != NULL ? " " : "", target != NULL ? target : "",
		app->secure ? "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n"
			    : "");
}

static int level_of(const char *text)
{
	static const char *const names[] = {"error", "warning", "info", "debug"};
	int i;

	for (i = 0; text != NULL && i < 4; i++)
		if (strcmp(text, names[i]) == 0)
			return i;
	return OURO_LOG_INFO;
}

/* A text that lives as long as the process. */
static const char *keep(char **slot, const char *format, const char *text, size_t length)
{
	free(*slot);
	*slot = NULL;
	if (asprintf(slot, "%s%.*s", format, (int)length, text) < 0)
		*slot = NULL;
	return *slot;
}

static int setup_texts(struct web_app *app)
{
	const char *login = ouro_settings_text(app->settings, "hs_login_url");
	const char *github = ouro_settings_text(app->settings, "github_url");
	const char *base = ouro_settings_text(app->settings, "base_url");
	char text[160], *joined = NULL;
	int result = 0;

	if (login == NULL)
		return complain(
			"hs_login_url", "missing: the URL that clients use as --login-server");
	app->login_url = keep(&app->owned[0], strstr(login, "://") != NULL ? "" : "https://", login,
		strlen(login));
	if (github == NULL || github[0] == '\0')
		github = GITHUB_URL;
	if (strstr(github, "://") == NULL)
		return complain("github_url", "must begin with https://");
	app->github_origin = keep(&app->owned[1], "", github,
		(size_t)(strstr(github, "://") - github) + 3 +
			strcspn(strstr(github, "://") + 3, "/"));
	if (app->login_url == NULL || app->github_origin == NULL)
		return complain("start", "out of memory");
	if (base == NULL || base[0] == '\0') {
		size_t length = strlen(app->login_url);

		while (length > 0 && app->login_url[length - 1] == '/')
			length--;
		if (asprintf(&joined, "%.*s/ouroboros", (int)length, app->login_url) < 0)
			return complain("start", "out of memory");
		base = joined;
	}
	if (web_base_url(app, base, text, sizeof(text)) < 0)
		result = complain("base_url", text);
	free(joined);
	app->trusted_proxies = ouro_settings_text(app->settings, "trusted_proxies");
	if (!web_trusted_valid(app->trusted_proxies, text, sizeof(text))) {
		(void)fprintf(stderr,
			"trusted_proxies: %s is neither an address nor a prefix like 10.0.0.0/8\n",
			text);
		result = -1;
	}
	return result;
}

static int setup_sessions(struct web_app *app)
{
	ouro_sessions_options options = OURO_SESSIONS_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;

	options.keys = ouro_settings_text(app->settings, "session_key");
	if (options.keys != NULL && options.keys[0] == '\0')
		options.keys = NULL;
	options.audience = app->base_url;
	if (ouro_sessions_new(&options, &app->sessions, &error) < 0)
		return complain("session_key", error.text);
	return 0;
}

static int setup_github(struct web_app *app)
{
	ouro_github_options options = OURO_GITHUB_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;
	char callback[WEB_URL_MAX + 32];

	ouro_settings_github(app->settings, &options);
	(void)snprintf(callback, sizeof(callback), "%s/auth/callback", app->base_url);
	options.callback_url = callback;
	options.sessions = app->sessions;
	options.log = web_log_library;
	options.log_user = app;
	if (ouro_github_new(&options, &app->github, &error) < 0)
		return complain("gh_client_id", error.text);
	return 0;
}

static int setup_tailnet(struct web_app *app)
{
	ouro_tailnet_options options = OURO_TAILNET_OPTIONS_INIT;
	ouro_directory_options rules = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;

	ouro_settings_tailnet(app->settings, &options);
	options.log = web_log_library;
	options.log_user = app;
	ouro_settings_directory(app->settings, &rules);
	if (ouro_directory_load(&rules, tell_fault, NULL, &app->directory, &error) < 0)
		return -1;
	if (ouro_tailnet_open(&options, &app->tailnet, &error) < 0)
		return complain("Headscale", error.text);
	return 0;
}

/* One audit record, a line in one write so that lines of several processes do not mix. */
static void audit_line(void *user, const char *line, size_t length)
{
	struct web_app *app = user;
	struct web_buf text;

	web_buf_init(&text, length + 1);
	web_buf_add(&text, line, length);
	web_buf_add(&text, "\n", 1);
	if (text.failed || write(app->audit_fd, text.data, text.length) != (ssize_t)text.length)
		web_log(app, OURO_LOG_ERROR, "an audit record could not be written");
	web_buf_done(&text);
}

/* --check-config leaves everything as it is, and another user may run it. */
static int setup_store(struct web_app *app, int check)
{
	ouro_store_options options = OURO_STORE_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;

	ouro_settings_store(app->settings, &options);
	if (check || (options.directory == NULL && options.url == NULL))
		return 0;
	options.log = web_log_library;
	options.log_user = app;
	if (ouro_store_open(&options, &app->store, &error) < 0)
		return complain(options.url != NULL ? "store_url" : "state_dir", error.text);
	return 0;
}

static int setup_portal(struct web_app *app)
{
	const char *file = ouro_settings_text(app->settings, "audit_log");
	ouro_portal_options options = OURO_PORTAL_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;

	app->audit_fd = STDERR_FILENO;
	if (file != NULL && file[0] != '\0') {
		app->audit_fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		if (app->audit_fd < 0)
			return complain("audit_log", strerror(errno));
	}
	options.audit = audit_line;
	options.audit_user = app;
	options.store = app->store;
	if (ouro_portal_new(app->tailnet, app->directory, &options, &app->portal, &error) < 0)
		return complain("start", error.text);
	return 0;
}

static int setup_settings(struct web_app *app, const struct web_options *options)
{
	ouro_settings_options settings = OURO_SETTINGS_OPTIONS_INIT;
	ouro_error error = OURO_ERROR_INIT;

	settings.file = options->config;
	settings.environment = (const char *const *)environ;
	settings.fault = tell_fault;
	settings.notice = log_notice;
	settings.user = app;
	if (ouro_settings_load(&settings, &app->settings, &error) < 0) {
		if (error.status != OURO_ERR_CONFIG)
			(void)complain("settings", error.text);
		return -1;
	}
	app->log_level = level_of(ouro_settings_text(app->settings, "log_level"));
	return 0;
}

int web_app_setup(struct web_app *app, const struct web_options *options)
{
	int64_t percent;
	char text[256];

	memset(app, 0, sizeof(*app));
	app->log_level = OURO_LOG_INFO;
	app->audit_fd = STDERR_FILENO;
	atomic_init(&app->ready_status, OURO_ERR_UNREACHABLE);
	(void)pthread_mutex_init(&app->store_lock, NULL); /* cannot fail: it has no attributes */
	if (setup_settings(app, options) < 0 || setup_texts(app) < 0)
		return -1;
	web_common_headers(app, NULL, app->headers);
	if (web_asset_templates(options->templates, &app->templates, text, sizeof(text)) < 0)
		return complain("templates", text);
	percent = ouro_settings_number(app->settings, "rate_limit_percent");
	app->limits = web_limits_new(percent > 0 && percent <= 1000000 ? (unsigned)percent : 100);
	if (app->limits == NULL)
		return complain("start", "out of memory");
	if (setup_sessions(app) < 0 || setup_github(app) < 0 || setup_tailnet(app) < 0 ||
		setup_store(app, options->check) < 0 || setup_portal(app) < 0)
		return -1;
	return 0;
}

void web_app_done(struct web_app *app)
{
	size_t i;

	ouro_portal_free(app->portal);
	ouro_store_free(app->store);
	ouro_tailnet_free(app->tailnet);
	ouro_directory_free(app->directory);
	ouro_github_free(app->github);
	ouro_sessions_free(app->sessions);
	web_templates_free(app->templates);
	web_limits_free(app->limits);
	ouro_settings_free(app->settings);
	for (i = 0; i < sizeof(app->owned) / sizeof(app->owned[0]); i++)
		free(app->owned[i]);
	if (app->audit_fd > STDERR_FILENO)
		(void)close(app->audit_fd);
}
