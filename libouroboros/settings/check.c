/* Checks of single settings: each says what to write instead, none shows a secret. */
#include "settings/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "access/prefix.h"
#include "base/str.h"
#include "base/url.h"

enum {
	TEXT_MAX = 4096,
	SECRET_MAX = 1024,
	THREADS_MIN = 4,
	THREADS_MAX = 1024,
	PERCENT_MAX = 1000000,
	VERSION_DIGITS_MAX = 3
};

static int has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return 1;
	return 0;
}

void ouro__check_text(const struct ouro__check *check, const char *text)
{
	if (strlen(text) > TEXT_MAX || has_control(text))
		ouro__fault(check->faults, check->where,
			"too long, or holds a control character; write one plain line");
	else
		ouro__buf_text(check->out, text);
}

void ouro__check_secret(const struct ouro__check *check, const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++) {
		if (text[i] > 0x20 && text[i] < 0x7f)
			continue;
		ouro__fault(check->faults, check->where,
			"holds a blank or a character outside of ASCII; copy it again without them");
		return;
	}
	if (length > SECRET_MAX)
		ouro__fault(check->faults, check->where, "longer than %d characters; copy it again",
			SECRET_MAX);
	else
		ouro__buf_text(check->out, text);
}

void ouro__check_lines(const struct ouro__check *check, const char *text)
{
	if (strlen(text) > TEXT_MAX)
		ouro__fault(check->faults, check->where,
			"longer than 4 KiB; write lines NAME:KEY, drop the oldest");
	else
		ouro__buf_text(check->out, text);
}

void ouro__check_switch(const struct ouro__check *check, const char *text)
{
	if (ouro__str_same_fold(text, "true") || strcmp(text, "1") == 0)
		ouro__buf_text(check->out, "1");
	else if (ouro__str_same_fold(text, "false") || strcmp(text, "0") == 0)
		ouro__buf_text(check->out, "0");
	else
		ouro__fault(check->faults, check->where, "write true or false");
}

void ouro__check_threads(const struct ouro__check *check, const char *text)
{
	uint64_t number = 0;

	if (!ouro__str_u64(text, strlen(text), &number) || number < THREADS_MIN ||
		number > THREADS_MAX)
		ouro__fault(check->faults, check->where, "write a whole number from %d to %d",
			THREADS_MIN, THREADS_MAX);
	else
		ouro__buf_text(check->out, text);
}

void ouro__check_address(const struct ouro__check *check, const char *text)
{
	struct ouro__url url;

	if (strstr(text, "://"))
		ouro__fault(
			check->faults, check->where, "write HOST:PORT without %.8s", "https://");
	else if (!ouro__url_authority(text, strlen(text), &url))
		ouro__fault(check->faults, check->where,
			"not a host with a port; write it like vpn.example.org:443 or [2001:db8::1]:443");
	else
		ouro__buf_text(check->out, text);
}

/* Appends without slashes at the end. */
static void append_url(const struct ouro__check *check, const char *text)
{
	size_t length = strlen(text);

	while (length && text[length - 1] == '/')
		length--;
	ouro__buf_append(check->out, text, length);
}

void ouro__check_login_url(const struct ouro__check *check, const char *text)
{
	char full[OURO__URL_MAX + 1];
	struct ouro__url url;
	int n = snprintf(full, sizeof(full), "%s%s", strstr(text, "://") ? "" : "https://", text);

	if (n < 0 || (size_t)n >= sizeof(full) || !ouro__url_parse(full, &url)) {
		ouro__fault(check->faults, check->where,
			"not a host or URL; write what clients get as --login-server, "
			"like https://vpn.example.org");
		return;
	}
	if (!ouro__url_safe(&url))
		ouro__fault(check->notices, check->where,
			"plain http: clients talk to Headscale without TLS");
	append_url(check, full);
}

void ouro__check_url(const struct ouro__check *check, const char *text)
{
	struct ouro__url url;

	if (!ouro__url_parse(text, &url))
		ouro__fault(check->faults, check->where,
			"not a URL of this kind; write it like https://vpn.example.org/ouroboros, without ? and #");
	else if (!ouro__url_safe(&url))
		ouro__fault(check->faults, check->where,
			"plain http works only on this machine (127.0.0.1, localhost); write https://");
	else
		append_url(check, text);
}

void ouro__check_percent(const struct ouro__check *check, const char *text)
{
	uint64_t number = 0;

	if (!ouro__str_u64(text, strlen(text), &number) || number < 1 || number > PERCENT_MAX)
		ouro__fault(check->faults, check->where, "write a whole number from 1 to %d",
			PERCENT_MAX);
	else
		ouro__buf_text(check->out, text);
}

/* "ADDRESS:0", any port that is free: not a port of a URL, but one to listen on. */
static int any_port(const char *text)
{
	char host[INET_ADDRSTRLEN];
	size_t length = strlen(text);
	uint8_t address[4];

	if (length < 3 || length - 2 >= sizeof(host) || strcmp(text + length - 2, ":0") != 0)
		return 0;
	memcpy(host, text, length - 2);
	host[length - 2] = '\0';
	return inet_pton(AF_INET, host, address) == 1;
}

void ouro__check_listen(const struct ouro__check *check, const char *text)
{
	struct ouro__url url;
	uint8_t address[16];

	if (!any_port(text) &&
		(!ouro__url_authority(text, strlen(text), &url) || !url.port ||
			(inet_pton(AF_INET, url.host, address) != 1 &&
				inet_pton(AF_INET6, url.host, address) != 1 &&
				strcmp(url.host, "localhost") != 0)))
		ouro__fault(check->faults, check->where,
			"write ADDRESS:PORT with a numeric address, like 127.0.0.1:8080");
	else
		ouro__buf_text(check->out, text);
}

