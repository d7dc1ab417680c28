/* See fake_pages.h. */
#include "fake_pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_surfaces.h"

static struct fake_channel *inner(ouro__channel *channel)
{
	return ((struct fake_pages *)(void *)channel)->calls;
}

static ouro_status pages_start(ouro__channel *channel, const struct ouro__method *method,
	const struct ouro__terms *terms, const void *request, int64_t deadline,
	ouro__call **ret_call, ouro_error *reterr)
{
	ouro__channel *calls = &inner(channel)->base;

	return calls->ops->start(calls, method, terms, request, deadline, ret_call, reterr);
}

static ouro_status pages_finish(ouro__channel *channel, ouro__call *call, ouro__arena *arena,
	void **ret_reply, ouro_error *reterr)
{
	ouro__channel *calls = &inner(channel)->base;

	return calls->ops->finish(calls, call, arena, ret_reply, reterr);
}

static const struct fake_page *find(const struct fake_page *pages, const char *path)
{
	while (pages->path && strcmp(pages->path, path) != 0)
		pages++;
	return pages;
}

static ouro_status pages_get(ouro__channel *channel, const char *path, int64_t deadline,
	int *ret_http_status, ouro__buf *ret_body, ouro_error *reterr)
{
	struct fake_pages *fake = (struct fake_pages *)(void *)channel;
	struct fake_channel *calls = fake->calls;
	const struct fake_page *page;
	ouro_status rc = OURO_OK;
	size_t used;

	(void)deadline;
	(void)pthread_mutex_lock(&calls->lock);
	fake->gets++;
	used = strlen(fake->paths);
	(void)snprintf(fake->paths + used, sizeof(fake->paths) - used, "%s ", path);
	if (fake->change_epoch) {
		fake->change_epoch--;
		calls->epoch++;
	}
	page = find(fake->pages, path);
	if (calls->down || calls->stopped) {
		rc = ouro__error_from(
			reterr, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE, "connection refused");
	} else if (page->status < 0) {
		rc = ouro__error_from(reterr, OURO_ORIGIN_NETWORK, page->status, "%s", page->body);
	} else {
		*ret_http_status = page->status;
		ouro__buf_text(ret_body, page->body);
	}
	(void)pthread_mutex_unlock(&calls->lock);
	return rc;
}

static uint64_t pages_epoch(ouro__channel *channel)
{
	return ouro__channel_epoch(&inner(channel)->base);
}

static void pages_stop(ouro__channel *channel)
{
	ouro__channel_stop(&inner(channel)->base);
}

static void pages_free(ouro__channel *channel)
{
	ouro__channel_free(&inner(channel)->base);
	free(channel);
}

static const struct ouro__channel_ops pages_ops = {
	.start = pages_start,
	.finish = pages_finish,
	.get = pages_get,
	.epoch = pages_epoch,
	.stop = pages_stop,
	.free = pages_free,
};

struct fake_pages *fake_pages_new(const struct fake_page *pages, struct fake_channel *calls)
{
	struct fake_pages *fake = calloc(1, sizeof(*fake));

	if (!fake)
		abort();
	fake->base.ops = &pages_ops;
	fake->calls = calls;
	fake->pages = pages;
	return fake;
}

void fake_pages_set(struct fake_pages *fake, const struct fake_page *pages)
{
	(void)pthread_mutex_lock(&fake->calls->lock);
	fake->pages = pages;
	(void)pthread_mutex_unlock(&fake->calls->lock);
}

const char *fake_pages_asked(struct fake_pages *fake, char ret_paths[512])
{
	(void)pthread_mutex_lock(&fake->calls->lock);
	memcpy(ret_paths, fake->paths, sizeof(fake->paths));
	fake->paths[0] = '\0';
	(void)pthread_mutex_unlock(&fake->calls->lock);
	return ret_paths;
}

/* ---- what servers show ---- */

#define DEV                                                                                        \
	"{\"version\":\"dev\",\"commit\":\"unknown\",\"buildTime\":\"unknown\",\"go\":{},\"dirty\":false}"
#define SWAGGER "/swagger/v1/openapiv2.json"
#define OPENAPI "/api/v1/openapi.json"
#define NO_KEY                                                                                     \
	{                                                                                          \
		"/key", 500, ""                                                                    \
	}
#define NEW_KEY                                                                                    \
	{                                                                                          \
		"/key", 400, "capability version must be set"                                      \
	}
#define GUARDED                                                                                    \
	{                                                                                          \
		OPENAPI, 401, "Unauthorized"                                                       \
	}
#define NOTHING                                                                                    \
	{                                                                                          \
		NULL, 404, ""                                                                      \
	}

static const struct fake_page pages_b[] = {
	{SWAGGER, 200, fake_surface_b}, NO_KEY, GUARDED, NOTHING};
static const struct fake_page pages_c[] = {
	{SWAGGER, 200, fake_surface_c}, NO_KEY, GUARDED, NOTHING};
static const struct fake_page pages_d[] = {
	{SWAGGER, 200, fake_surface_c}, NEW_KEY, GUARDED, NOTHING};
static const struct fake_page pages_e[] = {
	{SWAGGER, 200, fake_surface_e}, NEW_KEY, GUARDED, NOTHING};
static const struct fake_page pages_f0[] = {
	{"/version", 200, DEV}, {SWAGGER, 200, fake_surface_f0}, NEW_KEY, GUARDED, NOTHING};
static const struct fake_page pages_f1[] = {
	{"/version", 200, DEV}, {SWAGGER, 200, fake_surface_f1}, NEW_KEY, GUARDED, NOTHING};
/* Of 0.28 every other path is a page. */
static const struct fake_page pages_g[] = {{"/version", 200, DEV}, {SWAGGER, 200, fake_surface_g},
	NEW_KEY, GUARDED, {NULL, 200, "<!DOCTYPE html><html></html>"}};
static const struct fake_page pages_h[] = {
	{"/version", 200, DEV}, {SWAGGER, 200, fake_surface_h}, NEW_KEY, GUARDED, NOTHING};
static const struct fake_page pages_i[] = {
	{"/version", 200, DEV}, {OPENAPI, 200, fake_surface_i}, NEW_KEY, NOTHING};

const struct fake_page *fake_pages_of(ouro__band band)
{
	if (band == OURO__BAND_B)
		return pages_b;
	if (band == OURO__BAND_C)
		return pages_c;
	if (band == OURO__BAND_D)
		return pages_d;
	if (band == OURO__BAND_E)
		return pages_e;
	if (band == OURO__BAND_F0)
		return pages_f0;
	if (band == OURO__BAND_F1)
		return pages_f1;
	if (band == OURO__BAND_G)
		return pages_g;
	return band == OURO__BAND_H ? pages_h : pages_i;
}

const struct fake_page *fake_pages_versioned(
	ouro__band band, const char *version, struct fake_page ret_pages[8])
{
	const struct fake_page *from = fake_pages_of(band);
	size_t count = 1;

	ret_pages[0] = (struct fake_page){"/version", 200, version};
	for (; count < 8; from++) {
		ret_pages[count++] = *from;
		if (!from->path)
			break;
	}
	return ret_pages;
}
