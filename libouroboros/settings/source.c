/* Sources of settings; see source.h. Texts read here may hold secrets and are wiped. */
#include "settings/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/nesting.h"
#include "base/str.h"
#include "base/wipe.h"
#include "settings/lines.h"

enum { DEPTH_MAX = 32, ENV_NAME_MAX = 64 };

static const char *const default_files[] = {"./cfg.json", "/etc/ouroboros/cfg.json"};

/* Open a regular file; -1 and errno otherwise. NONBLOCK: a fifo in its place must not hang the start. */
static int open_regular(const char *path, struct stat *ret_info)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -1;
	if (fstat(fd, ret_info) != 0 || !S_ISREG(ret_info->st_mode)) {
		(void)close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

/* 1 = read, 0 = errno (EFBIG if larger than most). */
static int read_whole(int fd, size_t most, char **ret_text, size_t *ret_length)
{
	char *text = malloc(most + 2);
	size_t length = 0;
	ssize_t n = 1;

	if (!text) {
		errno = ENOMEM;
		return 0;
	}
	while (n > 0 && length <= most) {
		n = read(fd, text + length, most + 1 - length);
		if (n > 0)
			length += (size_t)n;
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
	if (n < 0 || length > most) {
		int cause = n < 0 ? errno : EFBIG;

		ouro__wipe(text, length);
		free(text);
		errno = cause;
		return 0;
	}
	text[length] = '\0';
	*ret_text = text;
	*ret_length = length;
	return 1;
}

static const char *words(int cause)
{
	if (cause == EFBIG)
		return "larger than allowed";
	if (cause == EINVAL)
		return "not a regular file";
	return strerror(cause);
}

/* 1 = parsed; 0 = fault reported, or *ret_nomem. */
static int parse_object(const char *text, size_t length, const char *name, int lines,
	struct ouro__faults *faults, json_t **ret_json, int *ret_nomem)
{
	char where[OURO__PLACE_MAX];
	json_error_t error = {0}; /* jansson does not set all of it */
	json_t *json;

	(void)snprintf(where, sizeof(where), "%.400s", name);
	if (!ouro__nesting_within(text, length, DEPTH_MAX)) {
		ouro__fault(faults, where, "nested deeper than %d", DEPTH_MAX);
		return 0;
	}
	json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
	if (json_is_object(json)) {
		*ret_json = json;
		return 1;
	}
	/* Without memory it fails without a word, as a rule. */
	if (!json && (!error.text[0] || json_error_code(&error) == json_error_out_of_memory)) {
		*ret_nomem = 1;
		return 0;
	}
	if (!json && lines && error.line > 0)
		(void)snprintf(where, sizeof(where), "%.400s:%d", name, error.line);
	if (json)
		ouro__fault(faults, where, "not a JSON object; write {\"key\": value}");
	else if (json_error_code(&error) == json_error_duplicate_key)
		ouro__fault(faults, where,
			"a key stands twice in one object; keep one of them (%.120s)", error.text);
	else /* jansson quotes what stands near, which may be a secret */
		ouro__fault(faults, where, "not valid JSON (%.*s)", (int)strcspn(error.text, "'"),
			error.text);
	json_decref(json);
	return 0;
}

static ouro_status read_file(struct ouro__source *source, const char *path, int fd,
	const struct stat *info, struct ouro__faults *faults)
{
	int nomem = 0;

	source->shared = (info->st_mode & (S_IRGRP | S_IROTH)) != 0;
	source->file = ouro__alloc_str(ouro__str_starts(path, "./") ? path + 2 : path);
	if (!source->file)
		return ouro__error_nomem(faults->reterr);
	if (!read_whole(fd, OURO__SETTINGS_FILE_MAX, &source->text, &source->length)) {
		if (errno == ENOMEM)
			return ouro__error_nomem(faults->reterr);
		ouro__fault(faults, source->file, "cannot be read: %s", words(errno));
		return OURO_OK;
	}
	if (!parse_object(
		    source->text, source->length, source->file, 1, faults, &source->root, &nomem) &&
		nomem)
		return ouro__error_nomem(faults->reterr);
	return OURO_OK;
}

ouro_status ouro__source_open(
	struct ouro__source *source, const char *file, struct ouro__faults *faults)
{
	const char *const *paths = file ? &file : default_files;
	size_t count = file ? 1 : sizeof(default_files) / sizeof(default_files[0]);
	ouro_status rc = OURO_OK;

	for (size_t i = 0; i < count; i++) {
		struct stat info;
		int fd = open_regular(paths[i], &info);

		if (fd < 0 && !file && (errno == ENOENT || errno == ENOTDIR))
			continue;
		if (fd < 0) {
			ouro__fault(faults, paths[i], "cannot be read: %s", words(errno));
			return OURO_OK;
		}
		rc = read_file(source, paths[i], fd, &info, faults);
		(void)close(fd);
		break;
	}
	return rc;
}

void ouro__source_close(struct ouro__source *source)
{
	json_decref(source->root);
	if (source->text)
		ouro__wipe(source->text, source->length);
	free(source->text);
	free(source->file);
	*source = (struct ouro__source){0};
}

void ouro__source_place(const struct ouro__source *source, enum ouro__level level, const char *key,
	const char *child, char ret_place[OURO__PLACE_MAX])
{
	size_t line = level == OURO__LEVEL_FILE && source->text
		? ouro__line_of_key(source->text, source->length, key, child)
		: 0;

	if (level == OURO__LEVEL_ENVIRONMENT)
		(void)snprintf(ret_place, OURO__PLACE_MAX, "environment: %.64s", key);
	else if (level == OURO__LEVEL_CREDENTIAL)
		(void)snprintf(ret_place, OURO__PLACE_MAX, "credential: %.64s", key);
	else if (line)
		(void)snprintf(
			ret_place, OURO__PLACE_MAX, "%.300s:%zu: %.64s", source->file, line, key);
	else if (level == OURO__LEVEL_FILE && source->file)
		(void)snprintf(ret_place, OURO__PLACE_MAX, "%.300s: %.64s", source->file, key);
	else
		(void)snprintf(ret_place, OURO__PLACE_MAX, "%.64s", key);
}

void ouro__source_unknown(const struct ouro__source *source, struct ouro__faults *faults)
{
	char where[OURO__PLACE_MAX];
	const char *key;
	json_t *value;

	json_object_foreach(source->root, key, value)
	{
		if (ouro__settings_find(key) >= 0)
			continue;
		ouro__source_place(source, OURO__LEVEL_FILE, key, NULL, where);
		ouro__fault(faults, where, "unknown key; did you mean %s?",
			ouro__settings_nearest(key));
	}
}

const char *ouro__source_env(const struct ouro__source *source, const char *name)
{
	size_t length = strlen(name);

	for (const char *const *entry = source->environment; entry && *entry; entry++)
		if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
			return (*entry)[length + 1] ? *entry + length + 1 : NULL;
	return NULL;
}

static const char *row_env(const struct ouro__source *source, const char *key)
{
	char name[ENV_NAME_MAX] = "";

	for (size_t i = 0; key[i] && i < sizeof(name) - 1; i++)
		name[i] = key[i] >= 'a' && key[i] <= 'z' ? (char)(key[i] - 32) : key[i];
	return ouro__source_env(source, name);
}

static int append_list(ouro__buf *out, const json_t *list)
{
	size_t count = json_array_size(list);

	for (size_t i = 0; i < count; i++) {
		const char *item = json_string_value(json_array_get(list, i));

		if (!item || strchr(item, ','))
			return 0;
		ouro__buf_text(out, i ? "," : "");
		ouro__buf_text(out, item);
	}
	return 1;
}

static void append_object(ouro__buf *out, const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);

	if (text)
		ouro__buf_text(out, text);
	else
		out->broken = 1;
	free(text);
}

/* 1 = the JSON value has the row's shape and its text is in out. */
static int append_json(ouro__buf *out, const json_t *json, enum ouro__shape shape)
{
	json_type type = json_typeof(json);

	if (type == JSON_STRING && shape != OURO__SHAPE_OBJECT) {
		ouro__buf_text(out, json_string_value(json));
		return 1;
	}
	if ((type == JSON_TRUE || type == JSON_FALSE) && shape == OURO__SHAPE_SWITCH) {
		ouro__buf_text(out, type == JSON_TRUE ? "true" : "false");
		return 1;
	}
	if (type == JSON_INTEGER && (shape == OURO__SHAPE_SWITCH || shape == OURO__SHAPE_NUMBER)) {
		ouro__buf_format(out, "%lld", (long long)json_integer_value(json));
		return 1;
	}
	if (type == JSON_ARRAY && shape == OURO__SHAPE_LIST)
		return append_list(out, json);
	if (type == JSON_OBJECT && shape == OURO__SHAPE_OBJECT) {
		append_object(out, json);
		return 1;
	}
	return 0;
}

static const char *shape_words(enum ouro__shape shape)
{
	switch (shape) {
	case OURO__SHAPE_SWITCH: return "write true or false";
	case OURO__SHAPE_NUMBER: return "write a number";
	case OURO__SHAPE_LIST: return "write a list of texts: [\"…\", \"…\"]";
	case OURO__SHAPE_OBJECT: return "write a JSON object: {…}";
	case OURO__SHAPE_TEXT:
	default: return "write a text in quotes";
	}
}

/* An object of the environment in canonical text; 0 and a fault or *ret_nomem otherwise. */
static int append_env_object(ouro__buf *out, const char *text, const char *where,
	struct ouro__faults *faults, int *ret_nomem)
{
	json_t *json = NULL;

	if (!parse_object(text, strlen(text), where, 0, faults, &json, ret_nomem))
		return 0;
	append_object(out, json);
	json_decref(json);
	return 1;
}

/* Environment first, then the file. 0 = a fault was reported or *ret_nomem. */
static int fetch(const struct ouro__source *source, const struct ouro__row *row,
	struct ouro__faults *faults, ouro__buf *out, enum ouro__level *ret_level, int *ret_nomem)
{
	const char *env = row_env(source, row->key);
	const json_t *json = json_object_get(source->root, row->key);
	char where[OURO__PLACE_MAX];

	if (env) {
		*ret_level = OURO__LEVEL_ENVIRONMENT;
		ouro__source_place(source, *ret_level, row->key, NULL, where);
		if (row->shape == OURO__SHAPE_OBJECT)
			return append_env_object(out, env, where, faults, ret_nomem);
		if (ouro__str_utf8(env, strlen(env))) {
			ouro__buf_text(out, env);
			return 1;
		}
		ouro__fault(faults, where, "not UTF-8");
		return 0;
	}
	if (!json || json_typeof(json) == JSON_NULL)
		return 1;
	*ret_level = OURO__LEVEL_FILE;
	if (append_json(out, json, row->shape))
		return 1;
	ouro__source_place(source, *ret_level, row->key, NULL, where);
	ouro__fault(faults, where, "of the wrong kind; %s", shape_words(row->shape));
	return 0;
}

ouro_status ouro__source_value(const struct ouro__source *source, const struct ouro__row *row,
	struct ouro__faults *faults, struct ouro__value *ret_value)
{
	ouro__buf out = OURO__BUF_INIT(OURO__SETTINGS_FILE_MAX);
	struct ouro__value value = {NULL, OURO__LEVEL_NONE, 0};
	ouro_status rc = OURO_OK;
	int nomem = 0;

	value.faulty = !fetch(source, row, faults, &out, &value.level, &nomem);
	nomem = nomem || out.broken;
	if (!nomem && !value.faulty && out.size) {
		value.text = ouro__alloc_str(ouro__buf_str(&out));
		nomem = !value.text;
	}
	if (nomem)
		rc = ouro__error_nomem(faults->reterr);
	if (!value.text && !value.faulty)
		value.level = OURO__LEVEL_NONE;
	ouro__buf_wipe(&out);
	*ret_value = value;
	return rc;
}

/* 1 if systemd put the file there: it decides who may read it. */
static int is_credential(const struct ouro__source *source, const char *path)
{
	const char *directory = ouro__source_env(source, "CREDENTIALS_DIRECTORY");
	size_t length = directory ? strlen(directory) : 0;

	while (length && directory[length - 1] == '/')
		length--;
	return length && directory[0] == '/' && strncmp(path, directory, length) == 0 &&
		path[length] == '/' && !strstr(path + length, "/..");
}

ouro_status ouro__source_secret(const struct ouro__source *source, const char *path, int absent_ok,
	const char *where, struct ouro__faults *faults, char **ret_text)
{
	struct stat info;
	char *text = NULL;
	size_t length = 0;
	int fd = open_regular(path, &info);
	int read_ok;

	if (fd < 0 && absent_ok && errno == ENOENT)
		return OURO_OK;
	if (fd < 0) {
		ouro__fault(faults, where, "%.200s cannot be read: %s", path, words(errno));
		return OURO_OK;
	}
	if ((info.st_mode & (S_IRWXG | S_IRWXO)) && !is_credential(source, path)) {
		(void)close(fd);
		ouro__fault(faults, where,
			"%.200s is open to others than its owner; run: chmod 600 %.200s", path,
			path);
		return OURO_OK;
	}
	read_ok = read_whole(fd, OURO__SECRET_FILE_MAX, &text, &length);
	if (!read_ok && errno == ENOMEM) {
		(void)close(fd);
		return ouro__error_nomem(faults->reterr);
	}
	if (!read_ok)
		ouro__fault(faults, where, "%.200s cannot be read: %s", path, words(errno));
	(void)close(fd);
	if (!read_ok)
		return OURO_OK;
	if (length && text[length - 1] == '\n')
		text[--length] = '\0';
	if (length && ouro__str_utf8(text, length)) {
		*ret_text = text;
		return OURO_OK;
	}
	ouro__wipe(text, length);
	free(text);
	ouro__fault(faults, where, "%.200s is empty or not text; write the secret into it", path);
	return OURO_OK;
}
