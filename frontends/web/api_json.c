/* api_json.c: writing JSON. Straight into the answer's buffer: a list may have thousands of nodes. On the request's thread. */
#include "api.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <string.h>

/* All of a tailnet's nodes fit, and no answer takes the machine's memory. */
#define LIST_MAX (64u * 1024u * 1024u)

static void put_escape(struct web_buf *out, unsigned char c)
{
	static const char names[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *found = strchr(names, (char)c);

	if (c != '\0' && found != NULL)
		web_buf_printf(out, "\\%c", letters[found - names]);
	else
		web_buf_printf(out, "\\u%04x", c);
}

void api_put_text(struct web_buf *out, const char *text)
{
	size_t length = strlen(text), start = 0, i = 0;

	web_buf_add(out, "\"", 1);
	while (i < length) {
		uint32_t code = 0;
		size_t size = web_text_utf8(text + i, length - i, &code);

		if (size == 0 || code < 0x20 || code == '"' || code == '\\') {
			web_buf_add(out, text + start, i - start);
			if (size == 0)
				web_buf_puts(out, "\xef\xbf\xbd");
			else
				put_escape(out, (unsigned char)code);
			i++;
			start = i;
			continue;
		}
		i += size;
	}
	web_buf_add(out, text + start, length - start);
	web_buf_add(out, "\"", 1);
}

void api_put_name(struct web_buf *out, const char *name)
{
	if (out->length > 0 && strchr("{[", out->data[out->length - 1]) == NULL)
		web_buf_add(out, ",", 1);
	api_put_text(out, name);
	web_buf_add(out, ":", 1);
}

void api_put_member(struct web_buf *out, const char *name, const char *text)
{
	api_put_name(out, name);
	api_put_text(out, text);
}

void api_put_id(struct web_buf *out, const char *name, uint64_t id)
{
	api_put_name(out, name);
	web_buf_printf(out, "\"%" PRIu64 "\"", id);
}

void api_put_flag(struct web_buf *out, const char *name, int value)
{
	api_put_name(out, name);
	web_buf_puts(out, value ? "true" : "false");
}

void api_put_time(struct web_buf *out, const char *name, int64_t time, const char *never)
{
	char text[API_TIME_MAX];

	api_put_name(out, name);
	if (time == OURO_TIME_NEVER && never == NULL) {
		web_buf_puts(out, "null");
		return;
	}
	api_time_text(time, text);
	api_put_text(out, time == OURO_TIME_NEVER ? never : text);
}

void api_put_user(struct web_buf *out, const char *name, uint64_t id, const char *user)
{
	static const char *const unknown[] = {
		"displayName", "email", "providerId", "provider", "profilePicUrl"};
	size_t i;

	if (name != NULL)
		api_put_name(out, name);
	if (id == 0) {
		web_buf_puts(out, "null");
		return;
	}
	web_buf_puts(out, "{");
	api_put_id(out, "id", id);
	api_put_member(out, "name", user);
	api_put_member(out, "createdAt", API_TIME_ZERO);
	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		api_put_member(out, unknown[i], "");
	web_buf_puts(out, "}");
}

struct web_buf *api_begin(struct api_call *api)
{
	struct web_response *response = api->web->response;

	response->status = 200;
	response->content_type = "application/json";
	web_buf_done(&response->body);
	response->body.maximum = LIST_MAX;
	return &response->body;
}

/* The same bytes have the same tag after a restart and at every replica. */
static uint64_t tag_of(const struct web_buf *body)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	uint64_t tag = 0;
	size_t i;

	if (EVP_Digest(body->data, body->length, digest, &size, EVP_sha256(), NULL) != 1 ||
		size < 8)
		return 0;
	for (i = 0; i < 8; i++)
		tag = tag << 8 | digest[i];
	return tag;
}

void api_tag(struct api_call *api)
{
	struct web_response *response = api->web->response;
	uint64_t tag;

	if (response->status != 200 || response->body.failed)
		return;
	response->caching = WEB_CACHE_ASK;
	tag = tag_of(&response->body);
	if (tag != 0)
		(void)web_response_etag(response, api->web->request->if_none_match, tag);
}

void api_answer_empty(struct api_call *api)
{
	web_buf_puts(api_begin(api), "{}\n");
}
