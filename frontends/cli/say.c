/* say.c: what people are told on standard error, and what they are asked. Texts of a server or a file are made safe for the terminal
 * here, whoever wrote them. The line that says what is waited for comes from a thread of its own, which ends before anything else
 * is said. */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"

/* Before a wait is worth a word. */
#define PATIENCE_MS 700

static struct {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t over;
	int running;
	int ended;
	char text[200];
} progress = {.lock = PTHREAD_MUTEX_INITIALIZER, .over = PTHREAD_COND_INITIALIZER};

static __attribute__((format(printf, 2, 0))) void say(
	const char *before, const char *format, va_list arguments)
{
	struct cli_text safe = {0};
	char text[1024];

	cli_progress_end();
	(void)vsnprintf(text, sizeof(text), format, arguments);
	cli_text_safe(&safe, text);
	(void)fflush(stdout);
	(void)fprintf(stderr, "%s%s\n", before, cli_text_str(&safe));
	cli_text_done(&safe);
}

void cli_complain(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say("ouroboros: ", format, arguments);
	va_end(arguments);
}

void cli_advise(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say("", format, arguments);
	va_end(arguments);
}

int cli_exit_of(ouro_status status)
{
	switch (status) {
	case OURO_OK: return CLI_OK;
	case OURO_ERR_NOTFOUND:
	case OURO_ERR_KEY_UNKNOWN: return CLI_NOT_FOUND;
	case OURO_ERR_DENIED:
	case OURO_ERR_UNMAPPED:
	case OURO_ERR_UNAUTHENTICATED:
	case OURO_ERR_TOKEN:
	case OURO_ERR_OFF:
	case OURO_ERR_REFUSED:
	case OURO_ERR_OTHER_OWNER: return CLI_DENIED;
	case OURO_ERR_UNREACHABLE:
	case OURO_ERR_TIMEOUT:
	case OURO_ERR_PROTOCOL: return CLI_UNREACHABLE;
	case OURO_ERR_CONFIG: return CLI_USAGE;
	default: return CLI_FAILED;
	}
}

/* What to do next, where the error's own words do not say it. */
static void advise(const struct cli *cli, const ouro_error *error)
{
	switch (error->status) {
	case OURO_ERR_UNREACHABLE:
	case OURO_ERR_TIMEOUT:
		if (cli->server != NULL && !cli->as_person)
			cli_advise("Is Headscale running, and is %s the right place? Nothing was "
				   "changed.",
				cli->server);
		else
			cli_advise("Nothing was changed; try again in a moment.");
		break;
	case OURO_ERR_UNCERTAIN:
		cli_advise("It may or may not have happened: look with ouroboros nodes list before "
			   "trying again.");
		break;
	case OURO_ERR_CHANGED:
		cli_advise("Somebody changed it meanwhile: look at it again, then repeat the "
			   "command.");
		break;
	case OURO_ERR_KEY_UNKNOWN:
		cli_advise(
			"On the device, run the command again and use the link that it prints then.");
		break;
	default: break;
	}
}

int cli_failed(const struct cli *cli, const ouro_error *error, const char *doing)
{
	if (doing != NULL)
		cli_complain("%s: %s", doing, error->text);
	else
		cli_complain("%s", error->text);
	advise(cli, error);
	return cli_exit_of(error->status);
}

int cli_confirm(struct cli *cli, const char *format, ...)
{
	struct cli_text safe = {0};
	char question[600];
	va_list arguments;
	char answer[16];

	if (cli->values[CLI_YES] != NULL)
		return CLI_OK;
	va_start(arguments, format);
	(void)vsnprintf(question, sizeof(question), format, arguments);
	va_end(arguments);
	if (!cli->in_terminal || !cli->err_terminal) {
		cli_complain("%s needs a yes, and nobody is there to be asked", cli->command->name);
		cli_advise("Add --yes to do it without asking.");
		return CLI_USAGE;
	}
	cli_progress_end();
	cli_text_safe(&safe, question);
	(void)fflush(stdout);
	(void)fprintf(stderr, "%s [y/N] ", cli_text_str(&safe));
	cli_text_done(&safe);
	if (fgets(answer, sizeof(answer), stdin) != NULL &&
		(cli_same_fold(answer, "y\n") || cli_same_fold(answer, "yes\n")))
		return CLI_OK;
	cli_advise("Nothing was done.");
	return CLI_FAILED;
}

/* ---- what is waited for ---- */

static void *tell_later(void *user)
{
	struct timespec until;

	(void)user;
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += PATIENCE_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	(void)pthread_mutex_lock(&progress.lock);
	while (!progress.ended &&
		pthread_cond_timedwait(&progress.over, &progress.lock, &until) != ETIMEDOUT)
		;
	if (!progress.ended) {
		(void)fprintf(stderr, "%s ", progress.text);
		while (!progress.ended)
			(void)pthread_cond_wait(&progress.over, &progress.lock);
		(void)fputs("\r\033[K", stderr);
	}
	(void)pthread_mutex_unlock(&progress.lock);
	return NULL;
}

void cli_progress(const struct cli *cli, const char *format, ...)
{
	struct cli_text safe = {0};
	char text[160];
	va_list arguments;

	if (!cli->err_terminal)
		return;
	cli_progress_end();
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	cli_text_safe(&safe, text);
	(void)snprintf(progress.text, sizeof(progress.text), "%s", cli_text_str(&safe));
	cli_text_done(&safe);
	progress.ended = 0;
	progress.running = pthread_create(&progress.thread, NULL, tell_later, NULL) == 0;
}

void cli_progress_end(void)
{
	if (!progress.running)
		return;
	(void)pthread_mutex_lock(&progress.lock);
	progress.ended = 1;
	(void)pthread_cond_signal(&progress.over);
	(void)pthread_mutex_unlock(&progress.lock);
	(void)pthread_join(progress.thread, NULL);
	progress.running = 0;
}
