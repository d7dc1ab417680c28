/* See fake_channel.h. */
#include "fake_channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/sys.h"
#include "rpc/wire.h"

#define EVERYWHERE                                                                                 \
	" ListUsers ListNodes GetNode RenameNode ExpireNode DeleteNode RegisterNode GetPolicy "    \
	"ListPreAuthKeys CreatePreAuthKey ExpirePreAuthKey ListApiKeys "
#define ROUTE_OBJECTS "GetRoutes EnableRoute DisableRoute DeleteRoute "

const char fake_methods_b[] = EVERYWHERE ROUTE_OBJECTS "GetUser MoveNode ";
const char fake_methods_h[] = EVERYWHERE
	"SetApprovedRoutes Health DeletePreAuthKey CheckPolicy AuthRegister AuthApprove AuthReject ";

const char *fake_methods_of(ouro__band band)
{
	if (band == OURO__BAND_B)
		return fake_methods_b;
	if (band <= OURO__BAND_D)
		return EVERYWHERE ROUTE_OBJECTS "MoveNode ";
	if (band == OURO__BAND_E)
		return EVERYWHERE "SetApprovedRoutes MoveNode ";
	if (band <= OURO__BAND_F1)
		return EVERYWHERE "SetApprovedRoutes Health MoveNode ";
	if (band == OURO__BAND_G)
		return EVERYWHERE "SetApprovedRoutes Health DeletePreAuthKey ";
	return fake_methods_h;
}

struct ouro__call {
	const struct ouro__method *method;
	ouro__band band;
	int64_t deadline;
	int replaced; /* meant for another connection: never sent */
	ouro__buf bytes;
};

static int exists(const struct fake_channel *fake, const char *method)
{
	char word[80];

	(void)snprintf(word, sizeof(word), " %s ", method);
	return strstr(fake->methods, word) != NULL;
}

static ouro_status broken(const struct ouro__method *method, ouro_status status, ouro_error *reterr)
{
	int reads = (method->flags & OURO__METHOD_READ) != 0;

	return ouro__error_from(reterr, OURO_ORIGIN_NETWORK, reads ? status : OURO_ERR_UNCERTAIN,
		"%s: broke off", method->name);
}

/* Until the point in time; 0 = it is past. Holds the lock. */
static int wait_until(struct fake_channel *fake, int64_t until)
{
	struct timespec at = {(time_t)(until / 1000), (long)(until % 1000) * 1000000};

	if (ouro__clock_ms() >= until)
		return 0;
	(void)pthread_cond_timedwait(&fake->changed, &fake->lock, &at);
	return 1;
}

/* What goes out. Holds the lock. */
static void note_sent(struct fake_channel *fake, const struct ouro__call *call)
{
	fake->calls++;
	if (strcmp(call->method->name, "ListNodes") == 0)
		fake->lists++;
	if (!(call->method->flags & OURO__METHOD_READ))
		fake->writes++;
	(void)snprintf(fake->last, sizeof(fake->last), "%s", call->method->name);
	fake->sent_size = call->bytes.size;
	if (call->bytes.size && call->bytes.size <= sizeof(fake->sent))
		memcpy(fake->sent, call->bytes.data, call->bytes.size);
}

static ouro_status replaced(const struct ouro__call *call, ouro_error *reterr)
{
	(void)ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE,
		"%s: the connection was replaced", call->method->name);
	if (reterr)
		reterr->flags |= OURO_ERROR_RETRYABLE;
	return OURO_ERR_UNREACHABLE;
}

static ouro_status fake_start(ouro__channel *channel, const struct ouro__method *method,
	const struct ouro__terms *terms, const void *request, int64_t deadline,
	ouro__call **ret_call, ouro_error *reterr)
{
	struct fake_channel *fake = (struct fake_channel *)channel;
	ouro__call *call = ouro__alloc(1, sizeof(*call));
	ouro_status rc;

	if (!call)
		return ouro__error_nomem(reterr);
	call->method = method;
	call->band = terms->band;
	call->deadline = deadline;
	call->bytes = (ouro__buf)OURO__BUF_INIT(1 << 20);
	rc = ouro__wire_encode(method->request, terms->band, request, &call->bytes, reterr);
	if (rc < 0) {
		ouro__buf_done(&call->bytes);
		free(call);
		return rc;
	}
	(void)pthread_mutex_lock(&fake->lock);
	call->replaced = terms->epoch && terms->epoch != fake->epoch;
	if (!call->replaced)
		note_sent(fake, call);
	(void)pthread_mutex_unlock(&fake->lock);
	*ret_call = call;
	return OURO_OK;
}
static ouro_status transfer(const ouro__call *call, const void *reply, ouro__arena *arena,
	void **ret_reply, ouro_error *reterr)
{
	ouro__buf bytes = OURO__BUF_INIT((size_t)64 << 20);
	ouro_status rc = ouro__wire_encode(call->method->reply, call->band, reply, &bytes, reterr);

	if (rc == OURO_OK)
		rc = ouro__wire_decode(call->method->reply, call->band, bytes.data, bytes.size,
			arena, ret_reply, reterr);
	ouro__buf_done(&bytes);
	return rc;
}

static ouro_status answer(struct fake_channel *fake, const ouro__call *call, ouro__arena *arena,
	void **ret_reply, ouro_error *reterr)
{
	ouro__arena *scratch = ouro__arena_new(1 << 20);
	const void *reply = NULL;
	void *request = NULL;
	ouro_status rc;

	rc = ouro__wire_decode(call->method->request, call->band, call->bytes.data,
		call->bytes.size, scratch, &request, reterr);
	if (rc == OURO_OK)
		rc = fake->answer(fake, call->method, request, scratch, &reply, reterr);
	if (rc == OURO_OK)
		rc = transfer(call, reply, arena, ret_reply, reterr);
	ouro__arena_free(scratch);
	return rc;
}

