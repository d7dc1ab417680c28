/* The check of each kind of setting: what is taken, in which canonical form, and what is said of the
 * rest. A fault leaves no text, and a secret is never in what is said. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "settings/check.h"

struct seen {
	size_t count;
	char text[512];
};

static void on_fault(void *user, const char *where, const char *text)
{
	struct seen *seen = user;

	assert_string_equal(where, "here");
	seen->count++;
	(void)snprintf(seen->text, sizeof(seen->text), "%s", text);
}

/* One check of one text; canonical NULL = a fault with this word, notice NULL = none. */
static void checked(ouro__check_fn check, const char *text, const char *canonical, const char *word,
	const char *notice)
{
	struct seen faults_seen = {0, ""};
	struct seen notices_seen = {0, ""};
	struct ouro__faults faults = {on_fault, &faults_seen, NULL, 0};
	struct ouro__faults notices = {on_fault, &notices_seen, NULL, 0};
	ouro__buf out = OURO__BUF_INIT(64 * 1024);
	const struct ouro__check about = {&faults, &notices, "here", &out};

	check(&about, text);
	if (faults_seen.count != (canonical ? 0 : 1))
		fail_msg("\"%.80s\": %zu faults, %s", text, faults_seen.count, faults_seen.text);
	if (canonical)
		assert_string_equal(ouro__buf_str(&out), canonical);
	else
		assert_text_has(faults_seen.text, word);
	assert_int_equal(notices_seen.count, notice ? 1 : 0);
	if (notice)
		assert_text_has(notices_seen.text, notice);
	ouro__buf_done(&out);
}

static void taken(ouro__check_fn check, const char *text, const char *canonical)
{
	checked(check, text, canonical, NULL, NULL);
}

static void refused(ouro__check_fn check, const char *text, const char *word)
{
	checked(check, text, NULL, word, NULL);
}

/* A text of so many characters. */
static const char *of_length(size_t length)
{
	static char text[8192];

	assert_true(length < sizeof(text));
	memset(text, 'a', length);
	text[length] = '\0';
	return text;
}

static void test_settings_check__texts(void **state)
{
	(void)state;
	taken(ouro__check_text, "/var/lib/ouro boros", "/var/lib/ouro boros");
	taken(ouro__check_text, of_length(4096), of_length(4096));
	refused(ouro__check_text, of_length(4097), "too long");
	refused(ouro__check_text, "a\x1f", "control");
	refused(ouro__check_text, "a\x7f", "control");
	taken(ouro__check_lines, "a:x\nb:y", "a:x\nb:y");
	taken(ouro__check_lines, of_length(4096), of_length(4096));
	refused(ouro__check_lines, of_length(4097), "longer than 4 KiB");
	taken(ouro__check_object, "{\"a\":1}", "{\"a\":1}");
	taken(ouro__check_socket, "/run/headscale.sock", "/run/headscale.sock");
	taken(ouro__check_socket, of_length(107), of_length(107));
	refused(ouro__check_socket, of_length(108), "107 bytes");
	refused(ouro__check_socket, "/run/a\n", "control");
}

static void test_settings_check__secrets(void **state)
{
	struct seen seen = {0, ""};
	struct ouro__faults faults = {on_fault, &seen, NULL, 0};
	ouro__buf out = OURO__BUF_INIT(4096);
	const struct ouro__check about = {&faults, &faults, "here", &out};

	(void)state;
	taken(ouro__check_secret, "!~secret", "!~secret");
	taken(ouro__check_secret, of_length(1024), of_length(1024));
	refused(ouro__check_secret, of_length(1025), "longer than 1024");
	refused(ouro__check_secret, "a\x7f", "ASCII");
	refused(ouro__check_secret, "a b", "blank");
	ouro__check_secret(&about, "CANARY\xc3\xa4");
	assert_int_equal(seen.count, 1);
	assert_null(strstr(seen.text, "CANARY"));
	assert_int_equal(out.size, 0);
	ouro__buf_done(&out);
}