static void check_proxy(const struct ouro__check *check, const char *item)
{
	struct ouro__prefix prefix;
	char text[OURO__PREFIX_TEXT_MAX];

	if (!ouro__prefix_parse_loose(item, &prefix)) {
		ouro__fault(check->faults, check->where,
			"%.64s is not an address or a prefix with its host bits zero; write it like 127.0.0.1 or 10.0.0.0/8",
			item);
		return;
	}
	if (ouro__prefix_exit(&prefix)) {
		ouro__fault(check->faults, check->where,
			"%.64s would trust everybody; name the proxies", item);
		return;
	}
	ouro__prefix_text(&prefix, text);
	if (check->out->size)
		ouro__buf_byte(check->out, ',');
	ouro__buf_text(check->out, text);
}

void ouro__check_proxies(const struct ouro__check *check, const char *text)
{
	static const char blanks[] = " \t";
	char item[128];

	while (*text) {
		size_t length;
		size_t whole;

		text += strspn(text, blanks);
		whole = strcspn(text, ",");
		length = whole;
		while (length && strchr(blanks, text[length - 1]))
			length--;
		if (length >= sizeof(item))
			length = sizeof(item) - 1;
		memcpy(item, text, length);
		item[length] = '\0';
		check_proxy(check, item);
		text += whole;
		text += *text == ',';
	}
}

static void check_choice(
	const struct ouro__check *check, const char *text, const char *const *choices, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!ouro__str_same_fold(text, choices[i]))
			continue;
		ouro__buf_text(check->out, choices[i]);
		return;
	}
	ouro__fault(check->faults, check->where, "unknown value; did you mean %s?",
		ouro__fault_nearest(text, choices, count));
}

void ouro__check_transport(const struct ouro__check *check, const char *text)
{
	static const char *const choices[] = {"auto", "grpc", "http"};

	check_choice(check, text, choices, 3);
}

/* 0.30 or 0.27.1, with or without a v. */
void ouro__check_version(const struct ouro__check *check, const char *text)
{
	const char *start = *text == 'v' ? text + 1 : text;
	const char *at = start;
	int parts = 0;

	for (;;) {
		size_t digits = strspn(at, "0123456789");

		if (!digits || digits > VERSION_DIGITS_MAX)
			break;
		parts++;
		at += digits;
		if (*at != '.')
			break;
		at++;
	}
	if (parts < 2 || parts > 3 || *at || at[-1] == '.')
		ouro__fault(check->faults, check->where,
			"not a version of Headscale; write one like 0.30 or 0.27.1");
	else
		ouro__buf_text(check->out, start);
}

void ouro__check_level(const struct ouro__check *check, const char *text)
{
	static const char *const choices[] = {"error", "warning", "info", "debug"};

	check_choice(check, text, choices, 4);
}

void ouro__check_socket(const struct ouro__check *check, const char *text)
{
	struct sockaddr_un address;

	if (strlen(text) >= sizeof(address.sun_path))
		ouro__fault(check->faults, check->where,
			"longer than a socket path may be (%zu bytes)",
			sizeof(address.sun_path) - 1);
	else
		ouro__check_text(check, text);
}

void ouro__check_readable(const struct ouro__check *check, const char *text)
{
	if (access(text, R_OK) != 0)
		ouro__fault(check->faults, check->where, "%.200s cannot be read: %s", text,
			strerror(errno));
	else
		ouro__check_text(check, text);
}

/* The directory that a directory is in, without a slash at its end. */
static void parent_of(const char *path, char *to, size_t room)
{
	const char *end = path + strlen(path);

	while (end > path && end[-1] == '/')
		end--;
	while (end > path && end[-1] != '/')
		end--;
	while (end > path + 1 && end[-1] == '/')
		end--;
	(void)snprintf(
		to, room, "%.*s", end > path ? (int)(end - path) : 1, end > path ? path : ".");
}

void ouro__check_state_dir(const struct ouro__check *check, const char *text)
{
	size_t faults = check->faults->count;
	char parent[TEXT_MAX + 1];
	struct stat info;

	ouro__check_text(check, text);
	if (check->faults->count > faults)
		return;
	parent_of(text, parent, sizeof(parent));
	if (stat(text, &info) == 0 && !S_ISDIR(info.st_mode))
		ouro__fault(check->faults, check->where, "%.200s is not a directory", text);
	else if (access(text, F_OK) == 0 && access(text, W_OK | X_OK) != 0)
		ouro__fault(check->faults, check->where,
			"%.200s cannot be written to: %s; give it to the program's user", text,
			strerror(errno));
	else if (access(text, F_OK) != 0 && access(parent, W_OK | X_OK) != 0)
		ouro__fault(check->faults, check->where,
			"%.200s is not there and cannot be made in %.200s: %s", text, parent,
			strerror(errno));
}

void ouro__check_store_url(const struct ouro__check *check, const char *text)
{
	if (!ouro__str_starts(text, "postgresql://") && !ouro__str_starts(text, "postgres://"))
		ouro__fault(check->faults, check->where,
			"not a URL of PostgreSQL; write it like postgresql://USER:PASSWORD@HOST/DATABASE");
	else
		ouro__check_secret(check, text);
}

void ouro__check_object(const struct ouro__check *check, const char *text)
{
	ouro__buf_text(check->out, text);
}
