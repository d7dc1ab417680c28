/* main.c: ouroboros-web: start, wait for signals, stop. The main thread waits here; CivetWeb's threads serve; the library
 * has one thread for Headscale. */
#include "app.h"
#include "options.h"
#include "server.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

/* When a settings file was written last, to the nanosecond; zeros if there is none. */
struct stamp {
	struct timespec modified;
	off_t size;
	ino_t inode;
};

/* Secrets live in this memory: no core files, no reading by other processes of the same user. */
static void harden(void)
{
	const struct rlimit none = {0, 0};

	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
}

static void block_signals(sigset_t *ret_signals)
{
	(void)sigemptyset(ret_signals);
	(void)sigaddset(ret_signals, SIGTERM);
	(void)sigaddset(ret_signals, SIGINT);
	(void)sigaddset(ret_signals, SIGHUP);
	(void)sigaddset(ret_signals, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, ret_signals, NULL);
	(void)sigdelset(ret_signals, SIGPIPE);
}

static struct stamp file_stamp(const struct web_app *app)
{
	const char *file = ouro_settings_file(app->settings);
	struct stamp stamp = {{0, 0}, 0, 0};
	struct stat status;

	if (file != NULL && stat(file, &status) == 0) {
		stamp.modified = status.st_mtim;
		stamp.size = status.st_size;
		stamp.inode = status.st_ino;
	}
	return stamp;
}

static int stamps_differ(const struct stamp *a, const struct stamp *b)
{
	return a->modified.tv_sec != b->modified.tv_sec ||
		a->modified.tv_nsec != b->modified.tv_nsec || a->size != b->size ||
		a->inode != b->inode;
}

/* What requests took and freed goes back to the system once nobody is served: the allocator by itself keeps most of it.
 * last_free: as it was after the last look; the same number means that nothing happened since. */
static void return_memory(struct web_app *app, size_t *last_free)
{
	if (atomic_load(&app->in_flight) > 0 || mallinfo2().fordblks == *last_free)
		return;
	(void)malloc_trim(0);
	*last_free = mallinfo2().fordblks;
}

/* Until asked to stop: reload on SIGHUP, and when the file changed and stayed as it is for a look's time. */
static void wait_for_end(
	struct web_app *app, const struct web_options *options, const sigset_t *signals)
{
	const struct timespec look = {1, 0};
	struct stamp loaded = file_stamp(app), seen = loaded;
	size_t last_free = 0;

	for (;;) {
		int number = sigtimedwait(signals, NULL, &look);
		struct stamp now = file_stamp(app);
		int settled =
			stamps_differ(&now, &loaded) && !stamps_differ(&now, &seen) && now.size > 0;

		if (number == SIGTERM || number == SIGINT)
			return;
		return_memory(app, &last_free);
		seen = now;
		if (number != SIGHUP && !settled)
			continue;
		loaded = now;
		web_app_reload(app, options);
	}
}

static int run(struct web_app *app, const struct web_options *options, const sigset_t *signals)
{
	const char *listen = ouro_settings_text(app->settings, "listen");
	struct web_server *server;
	char fault[256];

	if (web_server_start(app, &server, fault, sizeof(fault)) < 0) {
		(void)fprintf(stderr, "listen: %s\n", fault);
		return 1;
	}
	(void)fprintf(stderr, "listening on http://%s:%u\n",
		listen != NULL && listen[0] == '0' ? "0.0.0.0" : "127.0.0.1",
		(unsigned)app->listen_port);
	web_log(app, OURO_LOG_INFO, "ouroboros-web %s serves %s/", ouro_version(), app->base_url);
	wait_for_end(app, options, signals);
	web_log(app, OURO_LOG_INFO, "stopping");
	web_server_stop(server);
	return 0;
}

int main(int argc, char *argv[])
{
	static struct web_app app;
	struct web_options options;
	sigset_t signals;
	int code = web_options_parse(argc, argv, &options);

	if (code >= 0)
		return code;
	/* Workers hold memory for milliseconds: a heap for each of them would only cost memory. */
	(void)mallopt(M_ARENA_MAX, 2);
	/* libcurl comes with GnuTLS for protocols that nobody speaks here; it stays asleep (0.9 MB). No thread runs yet. */
	(void)setenv("GNUTLS_NO_IMPLICIT_INIT", "1", 0);
	harden();
	block_signals(&signals);
	code = 2;
	if (web_app_setup(&app, &options) == 0) {
		const char *listen = ouro_settings_text(app.settings, "listen");
		char fault[256];

		if (listen != NULL && listen[0] != '\0' &&
			!web_listen_valid(listen, fault, sizeof(fault))) {
			(void)fprintf(stderr, "listen: %s\n", fault);
		} else if (options.check) {
			web_app_summary(&app);
			code = 0;
		} else {
			code = run(&app, &options, &signals);
		}
	}
	web_app_done(&app);
	return code;
}