static ouro_status fake_finish(ouro__channel *channel, ouro__call *call, ouro__arena *arena,
	void **ret_reply, ouro_error *reterr)
{
	struct fake_channel *fake = (struct fake_channel *)channel;
	ouro_status rc;
	int in_time = 1;

	(void)pthread_mutex_lock(&fake->lock);
	fake->waiting++;
	(void)pthread_cond_broadcast(&fake->changed);
	while (fake->hanging && !call->replaced && (fake->deaf || !fake->stopped) && in_time)
		in_time = wait_until(fake, call->deadline);
	fake->waiting--;
	if (call->replaced)
		rc = replaced(call, reterr);
	else if (fake->down)
		rc = ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE,
			"%s: connection refused", call->method->name);
	else if (!in_time)
		rc = broken(call->method, OURO_ERR_TIMEOUT, reterr);
	else if (fake->stopped)
		rc = broken(call->method, OURO_ERR_UNREACHABLE, reterr);
	else if (!exists(fake, call->method->name))
		rc = ouro__error_from(reterr, OURO_ORIGIN_HEADSCALE, OURO_ERR_UNSUPPORTED,
			"unknown method %s", call->method->name);
	else
		rc = answer(fake, call, arena, ret_reply, reterr);
	(void)pthread_mutex_unlock(&fake->lock);
	ouro__buf_done(&call->bytes);
	free(call);
	return rc;
}

static ouro_status fake_probe(ouro__channel *channel, const char *const *methods, size_t count,
	int64_t deadline, uint32_t *ret_there, uint64_t *ret_epoch, ouro_error *reterr)
{
	struct fake_channel *fake = (struct fake_channel *)channel;
	ouro_status rc = OURO_OK;

	(void)deadline;
	(void)pthread_mutex_lock(&fake->lock);
	fake->probes++;
	if (fake->down || fake->stopped) {
		rc = ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE,
			"probe: connection refused");
	} else {
		*ret_there = 0;
		*ret_epoch = fake->epoch;
		for (size_t i = 0; i < count; i++)
			if (exists(fake, methods[i]))
				*ret_there |= UINT32_C(1) << i;
	}
	(void)pthread_mutex_unlock(&fake->lock);
	return rc;
}

static uint64_t fake_epoch(ouro__channel *channel)
{
	struct fake_channel *fake = (struct fake_channel *)channel;
	uint64_t epoch;

	(void)pthread_mutex_lock(&fake->lock);
	epoch = fake->epoch;
	(void)pthread_mutex_unlock(&fake->lock);
	return epoch;
}

static void fake_stop(ouro__channel *channel)
{
	struct fake_channel *fake = (struct fake_channel *)channel;

	(void)pthread_mutex_lock(&fake->lock);
	fake->stopped = 1;
	(void)pthread_cond_broadcast(&fake->changed);
	(void)pthread_mutex_unlock(&fake->lock);
}

static void fake_free(ouro__channel *channel)
{
	struct fake_channel *fake = (struct fake_channel *)channel;

	if (fake->freed)
		*fake->freed = 1;
	(void)pthread_cond_destroy(&fake->changed);
	(void)pthread_mutex_destroy(&fake->lock);
	free(fake);
}

static const struct ouro__channel_ops fake_ops = {
	.start = fake_start,
	.finish = fake_finish,
	.probe = fake_probe,
	.epoch = fake_epoch,
	.stop = fake_stop,
	.free = fake_free,
};

struct fake_channel *fake_channel_new(const char *methods, fake_answer_fn answer_fn, void *user)
{
	struct fake_channel *fake = ouro__alloc(1, sizeof(*fake));
	pthread_condattr_t attributes;

	if (!fake)
		abort();
	fake->base.ops = &fake_ops;
	fake->methods = methods;
	fake->answer = answer_fn;
	fake->user = user;
	fake->epoch = 1;
	(void)pthread_mutex_init(&fake->lock, NULL);
	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&fake->changed, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	return fake;
}

void fake_channel_set(struct fake_channel *fake, int *member, int value)
{
	(void)pthread_mutex_lock(&fake->lock);
	*member = value;
	(void)pthread_cond_broadcast(&fake->changed);
	(void)pthread_mutex_unlock(&fake->lock);
}

unsigned fake_channel_get(struct fake_channel *fake, const unsigned *member)
{
	unsigned value;

	(void)pthread_mutex_lock(&fake->lock);
	value = *member;
	(void)pthread_mutex_unlock(&fake->lock);
	return value;
}

int fake_channel_await_waiting(struct fake_channel *fake, int count)
{
	int64_t until = ouro__clock_ms() + 5000;
	int there;

	(void)pthread_mutex_lock(&fake->lock);
	while (fake->waiting < count && wait_until(fake, until))
		continue;
	there = fake->waiting >= count;
	(void)pthread_mutex_unlock(&fake->lock);
	return there;
}

ouro_status fake_refuse(ouro_error *reterr, int grpc_status, const char *text)
{
	(void)ouro__error_from(reterr, OURO_ORIGIN_HEADSCALE, OURO_ERR_REJECTED, "%s", text);
	if (reterr)
		reterr->grpc_status = grpc_status;
	return OURO_ERR_REJECTED;
}
