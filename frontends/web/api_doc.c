/* api_doc.c: what this API is: its description, and the version that clients of Headscale ask for. On the request's thread. */
#include "api.h"
#include "asset.h"

#include <string.h>

/* What is spoken here, whatever Headscale is behind it. */
#define SPOKEN "v0.30.0"

/* The file names the usual base path once, between quotes; here it becomes this installation's. */
#define BASE "\"/ouroboros\""

static void answer_file(struct api_call *api, const char *name, const char *type)
{
	const char *base = api->web->app->base_path;
	struct web_asset file;
	struct web_buf *out;
	const char *found;

	if (!web_asset_document(name, &file) || (found = strstr(file.data, BASE)) == NULL) {
		api_fail(api, OURO_ERR_INTERNAL, NULL);
		return;
	}
	out = api_begin(api);
	web_buf_add(out, file.data, (size_t)(found - file.data));
	api_put_text(out, base[0] != '\0' ? base : "/");
	web_buf_puts(out, found + strlen(BASE));
	api->web->response->content_type = type;
	api_tag(api);
}

void api_openapi_yaml(struct api_call *api)
{
	answer_file(api, "openapi.yaml", "application/yaml");
}

void api_openapi_json(struct api_call *api)
{
	answer_file(api, "openapi.json", "application/json");
}

void web_version(struct web_call *call)
{
	struct web_buf *out = &call->response->body;

	call->response->content_type = "application/json";
	web_buf_puts(out, "{");
	api_put_member(out, "version", SPOKEN);
	api_put_member(out, "ouroboros", ouro_version());
	web_buf_puts(out, "}\n");
}
