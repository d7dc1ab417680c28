/* One request to another service when memory runs out, libcurl's own included, or libcurl, threads and folders fail under it: an
 * error with words or a whole reply, nothing lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "calls_curl.h"
#include "http_server.h"
#include "net/http.h"

struct world {
	struct http_server server;
	struct ouro__http_request request;
	int status; /* of the reply */
};

static int send_one(void *user)
{
	struct world *world = user;
	struct ouro__http_reply reply = {.status = 77};
	ouro_error error = OURO_ERROR_INIT;
	struct ouro__http *http;
	ouro_status rc;

	torture_arm_now();
	http = ouro__http_curl_new("/nonexistent/authorities.pem");
	rc = http ? http->send(http->ctx, &world->request, &reply, &error)
		  : ouro__error_nomem(&error);
	ouro__http_free(http);
	(void)torture_disarm();
	(void)http_server_counts(&world->server);
	if (rc == OURO_OK) {
		int right = reply.status == world->status && reply.body.size > 0 &&
			strcmp(reply.content_type, "application/json") == 0;

		ouro__http_reply_done(&reply);
		return right;
	}
	if (torture_refused() && reply.status == 77 && error.status == rc && error.text[0])
		return 1;
	print_message("%s: %s\n", ouro_status_name(rc), error.text);
	return 0;
}

static void torture_http__requests(void **state)
{
	static const char *const headers[] = {"Accept: application/json", "X-Other: y"};
	char url[128];
	struct world world = {.request = {.method = "GET",
				      .url = url,
				      .headers = headers,
				      .header_count = 2,
				      .timeout_ms = 5000},
		.status = 200};

	(void)state;
	torture_kinds(TORTURE_MEMORY | TORTURE_CALLS);
	http_server_start(&world.server, NULL, "head", "{}");
	(void)snprintf(url, sizeof(url), "http://%s/api/v1/user", world.server.address);
	torture_run("asking another service", send_one, &world);
	(void)snprintf(
		url, sizeof(url), "http://%s/api/v1/preauthkey/expire", world.server.address);
	world.request.method = "POST";
	torture_run("sending nothing", send_one, &world);
	world.request.body = "{}";
	world.request.body_size = 2;
	torture_run("sending something", send_one, &world);
	http_server_stop(&world.server);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(torture_http__requests),
	};

	torture_curl_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
