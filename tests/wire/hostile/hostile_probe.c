/* Makes calls with the library's channels and prints what came of each, one line of JSON a call. Driven by test_hostile.py and
 * test_hostile_http.py.
 *
 *   hostile_probe grpc|http [--tls CA_FILE] [--key KEY] [--connect-ms N] [--deadline-ms N] [--wait-ms N] ADDRESS|/SOCKET OPERATION...
 *
 * Operations: read:METHOD  write:METHOD  probe:METHOD (grpc)  get:PATH (http)  sleep:MS  many:METHOD:N (N threads read at once, one
 * line each)  stop:METHOD (a read that is under way when the channel is stopped). --wait-ms waits between operations. At the end, on
 * standard error, how long the channel took to go, and the most memory that there ever was. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/sys.h"
#include "rpc/grpc_channel.h"
#include "rpc/json_channel.h"

#define THREADS_MAX 64
#define ARENA_MAX ((size_t)128 << 20)

struct thing {
	uint64_t id;
	const char *name;
};

struct answer {
	struct ouro__messages things;
};

struct nothing {
	uint64_t id;
};

static const struct ouro__field thing_fields[] = {
	{1, OURO__FIELD_U64, 0, 255, offsetof(struct thing, id), "id", NULL},
	{6, OURO__FIELD_TEXT, 0, 255, offsetof(struct thing, name), "name", NULL},
};
static const struct ouro__message thing = {"Thing", sizeof(struct thing), thing_fields, 2};
static const struct ouro__field answer_fields[] = {
	{1, OURO__FIELD_MESSAGES, 0, 255, offsetof(struct answer, things), "things", &thing},
};
static const struct ouro__message answer = {"Answer", sizeof(struct answer), answer_fields, 1};
static const struct ouro__field nothing_fields[] = {
	{15, OURO__FIELD_U64, 0, 255, offsetof(struct nothing, id), "id", NULL},
};
static const struct ouro__message nothing = {"Nothing", sizeof(struct nothing), nothing_fields, 1};

static pthread_mutex_t print_lock = PTHREAD_MUTEX_INITIALIZER;
static long long deadline_ms = 3000;

static void pause_ms(long ms)
{
	const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	(void)nanosleep(&time, NULL);
}

static void report(const char *what, ouro_status rc, const ouro_error *error, int64_t began,
	long things, uint64_t epoch)
{
	ouro__buf text = OURO__BUF_INIT(4096);

	ouro__str_json(&text, rc < 0 ? error->text : "");
	(void)pthread_mutex_lock(&print_lock);
	(void)printf(
		"{\"what\": \"%s\", \"status\": \"%s\", \"grpc\": %d, \"http\": %d, \"ms\": %lld, \"things\": %ld, "
		"\"epoch\": %llu, \"text\": %s}\n",
		what, ouro_status_name(rc), rc < 0 ? error->grpc_status : 0,
		rc < 0 ? error->http_status : 0, (long long)(ouro__clock_ms() - began), things,
		(unsigned long long)epoch, ouro__buf_str(&text));
	(void)fflush(stdout);
	(void)pthread_mutex_unlock(&print_lock);
	ouro__buf_done(&text);
}

static void call(ouro__channel *channel, const char *name, int reads)
{
	const struct ouro__method read_method = {
		name, &nothing, &answer, OURO__METHOD_READ, "GET", "/api/v1/thing"};
	const struct ouro__method write_method = {
		name, &nothing, &answer, OURO__METHOD_BODY, "POST", "/api/v1/thing"};
	const struct nothing request = {1};
	ouro__arena *arena = ouro__arena_new(ARENA_MAX);
	ouro_error error = OURO_ERROR_INIT;
	int64_t began = ouro__clock_ms();
	void *reply = NULL;
	ouro_status rc = ouro__channel_call(channel, reads ? &read_method : &write_method,
		&(struct ouro__terms){1, 0}, &request, began + deadline_ms, arena, &reply, &error);

	report(name, rc, &error, began, rc < 0 ? 0 : (long)((struct answer *)reply)->things.count,
		ouro__channel_epoch(channel));
	ouro__arena_free(arena);
}

static void get(ouro__channel *channel, const char *path)
{
	ouro__buf body = OURO__BUF_INIT((size_t)1 << 20);
	ouro_error error = OURO_ERROR_INIT;
	int64_t began = ouro__clock_ms();
	int http = 0;
	ouro_status rc =
		channel->ops->get(channel, path, began + deadline_ms, &http, &body, &error);

	report(path, rc, &error, began, http, ouro__channel_epoch(channel));
	ouro__buf_done(&body);
}

struct job {
	ouro__channel *channel;
	const char *name;
};

static void *run_job(void *arg)
{
	const struct job *job = arg;

	call(job->channel, job->name, 1);
	return NULL;
}

static void many(ouro__channel *channel, const char *name, long count)
{
	struct job job = {channel, name};
	pthread_t threads[THREADS_MAX];
	long started = 0;

	while (started < count && started < THREADS_MAX &&
		pthread_create(&threads[started], NULL, run_job, &job) == 0)
		started++;
	while (started > 0)
		(void)pthread_join(threads[--started], NULL);
}

static void stopped(ouro__channel *channel, const char *name)
{
	struct job job = {channel, name};
	pthread_t thread;

	if (pthread_create(&thread, NULL, run_job, &job) != 0)
		return;
	pause_ms(300);
	ouro__channel_stop(channel);
	(void)pthread_join(thread, NULL);
}

static void probe(ouro__channel *channel, const char *method)
{
	ouro_error error = OURO_ERROR_INIT;
	int64_t began = ouro__clock_ms();
	uint64_t epoch = 0;
	uint32_t there = 0;
	ouro_status rc = channel->ops->probe(
		channel, &method, 1, began + deadline_ms, &there, &epoch, &error);

	if (rc == OURO_OK && !there)
		rc = ouro__error_set(&error, OURO_ERR_UNSUPPORTED, "no such method");
	report(method, rc, &error, began, 0, ouro__channel_epoch(channel));
}

static int operate(ouro__channel *channel, char *operation)
{
	char *name = strchr(operation, ':');
	char *number;

	if (!name)
		return 0;
	*name++ = '\0';
	number = strchr(name, ':');
	if (number)
		*number++ = '\0';
	if (strcmp(operation, "read") == 0 || strcmp(operation, "write") == 0)
		call(channel, name, operation[0] == 'r');
	else if (strcmp(operation, "get") == 0 && channel->ops->get)
		get(channel, name);
	else if (strcmp(operation, "probe") == 0 && channel->ops->probe)
		probe(channel, name);
	else if (strcmp(operation, "many") == 0 && number)
		many(channel, name, strtol(number, NULL, 10));
	else if (strcmp(operation, "stop") == 0)
		stopped(channel, name);
	else if (strcmp(operation, "sleep") == 0)
		pause_ms(strtol(name, NULL, 10));
	else
		return 0;
	return 1;
}

static void log_line(void *user, int level, const char *text)
{
	(void)user;
	(void)fprintf(stderr, "%d %s\n", level, text);
}

struct options {
	const char *ca_file; /* NULL = plain text */
	const char *key;
	const char *address; /* "/…" is a socket */
	uint32_t connect_ms;
	long wait_ms;
};

