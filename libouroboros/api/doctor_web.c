/* Requests of the doctor; see doctor_web.h. */
#include "api/doctor_web.h"

#include <stdio.h>

#include "base/str.h"
#include "base/sys.h"

/* Any one request. */
#define ASK_MS 6000u

int ouro__doctor_web_trust(struct ouro__doctor_web *web, const char *ca_file)
{
	ouro__http_free(web->http);
	web->http = ouro__http_curl_new(ca_file);
	return web->http != NULL;
}

void ouro__doctor_web_done(struct ouro__doctor_web *web)
{
	ouro__http_free(web->http);
	web->http = NULL;
}

static enum ouro__from who(const struct ouro__http_reply *reply)
{
	if (reply->header[0])
		return OURO__FROM_US;
	if (reply->status >= 502 && reply->status <= 504)
		return OURO__FROM_GATEWAY;
	return OURO__FROM_OTHERS;
}

void ouro__doctor_ask(struct ouro__strand *strand, struct ouro__doctor_web *web, const char *method,
	const char *url, const char *host, struct ouro__doctor_answer *ret_answer)
{
	static const char agent[] = "User-Agent: ouroboros-doctor";
	char host_line[300] = "";
	const char *headers[] = {agent, host_line};
	struct ouro__http_request request = {.method = method,
		.url = url,
		.headers = headers,
		.header_count = host ? 2 : 1,
		.timeout_ms = ouro__doctor_left(strand, ASK_MS),
		.header = OURO__OWN_HEADER};
	int64_t began = ouro__clock_unix();

	if (host)
		(void)snprintf(host_line, sizeof(host_line), "Host: %s", host);
	*ret_answer = (struct ouro__doctor_answer){.error = OURO_ERROR_INIT};
	if (web->http->send(web->http->ctx, &request, &ret_answer->reply, &ret_answer->error) < 0)
		return;
	ret_answer->from = who(&ret_answer->reply);
	ret_answer->clock.known = ret_answer->reply.date != 0;
	ret_answer->clock.ahead =
		ret_answer->reply.date - (began + (ouro__clock_unix() - began) / 2);
}

void ouro__doctor_answer_done(struct ouro__doctor_answer *answer)
{
	ouro__http_reply_done(&answer->reply);
}