static void test_settings_check__numbers_and_words(void **state)
{
	static const char *const on[] = {"true", "TRUE", "True", "1"};
	static const char *const off[] = {"false", "False", "0"};

	(void)state;
	for (size_t i = 0; i < sizeof(on) / sizeof(on[0]); i++)
		taken(ouro__check_switch, on[i], "1");
	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
		taken(ouro__check_switch, off[i], "0");
	refused(ouro__check_switch, "yes", "true or false");
	refused(ouro__check_switch, "01", "true or false");
	taken(ouro__check_threads, "4", "4");
	taken(ouro__check_threads, "1024", "1024");
	refused(ouro__check_threads, "3", "4 to 1024");
	refused(ouro__check_threads, "1025", "4 to 1024");
	refused(ouro__check_threads, "-1", "4 to 1024");
	taken(ouro__check_percent, "1", "1");
	taken(ouro__check_percent, "1000000", "1000000");
	refused(ouro__check_percent, "0", "1 to 1000000");
	refused(ouro__check_percent, "1000001", "1 to 1000000");
	refused(ouro__check_percent, "100%", "1 to 1000000");
	taken(ouro__check_transport, "HTTP", "http");
	refused(ouro__check_transport, "htp", "did you mean http?");
	taken(ouro__check_level, "Warning", "warning");
	refused(ouro__check_level, "warn", "did you mean");
}

static void test_settings_check__addresses(void **state)
{
	(void)state;
	taken(ouro__check_address, "vpn.example.org:443", "vpn.example.org:443");
	taken(ouro__check_address, "[2001:db8::1]:443", "[2001:db8::1]:443");
	refused(ouro__check_address, "http://vpn.example.org:443", "without https://");
	refused(ouro__check_address, "vpn.example.org:", "not a host with a port");
	taken(ouro__check_listen, "127.0.0.1:8080", "127.0.0.1:8080");
	taken(ouro__check_listen, "127.0.0.1:0", "127.0.0.1:0");
	taken(ouro__check_listen, "0.0.0.0:1", "0.0.0.0:1");
	taken(ouro__check_listen, "[::1]:8080", "[::1]:8080");
	taken(ouro__check_listen, "localhost:8080", "localhost:8080");
	refused(ouro__check_listen, "localhost:0", "numeric address");
	refused(ouro__check_listen, "127.0.0.1", "numeric address");
	refused(ouro__check_listen, ":0", "numeric address");
	refused(ouro__check_listen, "a:0", "numeric address");
	refused(ouro__check_listen, "300.300.300.300:0", "numeric address");
	refused(ouro__check_listen, "2001:db8:2001:db8::1:0", "numeric address");
	refused(ouro__check_listen, "vpn.example.org:80", "numeric address");
}

static void test_settings_check__urls(void **state)
{
	char url[2200];

	(void)state;
	taken(ouro__check_url, "https://a.example.org/b/", "https://a.example.org/b");
	taken(ouro__check_url, "http://localhost:8080", "http://localhost:8080");
	refused(ouro__check_url, "ftp://a.example.org", "not a URL");
	refused(ouro__check_url, "http://a.example.org", "plain http");
	taken(ouro__check_login_url, "a.example.org", "https://a.example.org");
	checked(ouro__check_login_url, "http://a.example.org/", "http://a.example.org", NULL,
		"without TLS");
	refused(ouro__check_login_url, "a b", "not a host or URL");
	refused(ouro__check_login_url, "gopher://a.example.org", "not a host or URL");
	(void)snprintf(url, sizeof(url), "a.example.org/%s", of_length(2100));
	refused(ouro__check_login_url, url, "not a host or URL");
}