/* What remains are the operations. */
static int parse(int argc, char **argv, struct options *options)
{
	int i = 2;

	for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
		if (strcmp(argv[i], "--tls") == 0)
			options->ca_file = argv[i + 1];
		else if (strcmp(argv[i], "--key") == 0)
			options->key = argv[i + 1];
		else if (strcmp(argv[i], "--connect-ms") == 0)
			options->connect_ms = (uint32_t)strtoul(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--deadline-ms") == 0)
			deadline_ms = strtoll(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--wait-ms") == 0)
			options->wait_ms = strtol(argv[i + 1], NULL, 10);
	}
	if (i < argc)
		options->address = argv[i++];
	return i;
}

static ouro_status open_channel(
	const char *kind, const struct options *options, ouro__channel **ret, ouro_error *reterr)
{
	int is_socket = options->address[0] == '/';
	const char *endpoint = is_socket ? NULL : options->address;
	const char *socket_path = is_socket ? options->address : NULL;
	const struct ouro__grpc_options grpc = {.endpoint = endpoint,
		.socket_path = socket_path,
		.plaintext = !options->ca_file,
		.ca_file = options->ca_file,
		.api_key = options->key,
		.connect_timeout_ms = options->connect_ms,
		.log = {log_line, NULL}};
	const struct ouro__json_options json = {.endpoint = endpoint,
		.socket_path = socket_path,
		.plaintext = !options->ca_file,
		.ca_file = options->ca_file,
		.api_key = options->key,
		.connect_timeout_ms = options->connect_ms,
		.log = {log_line, NULL}};

	return strcmp(kind, "http") == 0 ? ouro__json_channel_new(&json, ret, reterr)
					 : ouro__grpc_channel_new(&grpc, ret, reterr);
}

int main(int argc, char **argv)
{
	struct options options = {0};
	ouro_error error = OURO_ERROR_INIT;
	ouro__channel *channel = NULL;
	struct rusage usage;
	int64_t began = ouro__clock_ms();
	int i = argc > 1 ? parse(argc, argv, &options) : argc;

	if (!options.address)
		return 2;
	if (open_channel(argv[1], &options, &channel, &error) < 0) {
		report("open", error.status, &error, began, 0, 0);
		return 1;
	}
	for (; i < argc; i++) {
		if (!operate(channel, argv[i]))
			return 2;
		if (options.wait_ms && i + 1 < argc)
			pause_ms(options.wait_ms);
	}
	began = ouro__clock_ms();
	ouro__channel_free(channel);
	if (getrusage(RUSAGE_SELF, &usage) == 0)
		(void)fprintf(stderr, "free took %lld ms\nmost memory %ld KiB\n",
			(long long)(ouro__clock_ms() - began), usage.ru_maxrss);
	return 0;
}
