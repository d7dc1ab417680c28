/* Which way leads to the server: order, what is remembered, what is said when none does. Over channels without a network. */
#include "check.h"

#include <stdio.h>
#include <time.h>

#include "base/sys.h"
#include "fake_pages.h"
#include "headscale/generation.h"
#include "tailnet/candidates.h"

/* gRPC and HTTP at one place, HTTP where the clients find the server. */
static struct fake_channel *grpc;
static struct fake_pages *http;
static struct fake_pages *login;
static struct ouro__candidates candidates;

static const struct fake_page web[] = {{NULL, 200, "<html>Hello</html>"}};
static const struct fake_page bad_gateway[] = {{NULL, 502, ""}};

static int setup(void **state)
{
	(void)state;
	grpc = fake_channel_new(fake_methods_h, NULL, NULL);
	http = fake_pages_new(fake_pages_of(OURO__BAND_H), fake_channel_new("", NULL, NULL));
	login = fake_pages_new(fake_pages_of(OURO__BAND_H), fake_channel_new("", NULL, NULL));
	ouro__candidates_init(&candidates);
	ouro__candidates_add(&candidates, &grpc->base, "hs:443", 0);
	ouro__candidates_add(&candidates, &http->base, "hs:443", 0);
	ouro__candidates_add(&candidates, &login->base, "https://login", 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ouro__candidates_stop(&candidates);
	ouro__candidates_free(&candidates);
	return 0;
}

static ouro_status find(ouro_error *reterr)
{
	return ouro__candidates_find(&candidates, ouro__clock_ms() + 1000, reterr);
}

static void found(size_t chosen, ouro__band band)
{
	ouro_error error = OURO_ERROR_INIT;

	if (find(&error) < 0)
		fail_msg("%s", error.text);
	assert_int_equal(candidates.chosen, chosen);
	assert_ptr_equal(candidates.found.generation, ouro__generation_of(band));
}

/* How often each was asked since the last time. */
static void asked(unsigned by_grpc, unsigned by_http, unsigned by_login)
{
	assert_int_equal(grpc->probes, by_grpc);
	assert_int_equal(http->gets, by_http);
	assert_int_equal(login->gets, by_login);
	grpc->probes = http->gets = login->gets = 0;
}

static void down(struct fake_channel *channel, int is_down)
{
	fake_channel_set(channel, &channel->down, is_down);
}

static void test_tailnet_candidates__in_order(void **state)
{
	(void)state;
	assert_false(ouro__candidates_hold(&candidates, OURO__CANDIDATES_LOOK_MS));
	found(0, OURO__BAND_H);
	asked(1, 0, 0);
	assert_true(ouro__candidates_hold(&candidates, OURO__CANDIDATES_LOOK_MS));
	down(grpc, 1);
	found(1, OURO__BAND_H);
	asked(1, 2, 0); /* /version says "dev" */
	down(http->calls, 1);
	found(2, OURO__BAND_H);
	asked(1, 1, 2); /* the one that answered last, then the others */
}

/* At a socket HTTP is asked first, and by one page: that of the versions which speak it there. */
static void test_tailnet_candidates__a_socket_is_asked_over_http_first(void **state)
{
	(void)state;
	candidates.items[0].direct = candidates.items[1].direct = 1;
	candidates.count = 2;
	http->pages = fake_pages_of(OURO__BAND_I);
	found(1, OURO__BAND_I);
	asked(0, 1, 0);
	/* Upgraded the other way round: gRPC alone is there now. */
	down(http->calls, 1);
	found(0, OURO__BAND_H);
	asked(1, 1, 0);
	found(0, OURO__BAND_H);
	asked(1, 0, 0);
	candidates.count = 3;
}

static void test_tailnet_candidates__the_one_that_answered_is_first(void **state)
{
	(void)state;
	down(grpc, 1);
	down(http->calls, 1);
	found(2, OURO__BAND_H);
	asked(1, 1, 2);
	down(grpc, 0);
	down(http->calls, 0);
	found(2, OURO__BAND_H);
	asked(0, 0, 1); /* one round trip */
	/* After a while the better ones get their turn, if the server may have them. */
	candidates.prefer_ms = ouro__clock_ms();
	found(0, OURO__BAND_H);
	asked(1, 0, 0);
}

static void test_tailnet_candidates__better_ones_are_tried_less_and_less(void **state)
{
	int64_t first;

	(void)state;
	down(grpc, 1);
	found(1, OURO__BAND_H);
	first = candidates.prefer_ms - ouro__clock_ms();
	assert_true(first > 50000 && first <= 60000);
	asked(1, 2, 0);
	for (int i = 0; i < 12; i++) {
		candidates.prefer_ms = ouro__clock_ms();
		found(1, OURO__BAND_H);
		asked(1, 1, 0);
	}
	assert_true(candidates.prefer_ms - ouro__clock_ms() <= 3600 * 1000);
	assert_true(candidates.prefer_ms - ouro__clock_ms() > 3000 * 1000);
}

/* 0.30 has no gRPC: it is not asked for it, but HTTP at the address is preferred to the login URL. */
static void test_tailnet_candidates__no_grpc_for_those_without(void **state)
{
	(void)state;
	down(grpc, 1);
	fake_pages_set(http, fake_pages_of(OURO__BAND_I));
	fake_pages_set(login, fake_pages_of(OURO__BAND_I));
	found(1, OURO__BAND_I);
	grpc->probes = 0;
	candidates.prefer_ms = 0;
	found(1, OURO__BAND_I);
	assert_int_equal(grpc->probes, 0);
	down(http->calls, 1);
	found(2, OURO__BAND_I);
	assert_int_equal(grpc->probes, 1); /* the one that answered is gone: everything is tried */
	grpc->probes = 0;
	down(http->calls, 0);
	candidates.prefer_ms = 0;
	found(1, OURO__BAND_I);
	assert_int_equal(grpc->probes, 0);
}

static void upgrade(struct fake_channel *channel)
{
	(void)pthread_mutex_lock(&channel->lock);
	channel->epoch++;
	(void)pthread_mutex_unlock(&channel->lock);
}

static void test_tailnet_candidates__another_connection_is_looked_at(void **state)
{
	(void)state;
	found(0, OURO__BAND_H);
	upgrade(grpc);
	assert_false(ouro__candidates_hold(&candidates, OURO__CANDIDATES_LOOK_MS));
	found(0, OURO__BAND_H);
	assert_true(ouro__candidates_hold(&candidates, OURO__CANDIDATES_LOOK_MS));
	assert_int_equal(candidates.found.epoch, 2);
	/* A proxy may keep the connection while the server behind it is replaced. */
	candidates.looked_ms -= OURO__CANDIDATES_LOOK_MS;
	assert_false(ouro__candidates_hold(&candidates, OURO__CANDIDATES_LOOK_MS));
	candidates.items[0].direct = 1;
	assert_true(ouro__candidates_hold(&candidates, OURO__CANDIDATES_LOOK_MS));
}

/* 0.29 becomes 0.30 behind one port of a proxy, and back. */
static void test_tailnet_candidates__grpc_vanishes_and_returns(void **state)
{
	(void)state;
	found(0, OURO__BAND_H);
	down(grpc, 1);
	fake_pages_set(http, bad_gateway);
	fake_pages_set(login, bad_gateway);
	assert_int_equal(find(NULL), OURO_ERR_UNREACHABLE);
	assert_int_equal(candidates.chosen, 0); /* remembered for the next time */
	fake_pages_set(http, fake_pages_of(OURO__BAND_I));
	found(1, OURO__BAND_I);
	fake_pages_set(http, bad_gateway);
	assert_int_equal(find(NULL), OURO_ERR_UNREACHABLE);
	assert_int_equal(candidates.chosen, 1);
	down(grpc, 0);
	found(0, OURO__BAND_H);
}

static void test_tailnet_candidates__twins_are_told_apart_once(void **state)
{
	static const struct fake_page *const hidden = bad_gateway;

	(void)state;
	(void)pthread_mutex_lock(&grpc->lock);
	grpc->methods = fake_methods_of(OURO__BAND_D);
	(void)pthread_mutex_unlock(&grpc->lock);
	fake_pages_set(http, hidden);
	fake_pages_set(login, fake_pages_of(OURO__BAND_D));
	found(0, OURO__BAND_D);
	asked(1, 1, 3);
	assert_null(ouro__headscale_vague(&candidates.found));
	found(0, OURO__BAND_D);
	asked(1, 0, 0); /* the same connection */
	/* A proxy may keep it: asked again after a while, and when a call went wrong. */
	candidates.told_ms -= 60000;
	found(0, OURO__BAND_D);
	asked(1, 1, 3);
	fake_pages_set(login, fake_pages_of(OURO__BAND_C));
	found(0, OURO__BAND_D);
	asked(1, 0, 0);
	ouro__candidates_doubt(&candidates);
	found(0, OURO__BAND_C);
	asked(1, 1, 3);
	fake_pages_set(login, fake_pages_of(OURO__BAND_D));
	upgrade(grpc);
	fake_pages_set(login, hidden);
	found(0, OURO__BAND_C);
	assert_ptr_equal(
		ouro__headscale_vague(&candidates.found), ouro__generation_of(OURO__BAND_D));
	asked(1, 1, 1);
	found(0, OURO__BAND_C);
	asked(1, 0, 0);
}

/* On the socket there is no HTTP beside gRPC, but the login URL's public pages. */
static void test_tailnet_candidates__pages_beside_the_socket(void **state)
{
	struct fake_pages *pages =
		fake_pages_new(fake_pages_of(OURO__BAND_F1), fake_channel_new("", NULL, NULL));
	struct ouro__candidates socket;

	(void)state;
	ouro__candidates_init(&socket);
	ouro__candidates_add(&socket,
		&fake_channel_new(fake_methods_of(OURO__BAND_F1), NULL, NULL)->base, "/run/hs", 1);
	socket.pages = &pages->base;
	assert_int_equal(ouro__candidates_find(&socket, ouro__clock_ms() + 1000, NULL), OURO_OK);
	assert_ptr_equal(socket.found.generation, ouro__generation_of(OURO__BAND_F1));
	assert_true(pages->gets > 0);
	ouro__candidates_stop(&socket);
	ouro__candidates_free(&socket);
}

/* ---- what is said ---- */

static void says(ouro_status status, const char *text)
{
	ouro_error error = OURO_ERROR_INIT;

	assert_int_equal(find(&error), status);
	assert_int_equal(error.status, status);
	if (!strstr(error.text, text))
		fail_msg("\"%s\" is not in \"%s\"", text, error.text);
	assert_int_equal(find(NULL), status);
}

static void test_tailnet_candidates__the_most_telling_failure_is_named(void **state)
{
	static const struct fake_page old[] = {
		{"/version", 200, "{\"version\":\"v0.22.3\"}"}, {NULL, 404, ""}};
	static const struct fake_page certificate[] = {
		{NULL, OURO_ERR_UNREACHABLE, "the server's certificate is refused: self-signed"}};
	static const struct fake_page hangs[] = {{NULL, OURO_ERR_TIMEOUT, "no answer in time"}};
	static const struct fake_page not_http[] = {
		{NULL, OURO_ERR_PROTOCOL, "the port speaks gRPC, not HTTP"}};

	(void)state;
	down(grpc, 1);
	down(http->calls, 1);
	down(login->calls, 1);
	says(OURO_ERR_UNREACHABLE, "gRPC at hs:443: probe: connection refused");
	down(http->calls, 0);
	fake_pages_set(http, hangs);
	says(OURO_ERR_TIMEOUT, "HTTP at hs:443: no answer in time");
	fake_pages_set(http, certificate);
	says(OURO_ERR_UNREACHABLE, "HTTP at hs:443: the server's certificate");
	fake_pages_set(http, not_http);
	says(OURO_ERR_PROTOCOL, "speaks gRPC, not HTTP");
	fake_pages_set(http, bad_gateway);
	says(OURO_ERR_UNREACHABLE, "HTTP at hs:443: the proxy in front answers HTTP 502");
	/* Elsewhere: the address that was given first is named too. */
	down(login->calls, 0);
	fake_pages_set(login, web);
	says(OURO_ERR_PROTOCOL, "HTTP at https://login: it answers HTTP 200");
	says(OURO_ERR_PROTOCOL, "; gRPC at hs:443: probe: connection refused");
	fake_pages_set(http, old);
	says(OURO_ERR_UNSUPPORTED, "HTTP at hs:443: this is Headscale v0.22.3");
	/* A gRPC server that is a stranger tells more than a proxy. */
	fake_pages_set(http, bad_gateway);
	fake_pages_set(login, bad_gateway);
	down(grpc, 0);
	(void)pthread_mutex_lock(&grpc->lock);
	grpc->methods = " Other ";
	(void)pthread_mutex_unlock(&grpc->lock);
	says(OURO_ERR_PROTOCOL, "gRPC at hs:443: a gRPC server answers, but it is not Headscale");
}

static const struct fake_page itself[] = {
	{"/version", 200, "{\"version\":\"v0.30.0\",\"ouroboros\":\"0.1.0\"}"}, {NULL, 404, ""}};

static void test_tailnet_candidates__ouroboros_at_the_login_url_is_no_headscale(void **state)
{
	static const char more[] =
		"; what answers at https://login is ouroboros-web, not Headscale: check hs_login_url";

	(void)state;
	down(grpc, 1);
	down(http->calls, 1);
	fake_pages_set(login, itself);
	/* Headscale is down, and that is what counts. */
	says(OURO_ERR_UNREACHABLE, "gRPC at hs:443: probe: connection refused");
	says(OURO_ERR_UNREACHABLE, more);
	assert_int_equal(candidates.chosen, OURO__CANDIDATES_MAX);
	down(http->calls, 0);
	fake_pages_set(http, bad_gateway);
	says(OURO_ERR_UNREACHABLE, "HTTP at hs:443: the proxy in front answers HTTP 502");
	says(OURO_ERR_UNREACHABLE, more);
	fake_pages_set(http, web);
	says(OURO_ERR_PROTOCOL, "HTTP at hs:443: it answers HTTP 200");
	says(OURO_ERR_PROTOCOL, more);
	/* No assumption makes it one. */
	candidates.assumed = ouro__generation_of(OURO__BAND_H);
	says(OURO_ERR_PROTOCOL, more);
	assert_int_equal(login->calls->calls, 0);
	fake_pages_set(http, fake_pages_of(OURO__BAND_I));
	found(1, OURO__BAND_I);
	/* It is still none when Headscale was there before. */
	down(http->calls, 1);
	says(OURO_ERR_UNREACHABLE, more);
}

static void test_tailnet_candidates__ouroboros_at_the_address_is_no_headscale(void **state)
{
	static const char text[] =
		"what answers at hs:443 is ouroboros-web, not Headscale: set hs_address";
	static const struct fake_page older[] = {
		{"/version", 200, "{\"version\":\"v0.22.3\"}"}, {NULL, 404, ""}};

	(void)state;
	down(grpc, 1);
	down(login->calls, 1);
	fake_pages_set(http, itself);
	says(OURO_ERR_PROTOCOL, text);
	down(login->calls, 0);
	fake_pages_set(login, itself);
	says(OURO_ERR_PROTOCOL, text);
	says(OURO_ERR_PROTOCOL, "; what answers at https://login is ouroboros-web");
	fake_pages_set(login, older);
	says(OURO_ERR_UNSUPPORTED, "HTTP at https://login: this is Headscale v0.22.3");
	says(OURO_ERR_UNSUPPORTED, text);
	/* The clients' URL leads to Headscale all the same. */
	fake_pages_set(login, fake_pages_of(OURO__BAND_I));
	found(2, OURO__BAND_I);
	assert_int_equal(http->calls->calls, 0);
}

static void test_tailnet_candidates__ouroboros_over_http_alone(void **state)
{
	struct ouro__candidates one;
	struct fake_pages *only = fake_pages_new(itself, fake_channel_new("", NULL, NULL));
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	ouro__candidates_init(&one);
	ouro__candidates_add(&one, &only->base, "hs:80", 0);
	assert_int_equal(
		ouro__candidates_find(&one, ouro__clock_ms() + 1000, &error), OURO_ERR_PROTOCOL);
	assert_string_equal(error.text,
		"what answers at hs:80 is ouroboros-web, not Headscale: set hs_address to Headscale's own address");
	assert_int_equal(error.http_status, 200);
	/* A person's URL is one of an Ouroboros. */
	one.site = 1;
	assert_int_equal(ouro__candidates_find(&one, ouro__clock_ms() + 1000, NULL), OURO_OK);
	assert_true(one.found.ouroboros);
	ouro__candidates_free(&one);
}

static ouro_status scripted_status;
static int scripted_http;

static ouro_status scripted_probe(ouro__channel *channel, const char *const *methods, size_t count,
	int64_t deadline, uint32_t *ret_there, uint64_t *ret_epoch, ouro_error *reterr)
{
	(void)channel;
	(void)methods;
	(void)count;
	(void)deadline;
	(void)ret_there;
	(void)ret_epoch;
	(void)ouro__error_from(reterr, OURO_ORIGIN_NETWORK, scripted_status,
		"at hs:443 the proxy answers HTTP %d", scripted_http);
	reterr->http_status = scripted_http;
	return scripted_status;
}

static void scripted_free(ouro__channel *channel)
{
	(void)channel;
}

static void test_tailnet_candidates__http_knows_more_of_a_proxy(void **state)
{
	static const struct ouro__channel_ops ops = {
		.probe = scripted_probe, .free = scripted_free};
	static ouro__channel channel = {&ops};

	(void)state;
	ouro__channel_free(&grpc->base);
	candidates.items[0].channel = &channel;
	scripted_status = OURO_ERR_UNREACHABLE;
	scripted_http = 502;
	fake_pages_set(http, bad_gateway);
	fake_pages_set(login, bad_gateway);
	says(OURO_ERR_UNREACHABLE, "HTTP at hs:443: the proxy in front answers HTTP 502");
	/* Of another place it knows nothing more. */
	(void)snprintf(candidates.items[1].place, sizeof(candidates.items[1].place), "other");
	says(OURO_ERR_UNREACHABLE, "at hs:443 the proxy answers HTTP 502");
	scripted_status = OURO_ERR_PROTOCOL;
	scripted_http = 404;
	says(OURO_ERR_PROTOCOL, "at hs:443 the proxy answers HTTP 404");
	fake_pages_set(login, web);
	says(OURO_ERR_PROTOCOL, "HTTP at https://login");
	/* What is wrong here is not the server's fault, and no other way mends it. */
	scripted_status = OURO_ERR_NOMEM;
	http->gets = 0;
	says(OURO_ERR_NOMEM, "");
	assert_int_equal(http->gets, 0);
	scripted_status = OURO_ERR_INTERNAL;
	says(OURO_ERR_INTERNAL, "");
	scripted_status = OURO_ERR_IO;
	says(OURO_ERR_IO, "");
	scripted_status = OURO_ERR_LIMIT;
	says(OURO_ERR_PROTOCOL, "HTTP at https://login");
}

static void test_tailnet_candidates__a_restriction_is_named(void **state)
{
	struct ouro__candidates one;
	struct fake_channel *only = fake_channel_new(" Other ", NULL, NULL);
	ouro_error error = OURO_ERROR_INIT;

	(void)state;
	ouro__candidates_init(&one);
	one.restricted = 1;
	ouro__candidates_add(&one, &only->base, "hs:1", 0);
	assert_int_equal(
		ouro__candidates_find(&one, ouro__clock_ms() + 1000, &error), OURO_ERR_PROTOCOL);
	assert_text_has(error.text, "hs_transport");
	down(only, 1);
	assert_int_equal(
		ouro__candidates_find(&one, ouro__clock_ms() + 1000, &error), OURO_ERR_UNREACHABLE);
	assert_null(strstr(error.text, "hs_transport"));
	ouro__candidates_free(&one);
}

static int lowest;
static char line[600];

static void take_line(void *user, int level, const char *text)
{
	(void)user;
	lowest = level;
	(void)snprintf(line, sizeof(line), "%s", text);
}

static void test_tailnet_candidates__channels_log_quietly(void **state)
{
	const ouro__log log = {take_line, NULL};
	const ouro__log *quiet = ouro__candidates_log(&candidates, &log);

	(void)state;
	assert_non_null(quiet);
	ouro__log_line(quiet, OURO_LOG_WARNING, "a port %d", 7);
	assert_int_equal(lowest, OURO_LOG_DEBUG);
	assert_string_equal(line, "a port 7");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(test_tailnet_candidates__##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(in_order),
		CASE(a_socket_is_asked_over_http_first),
		CASE(the_one_that_answered_is_first),
		CASE(better_ones_are_tried_less_and_less),
		CASE(no_grpc_for_those_without),
		CASE(another_connection_is_looked_at),
		CASE(grpc_vanishes_and_returns),
		CASE(twins_are_told_apart_once),
		CASE(pages_beside_the_socket),
		CASE(the_most_telling_failure_is_named),
		CASE(ouroboros_at_the_login_url_is_no_headscale),
		CASE(ouroboros_at_the_address_is_no_headscale),
		CASE(ouroboros_over_http_alone),
		CASE(http_knows_more_of_a_proxy),
		CASE(a_restriction_is_named),
		CASE(channels_log_quietly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
