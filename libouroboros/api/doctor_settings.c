/* What can be told from the settings alone. */
#include <arpa/inet.h>
#include <string.h>

#include <ouroboros/identity.h>

#include "access/access.h"
#include "access/prefix.h"
#include "api/doctor.h"

/* ---- rules ---- */

static int look_rules(struct ouro__strand *strand, void *state)
{
	ouro_directory_options options = OURO_DIRECTORY_OPTIONS_INIT;
	ouro__policy *policy = NULL;

	(void)state;
	options.user_map = "{}";
	options.rules = ouro__doctor_text(strand, "rules");
	/* Faults are told already. */
	if (!options.rules || ouro__policy_new(&options, NULL, NULL, &policy, NULL) < 0)
		return 1;
	if (ouro__policy_routes_any(policy)) {
		ouro__report_add(&strand->report, OURO_FINDING_NOTE,
			"routes is \"any\": owners may have whatever network they announce approved, your office's too");
		ouro__report_advise(&strand->report,
			"list what they may announce: \"rules\": {\"routes\": [\"192.168.0.0/16\"]}");
	} else {
		ouro__report_add(&strand->report, OURO_FINDING_OK, "routes are limited");
	}
	ouro__policy_unref(policy);
	return 1;
}

/* ---- sessions ---- */

static int look_session_key(struct ouro__strand *strand, void *state)
{
	ouro_sessions_options options = OURO_SESSIONS_OPTIONS_INIT;
	ouro_sessions *sessions = NULL;
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	options.keys = ouro__doctor_text(strand, "session_key");
	/* That it is missing is told already. */
	if (!options.keys)
		return 1;
	options.audience = "https://doctor.invalid";
	if (ouro_sessions_new(&options, &sessions, &error) < 0) {
		ouro__report_add(&strand->report, OURO_FINDING_WRONG, "%s", error.text);
		ouro__report_advise(&strand->report, OURO__SESSION_KEY_ADVICE);
	} else {
		ouro__report_add(
			&strand->report, OURO_FINDING_OK, "people stay signed in over a restart");
	}
	ouro_sessions_free(sessions);
	return 1;
}

/* ---- where it listens ---- */

static int is_within(const char *address, const char *const *ranges, size_t count)
{
	struct ouro__prefix one;

	if (!ouro__prefix_parse_loose(address, &one))
		return 0;
	for (size_t i = 0; i < count; i++) {
		struct ouro__prefix range;

		if (ouro__prefix_parse_loose(ranges[i], &range) &&
			ouro__prefix_within(&one, &range))
			return 1;
	}
	return 0;
}

static int is_private(const char *address)
{
	static const char *const ranges[] = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
		"100.64.0.0/10", "169.254.0.0/16", "fc00::/7", "fe80::/10"};

	return is_within(address, ranges, sizeof(ranges) / sizeof(ranges[0]));
}

static int is_any(const char *address)
{
	return strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0;
}

static int look_listen(struct ouro__strand *strand, void *state)
{
	static const char advice[] =
		"let nobody but the proxy reach it: 127.0.0.1:PORT where both are on one machine, else a firewall or a network of containers";
	const char *listen = ouro__doctor_text(strand, "listen");
	struct ouro__url url;

	(void)state;
	if (!listen || !ouro__url_authority(listen, strlen(listen), &url))
		return 1;
	if (url.loopback)
		ouro__report_add(&strand->report, OURO_FINDING_OK,
			"%s: reached from this machine only", listen);
	else if (is_any(url.host) || is_private(url.host))
		ouro__report_add(&strand->report, OURO_FINDING_NOTE,
			"%s: plain HTTP for every machine that gets there", listen);
	else
		ouro__report_add(&strand->report, OURO_FINDING_WRONG,
			"%s is a public address: sessions travel there without TLS", listen);
	if (!url.loopback)
		ouro__report_advise(&strand->report, "%s", advice);
	return 1;
}

/* 1 if the list, as the settings hand it out, has an element with that address in it. */
static int trusts(const char *list, const char *address)
{
	struct ouro__prefix one;

	if (!ouro__prefix_parse_loose(address, &one))
		return 0;
	while (*list) {
		size_t length = strcspn(list, ",");
		char item[OURO__PREFIX_TEXT_MAX];
		struct ouro__prefix range;

		if (length < sizeof(item)) {
			memcpy(item, list, length);
			item[length] = '\0';
			if (ouro__prefix_parse_loose(item, &range) &&
				ouro__prefix_within(&one, &range))
				return 1;
		}
		list += length;
		list += *list == ',';
	}
	return 0;
}

static int look_proxies(struct ouro__strand *strand, void *state)
{
	const char *proxies = ouro__doctor_text(strand, "trusted_proxies");
	const char *listen = ouro__doctor_text(strand, "listen");
	char base[OURO__URL_MAX + 1];
	struct ouro__url url;
	int local = listen && ouro__url_authority(listen, strlen(listen), &url) && url.loopback;

	(void)state;
	/* TLS is the proxy's: without it there is none. */
	if (!ouro__doctor_base_url(strand, base) || strncmp(base, "https:", 6) != 0)
		return 1;
	if (!proxies || !*proxies) {
		ouro__report_add(&strand->report, OURO_FINDING_NOTE,
			"no trusted_proxies: everybody behind the proxy counts as one address, and shares its limits");
		ouro__report_advise(&strand->report,
			"name the addresses that the proxy connects from: \"trusted_proxies\": [\"127.0.0.1\"]");
	} else if (local && !trusts(proxies, "127.0.0.1")) {
		ouro__report_add(&strand->report, OURO_FINDING_NOTE,
			"trusted_proxies is %s, but only this machine (127.0.0.1) can reach %s",
			proxies, listen);
		ouro__report_advise(&strand->report, "add 127.0.0.1 to trusted_proxies");
	} else {
		ouro__report_add(
			&strand->report, OURO_FINDING_OK, "proxies at %s are believed", proxies);
	}
	return 1;
}

void ouro__doctor_settings(struct ouro__strand *strand)
{
	static const struct ouro__check_row rows[] = {
		{"rules", look_rules},
		{"session key", look_session_key},
		{"listen", look_listen},
		{"proxies", look_proxies},
	};

	ouro__strand_run(strand, rows, sizeof(rows) / sizeof(rows[0]), NULL);
}
