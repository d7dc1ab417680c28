/* What GitHub answers: the first byte chooses the HTTP status, the rest is the body; both calls
 * that look at one read it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "identity/github.h"
#include "identity/sessions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct answer {
	int status;
	const uint8_t *data;
	size_t size;
};

static ouro_status send_answer(void *ctx, const struct ouro__http_request *request,
	struct ouro__http_reply *ret_reply, ouro_error *reterr)
{
	const struct answer *answer = ctx;
	ouro__buf body = OURO__BUF_INIT(OURO__HTTP_REPLY_MAX);

	if (!request->method || !request->url)
		abort();
	ouro__buf_append(&body, answer->data, answer->size);
	if (body.broken) {
		ouro__buf_done(&body);
		return ouro__error_set(reterr, OURO_ERR_LIMIT, "too long");
	}
	memset(ret_reply, 0, sizeof(*ret_reply));
	ret_reply->status = answer->status;
	ret_reply->body = body;
	return OURO_OK;
}

static void check_token(const char *token)
{
	size_t length = strlen(token);

	if (!length || length > OURO__TOKEN_MAX)
		abort();
	for (size_t i = 0; i < length; i++)
		if (token[i] <= ' ' || token[i] > '~') /* it goes into a header */
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = {200, 200, 200, 401, 403, 404, 302, 503};
	static char client[] = "client";
	static char secret[] = "secret";
	static char callback[] = "https://vpn.example.org/ouroboros/auth/callback";
	static char url[] = "https://github.example.org";
	struct answer answer = {200, data, 0};
	struct ouro__http http = {send_answer, NULL, &answer};
	struct ouro__github_app app = {.http = &http,
		.client_id = client,
		.client_secret = secret,
		.callback_url = callback,
		.url = url,
		.api_url = url,
		.timeout_ms = 1000};
	char token[OURO__TOKEN_MAX + 1];
	ouro_identity identity = OURO_IDENTITY_INIT;
	ouro_error error = OURO_ERROR_INIT;

	if (!size)
		return 0;
	answer.status = statuses[data[0] % (sizeof(statuses) / sizeof(statuses[0]))];
	answer.data = data + 1;
	answer.size = size - 1;
	if (ouro__github_token(&app, "code", "verifier", token, &error) == OURO_OK)
		check_token(token);
	else if (!error.text[0])
		abort();
	error = (ouro_error)OURO_ERROR_INIT;
	if (ouro__github_user(&app, "token", &identity, &error) < 0) {
		if (identity.id || identity.login[0] || !error.text[0])
			abort();
	} else if (answer.status != 200 || !identity.id || identity.id > INT64_MAX ||
		!ouro__login_sound(identity.login)) {
		abort();
	}
	return 0;
}
