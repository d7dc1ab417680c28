/* See calls.h. */
#include "rpc/calls.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sys.h"

#define KEY_MAX 4096

void ouro__queue_add(struct ouro__queue *queue, struct ouro__queued *item)
{
	item->next = NULL;
	if (queue->last)
		queue->last->next = item;
	else
		queue->first = item;
	queue->last = item;
}

void ouro__queue_remove(struct ouro__queue *queue, struct ouro__queued *item)
{
	struct ouro__queued *previous = NULL;
	struct ouro__queued *at = queue->first;

	while (at && at != item) {
		previous = at;
		at = at->next;
	}
	if (!at)
		return;
	if (previous)
		previous->next = item->next;
	else
		queue->first = item->next;
	if (queue->last == item)
		queue->last = previous;
	item->next = NULL;
}

struct ouro__queued *ouro__queue_take(struct ouro__queue *queue, int64_t now)
{
	struct ouro__queued *item = queue->first;

	while (item && item->not_before > now)
		item = item->next;
	if (item)
		ouro__queue_remove(queue, item);
	return item;
}

int ouro__queue_due(const struct ouro__queue *queue, int64_t now, int64_t *wake_at)
{
	int due = 0;

	for (const struct ouro__queued *at = queue->first; at; at = at->next) {
		if (at->not_before <= now)
			due = 1;
		else if (at->not_before < *wake_at)
			*wake_at = at->not_before;
	}
	return due;
}

int64_t ouro__call_pause_ms(unsigned tries)
{
	return tries ? 400 + ouro__rand_below(400) : 50 + ouro__rand_below(100);
}

int ouro__reached_news(struct ouro__reached *reached, const ouro_error *failure)
{
	int news = failure ? strcmp(reached->logged, failure->text) != 0 : !reached->connected;

	reached->connected = !failure;
	(void)snprintf(
		reached->logged, sizeof(reached->logged), "%s", failure ? failure->text : "");
	return news;
}

void ouro__reached_log(const ouro__log *log, const char *where, const ouro_error *failure)
{
	if (failure)
		ouro__log_line(log, OURO_LOG_WARNING, "%s", failure->text);
	else
		ouro__log_line(log, OURO_LOG_INFO, "connected to Headscale at %s (HTTP)", where);
}

ouro_status ouro__call_too_late(const char *name, int reads, int sent, ouro_error *reterr)
{
	ouro_status status = !sent ? OURO_ERR_UNREACHABLE
		: reads            ? OURO_ERR_TIMEOUT
				   : OURO_ERR_UNCERTAIN;

	(void)ouro__error_from(reterr, OURO_ORIGIN_NETWORK, status,
		sent ? "%s: Headscale did not answer in time"
		     : "%s: no connection to Headscale in time",
		name);
	if (status != OURO_ERR_UNCERTAIN)
		ouro__error_retryable(reterr);
	return status;
}

ouro_status ouro__call_undecoded(
	const char *name, int reads, ouro_status status, ouro_error *reterr)
{
	ouro__error_prefix(reterr, "%s", name);
	if (reads)
		return status;
	ouro__error_restate(reterr, OURO_ERR_UNCERTAIN);
	return OURO_ERR_UNCERTAIN;
}

ouro_status ouro__call_unfit(const ouro__buf *buf, const char *what, ouro_error *reterr)
{
	if (buf->broken & OURO__BUF_NOMEM)
		return ouro__error_nomem(reterr);
	return ouro__error_set(
		reterr, OURO_ERR_LIMIT, "%s does not fit into %zu bytes", what, buf->max);
}

ouro_status ouro__key_field(
	const char *before, const char *key, char **ret_text, ouro_error *reterr)
{
	size_t size = strlen(key);
	size_t room = strlen(before) + size + 1;

	for (size_t i = 0; i < size; i++)
		if (key[i] <= ' ' || key[i] > '~')
			return ouro__error_set(reterr, OURO_ERR_INVALID,
				"the API key holds a character that no key has");
	if (!size || size > KEY_MAX)
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "the API key is empty or too long");
	*ret_text = ouro__alloc(1, room);
	if (!*ret_text)
		return ouro__error_nomem(reterr);
	(void)snprintf(*ret_text, room, "%s%s", before, key);
	return OURO_OK;
}
