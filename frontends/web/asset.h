/* asset.h: the files compiled in. Immutable after start. */
#ifndef OURO_WEB_ASSET_H
#define OURO_WEB_ASSET_H

#include <stddef.h>

struct web_asset {
	const char *name; /* "app.css" */
	const char *hash;
	const char *type; /* media type */
	const char *data;
	size_t length;
};

struct web_templates;

/* The file behind a name in an URL ("app.HASH.css"): 1 and *ret, else 0. */
int web_asset_by_url(const char *name, size_t length, struct web_asset *ret);
/* The file behind a name in a template ("app_css"). */
int web_asset_by_key(const char *key, size_t length, struct web_asset *ret);
/* A document that is served under its own name ("openapi.yaml"). */
int web_asset_document(const char *name, struct web_asset *ret);
/* "app.HASH.css" */
void web_asset_url(const struct web_asset *asset, char *ret, size_t size);
/* Compiles the templates; those in directory (NULL = none) stand in for the compiled-in ones. 0 or -1 with a fault. */
int web_asset_templates(const char *directory, struct web_templates **ret_templates, char *fault,
	size_t fault_size);

#endif
