/* health.c: /healthz, /readyz and the static files: what needs no session. */
#include "app.h"
#include "asset.h"

#include <string.h>

#define READY_FRESH_MS 2000
#define STORE_FRESH_MS 10000

void web_healthz(struct web_call *call)
{
	web_response_text(call->response, 200, "ok");
}

/* Asks Headscale at most every two seconds; whoever comes meanwhile gets the last answer, so that probes cannot pile up on a
 * server that hangs. */
ouro_status web_ready_status(struct web_app *app, ouro_error *error)
{
	int64_t now = web_monotonic_ms();
	int64_t last = atomic_load(&app->ready_checked);

	if ((last == 0 || now - last >= READY_FRESH_MS) &&
		atomic_compare_exchange_strong(&app->ready_checked, &last, now))
		atomic_store(&app->ready_status, ouro_tailnet_check(app->tailnet, error));
	return atomic_load(&app->ready_status);
}

/* Writes to the store at most every ten seconds. A store that fails is told and takes nothing down: devices and pages do without.
 * "" or "; the store fails", with the reason for operators. In the arena. */
static const char *store_words(struct web_call *call, int inside)
{
	struct web_app *app = call->app;
	int64_t now = web_monotonic_ms();
	int64_t last = atomic_load(&app->store_checked);
	ouro_error error = OURO_ERROR_INIT;
	const char *words = "";

	if (app->store == NULL)
		return words;
	if ((last == 0 || now - last >= STORE_FRESH_MS) &&
		atomic_compare_exchange_strong(&app->store_checked, &last, now)) {
		if (ouro_store_check(app->store, &error) == OURO_OK)
			error.text[0] = '\0';
		(void)pthread_mutex_lock(&app->store_lock);
		memcpy(app->store_text, error.text, sizeof(app->store_text));
		(void)pthread_mutex_unlock(&app->store_lock);
	}
	(void)pthread_mutex_lock(&app->store_lock);
	if (app->store_text[0] != '\0')
		words = inside
			? web_arena_printf(call->arena, "; the store fails: %s", app->store_text)
			: "; the store fails";
	(void)pthread_mutex_unlock(&app->store_lock);
	return words;
}

void web_readyz(struct web_call *call)
{
	struct web_app *app = call->app;
	ouro_tailnet_status tailnet = OURO_TAILNET_STATUS_INIT;
	ouro_error error = OURO_ERROR_INIT;
	const char *store;
	ouro_status status;
	int inside;

	if (atomic_load(&app->stopping)) {
		web_response_text(call->response, 503, "stopping");
		return;
	}
	status = web_ready_status(app, &error);
	if (ouro_tailnet_status_get(app->tailnet, &tailnet, NULL) < 0)
		memset(&tailnet, 0, sizeof(tailnet));
	/* Where Headscale is and what it said is for operators: the public host tells only how things are. */
	inside = call->request->loopback_host || !app->secure;
	store = store_words(call, inside);
	if (!inside)
		web_response_text(call->response, status == OURO_OK ? 200 : 503,
			status == OURO_OK
				? web_arena_printf(call->arena, "ready%s", store)
				: web_arena_printf(call->arena, "not ready: Headscale: %s%s",
					  ouro_status_text(status), store));
	else if (status == OURO_OK)
		web_response_text(call->response, 200,
			web_arena_printf(call->arena,
				"ready: Headscale %s at %s answers over %s%s%s%s", tailnet.version,
				tailnet.endpoint,
				tailnet.transport == OURO_TRANSPORT_HTTP ? "HTTP" : "gRPC",
				tailnet.text[0] != '\0' ? "; " : "", tailnet.text, store));
	else
		web_response_text(call->response, 503,
			web_arena_printf(call->arena, "not ready: Headscale at %s: %s%s%s%s",
				tailnet.endpoint, ouro_status_text(status),
				tailnet.text[0] != '\0' ? ": " : "", tailnet.text, store));
}

void web_static(struct web_call *call)
{
	struct web_asset asset;

	if (!web_asset_by_url(call->params[0].text, call->params[0].length, &asset)) {
		web_response_text(call->response, 404, "There is no such file.");
		return;
	}
	call->response->content_type = asset.type;
	call->response->shared_body = asset.data;
	call->response->shared_length = asset.length;
	call->response->caching = WEB_CACHE_FOREVER;
}