static void test_settings_check__proxies(void **state)
{
	char list[400];

	(void)state;
	taken(ouro__check_proxies, "127.0.0.1", "127.0.0.1/32");
	taken(ouro__check_proxies, "\t127.0.0.1 ,\t::1\t, 10.0.0.0/8,",
		"127.0.0.1/32,::1/128,10.0.0.0/8");
	refused(ouro__check_proxies, " ", "not an address");
	refused(ouro__check_proxies, "::/0", "trust everybody");
	(void)snprintf(list, sizeof(list), "%s", of_length(300));
	refused(ouro__check_proxies, list, "aaaa is not an address");
}

static void test_settings_check__readable(void **state)
{
	char path[] = "/tmp/ouro-check-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	taken(ouro__check_readable, path, path);
	assert_int_equal(remove(path), 0);
	refused(ouro__check_readable, path, "cannot be read: No such file");
}

/* Runs it as somebody who may not write everywhere, as root may; 1 = all was well. */
static int as_nobody(void (*run)(const char *path), const char *path)
{
	pid_t child = fork();
	int status = 1;

	if (child == 0) {
		if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
			_exit(2);
		run(path);
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status == 0;
}

/* cmocka's assertions end the test that made the process: here the process ends. */
static void closed_to_nobody(const char *path)
{
	struct seen seen = {0, ""};
	struct ouro__faults faults = {on_fault, &seen, NULL, 0};
	ouro__buf out = OURO__BUF_INIT(4096);
	const struct ouro__check about = {&faults, &faults, "here", &out};
	char below[64];

	ouro__check_state_dir(&about, path);
	if (seen.count != 1 || !strstr(seen.text, "cannot be written to: Permission denied"))
		_exit(1);
	(void)snprintf(below, sizeof(below), "%s/below/", path);
	ouro__check_state_dir(&about, below);
	if (seen.count != 2 || !strstr(seen.text, "cannot be made in /tmp/ouro-check-") ||
		!strstr(seen.text, ": Permission denied"))
		_exit(1);
	ouro__buf_done(&out);
}

static void test_settings_check__state_dir(void **state)
{
	char folder[] = "/tmp/ouro-check-XXXXXX";
	char path[128];
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(folder));
	taken(ouro__check_state_dir, folder, folder);
	(void)snprintf(path, sizeof(path), "%s/new//", folder);
	taken(ouro__check_state_dir, path, path); /* it can be made, and is not made */
	assert_int_not_equal(access(path, F_OK), 0);
	taken(ouro__check_state_dir, "relative-and-not-there", "relative-and-not-there");
	taken(ouro__check_state_dir, "/ouro-not-there", "/ouro-not-there");
	(void)snprintf(path, sizeof(path), "%s/new/deeper", folder);
	refused(ouro__check_state_dir, path, "cannot be made in /tmp/ouro-check-");
	(void)snprintf(path, sizeof(path), "%s/file", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fclose(file);
	refused(ouro__check_state_dir, path, "is not a directory");
	refused(ouro__check_state_dir, "a\nb", "control");
	assert_int_equal(chmod(folder, 0555), 0);
	assert_true(as_nobody(closed_to_nobody, folder));
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(remove(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void test_settings_check__store_url(void **state)
{
	(void)state;
	taken(ouro__check_store_url, "postgresql://a:b%40@db/x?sslmode=verify-full",
		"postgresql://a:b%40@db/x?sslmode=verify-full");
	taken(ouro__check_store_url, "postgres:///x", "postgres:///x");
	refused(ouro__check_store_url, "mysql://a:secret@db/x", "not a URL of PostgreSQL");
	refused(ouro__check_store_url, "host=db password=secret", "not a URL of PostgreSQL");
	refused(ouro__check_store_url, "postgresql://a b", "blank");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings_check__texts),
		cmocka_unit_test(test_settings_check__secrets),
		cmocka_unit_test(test_settings_check__numbers_and_words),
		cmocka_unit_test(test_settings_check__addresses),
		cmocka_unit_test(test_settings_check__urls),
		cmocka_unit_test(test_settings_check__proxies),
		cmocka_unit_test(test_settings_check__readable),
		cmocka_unit_test(test_settings_check__state_dir),
		cmocka_unit_test(test_settings_check__store_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
