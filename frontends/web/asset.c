/* asset.c: static files and templates out of the table that the build makes. Any thread. */
#include "asset.h"
#include "embedded.h"
#include "mustache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEMPLATE_MAX 262144u

static const char *media_type(const char *name)
{
	static const struct {
		const char *suffix;
		const char *type;
	} types[] = {
		{".css", "text/css; charset=utf-8"},
		{".js", "text/javascript; charset=utf-8"},
		{".svg", "image/svg+xml"},
		{".png", "image/png"},
		{".txt", "text/plain; charset=utf-8"},
		{".webmanifest", "application/manifest+json"},
	};
	const char *suffix = strrchr(name, '.');
	size_t i;

	for (i = 0; suffix != NULL && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(suffix, types[i].suffix) == 0)
			return types[i].type;
	return "application/octet-stream";
}

/* Static file number i of the table. */
static int asset_at(size_t i, struct web_asset *ret)
{
	const struct web_embedded *file = &web_embedded_files[i];

	if (strncmp(file->name, "static/", 7) != 0)
		return 0;
	ret->name = file->name + 7;
	ret->hash = file->hash;
	ret->type = media_type(ret->name);
	ret->data = (const char *)file->data;
	ret->length = file->size;
	return 1;
}

void web_asset_url(const struct web_asset *asset, char *ret, size_t size)
{
	const char *suffix = strrchr(asset->name, '.');
	size_t stem = suffix != NULL ? (size_t)(suffix - asset->name) : strlen(asset->name);

	size_t hash = strlen(asset->hash), rest = suffix != NULL ? strlen(suffix) : 0;

	ret[0] = '\0';
	if (stem + 1 + hash + rest >= size)
		return;
	memcpy(ret, asset->name, stem);
	ret[stem] = '.';
	memcpy(ret + stem + 1, asset->hash, hash);
	memcpy(ret + stem + 1 + hash, asset->name + stem, rest + 1);
}

int web_asset_by_url(const char *name, size_t length, struct web_asset *ret)
{
	char url[256];
	size_t i;

	for (i = 0; i < web_embedded_count; i++) {
		if (!asset_at(i, ret))
			continue;
		web_asset_url(ret, url, sizeof(url));
		if (strlen(url) == length && memcmp(url, name, length) == 0)
			return 1;
	}
	return 0;
}

int web_asset_by_key(const char *key, size_t length, struct web_asset *ret)
{
	size_t i, j;

	for (i = 0; i < web_embedded_count; i++) {
		if (!asset_at(i, ret) || strlen(ret->name) != length)
			continue;
		for (j = 0; j < length; j++)
			if (key[j] != (strchr(".-", ret->name[j]) != NULL ? '_' : ret->name[j]))
				break;
		if (j == length)
			return 1;
	}
	return 0;
}

int web_asset_document(const char *name, struct web_asset *ret)
{
	size_t i;

	for (i = 0; i < web_embedded_count; i++) {
		const struct web_embedded *file = &web_embedded_files[i];

		if (strncmp(file->name, "api/", 4) != 0 || strcmp(file->name + 4, name) != 0)
			continue;
		*ret = (struct web_asset){file->name + 4, file->hash, media_type(file->name),
			(const char *)file->data, file->size};
		return 1;
	}
	return 0;
}

/* Reads a whole file; NULL if there is none or it cannot be read. */
static char *read_file(const char *path, size_t *ret_length)
{
	FILE *file = fopen(path, "rbe");
	char *data;
	size_t length;

	if (file == NULL)
		return NULL;
	data = malloc(TEMPLATE_MAX);
	length = data != NULL ? fread(data, 1, TEMPLATE_MAX, file) : 0;
	if (data != NULL && (ferror(file) || length == TEMPLATE_MAX)) {
		free(data);
		data = NULL;
	}
	(void)fclose(file);
	*ret_length = length;
	return data;
}

int web_asset_templates(
	const char *directory, struct web_templates **ret_templates, char *fault, size_t fault_size)
{
	struct web_template_source *sources = calloc(web_embedded_count + 1, sizeof(*sources));
	char **owned = calloc(2 * web_embedded_count + 1, sizeof(*owned));
	size_t i, count = 0, owned_count = 0;
	int result = -1;

	(void)snprintf(fault, fault_size, "out of memory");
	if (sources == NULL || owned == NULL)
		goto out;
	for (i = 0; i < web_embedded_count; i++) {
		const struct web_embedded *file = &web_embedded_files[i];
		char path[1024];
		char *name, *text = NULL;
		size_t length = 0;

		if (strncmp(file->name, "templates/", 10) != 0)
			continue;
		name = strdup(file->name + 10);
		if (name == NULL)
			goto out;
		owned[owned_count++] = name;
		if (directory != NULL &&
			snprintf(path, sizeof(path), "%s/%s", directory, name) < (int)sizeof(path))
			text = read_file(path, &length);
		if (text != NULL)
			owned[owned_count++] = text;
		sources[count].text = text != NULL ? text : (const char *)file->data;
		sources[count].length = text != NULL ? length : file->size;
		name[strcspn(name, ".")] = '\0';
		sources[count++].name = name;
	}
	result = web_templates_new(sources, count, 1, ret_templates, fault, fault_size);
out:
	for (i = 0; i < owned_count; i++)
		free(owned[i]);
	free(owned);
	free(sources);
	return result;
}
