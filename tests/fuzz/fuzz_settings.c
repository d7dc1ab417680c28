/* The settings file and the environment over it: the input is the file's text, a NUL, and
 * "KEY=value" entries between NULs. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <ouroboros/settings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ENTRIES_MAX = 16 };

static void count_fault(void *user, const char *where, const char *text)
{
	if (!where || !text || !*text)
		abort();
	++*(size_t *)user;
}

/* Notices are not faults. */
static void see_notice(void *user, const char *where, const char *text)
{
	(void)user;
	if (!where || !text || !*text)
		abort();
}

static void use(const ouro_settings *settings)
{
	ouro_tailnet_options tailnet = OURO_TAILNET_OPTIONS_INIT;
	ouro_directory_options directory = OURO_DIRECTORY_OPTIONS_INIT;
	ouro_github_options github = OURO_GITHUB_OPTIONS_INIT;
	ouro_directory *loaded = NULL;
	ouro_error error = OURO_ERROR_INIT;

	if (!ouro_settings_text(settings, "hs_login_url") ||
		!ouro_settings_text(settings, "base_url") || !ouro_settings_file(settings))
		abort();
	ouro_settings_tailnet(settings, &tailnet);
	ouro_settings_github(settings, &github);
	ouro_settings_directory(settings, &directory);
	/* Accepted once means accepted where it is used. */
	if (ouro_directory_load(&directory, NULL, NULL, &loaded, &error) == OURO_ERR_CONFIG)
		abort();
	ouro_directory_free(loaded);
}

/* A file without a name, so that nothing is left behind. */
static int make_file(const uint8_t *text, size_t length)
{
	int fd = memfd_create("settings", MFD_CLOEXEC);

	if (fd < 0)
		return -1;
	if (length && write(fd, text, length) != (ssize_t)length) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static void split(const char *text, size_t size, const char *ret_entries[ENTRIES_MAX + 1])
{
	size_t count = 0;
	size_t at = 0;

	while (at < size && count < ENTRIES_MAX) {
		ret_entries[count++] = text + at;
		at += strlen(text + at) + 1;
	}
	ret_entries[count] = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ouro_settings_options options = OURO_SETTINGS_OPTIONS_INIT;
	const char *entries[ENTRIES_MAX + 1];
	char path[64];
	ouro_settings *settings = NULL;
	size_t faults = 0;
	const uint8_t *end = size ? memchr(data, 0, size) : NULL;
	size_t length = end ? (size_t)(end - data) : size;
	size_t rest = end ? size - length - 1 : 0;
	char *environment = malloc(rest + 1);
	int fd = make_file(data, length);
	ouro_status rc;

	if (!environment || fd < 0)
		goto out;
	if (rest)
		memcpy(environment, data + length + 1, rest);
	environment[rest] = '\0';
	split(environment, rest, entries);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	options.file = path;
	options.environment = entries;
	options.fault = count_fault;
	options.notice = see_notice;
	options.user = &faults;
	rc = ouro_settings_load(&options, &settings, NULL);
	if (rc == OURO_OK ? !settings || faults : settings || (!faults && rc != OURO_ERR_NOMEM))
		abort();
	if (rc == OURO_OK)
		use(settings);
	ouro_settings_free(settings);
out:
	free(environment);
	if (fd >= 0)
		(void)close(fd);
	return 0;
}
