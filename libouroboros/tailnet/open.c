/* From public options to the ways that lead to the server to a tailnet: gRPC first, then HTTP at the same place, then HTTP where the
 * clients find the server. An address that is a URL is the HTTP API there and no other way: an Ouroboros server, to a person with a
 * personal token. */
#include <stdio.h>
#include <string.h>

#include "base/options.h"
#include "base/url.h"
#include "headscale/generation.h"
#include "rpc/grpc_channel.h"
#include "rpc/json_channel.h"
#include "tailnet/candidates.h"
#include "tailnet/tailnet.h"

#define DEFAULT_SOCKET "/var/run/headscale/headscale.sock"
/* Longer waits are a mistake in the settings: milliseconds for seconds. */
#define TIMEOUT_MAX_MS (10u * 60u * 1000u)
#define HTTPS_PORT 443u
#define HTTP_PORT 80u
#define PLACE_MAX 300

static ouro_status check_words(const ouro_tailnet_options *options, ouro_error *reterr)
{
	struct ouro__url url;

	if (options->login_url && !ouro__url_parse(options->login_url, &url))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"the login URL is not one; write it like https://vpn.example.org");
	if (options->assume && !ouro__generation_by_version(options->assume))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"hs_assume: \"%.20s\" is no version that is served (" OURO__GENERATIONS_SERVED
			"); write one like 0.30",
			options->assume);
	return OURO_OK;
}

static int is_url(const ouro_tailnet_options *options)
{
	return options->address && strstr(options->address, "://") != NULL;
}

static ouro_status check_url(const ouro_tailnet_options *options, ouro_error *reterr)
{
	struct ouro__url url;

	if (!ouro__url_parse(options->address, &url))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"the address \"%.100s\" is not a URL that can be used; write it like https://vpn.example.org/ouroboros",
			options->address);
	if (!ouro__url_safe(&url))
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"%.100s: a key or token travels over https only (http only on this machine itself)",
			options->address);
	if (options->transport == OURO_TRANSPORT_GRPC || options->plaintext)
		return ouro__error_set(reterr, OURO_ERR_INVALID,
			"an address that is a URL says how it is spoken to: leave transport and plaintext alone");
	return OURO_OK;
}

static ouro_status check(const ouro_tailnet_options *options, ouro_error *reterr)
{
	const uint32_t times[] = {options->freshness_ms, options->connect_timeout_ms,
		options->read_timeout_ms, options->write_timeout_ms, options->stale_after_ms,
		options->first_view_ms};

	if (options->transport < OURO_TRANSPORT_AUTO || options->transport > OURO_TRANSPORT_HTTP)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "transport %d is not known",
			(int)options->transport);
	if (options->address && !options->address[0])
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "the address of Headscale is empty");
	if (options->address && (!options->api_key || !options->api_key[0]))
		return ouro__error_set(
			reterr, OURO_ERR_INVALID, "an address needs an API key of Headscale");
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (times[i] > TIMEOUT_MAX_MS)
			return ouro__error_set(reterr, OURO_ERR_INVALID,
				"a time of more than 10 minutes: they are milliseconds");
	if (is_url(options)) {
		ouro_status rc = check_url(options, reterr);

		if (rc < 0)
			return rc;
	}
	return check_words(options, reterr);
}

static const char *socket_of(const ouro_tailnet_options *options)
{
	return options->socket_path ? options->socket_path : DEFAULT_SOCKET;
}

struct opening {
	const ouro_tailnet_options *options;
	const ouro__log *log; /* for the channels */
	struct ouro__candidates *candidates;
};

static ouro_status add_grpc(const struct opening *opening, const char *place, ouro_error *reterr)
{
	const ouro_tailnet_options *options = opening->options;
	struct ouro__grpc_options grpc = {0};
	ouro__channel *channel = NULL;
	ouro_status rc;

	grpc.endpoint = options->address;
	grpc.socket_path = options->address ? NULL : socket_of(options);
	grpc.plaintext = options->plaintext != 0;
	grpc.ca_file = options->ca_file;
	/* The socket asks for no key: none is sent there. */
	grpc.api_key = options->address ? options->api_key : NULL;
	grpc.connect_timeout_ms = options->connect_timeout_ms;
	grpc.log = *opening->log;
	rc = ouro__grpc_channel_new(&grpc, &channel, reterr);
	if (rc == OURO_OK)
		ouro__candidates_add(opening->candidates, channel, place, !options->address);
	return rc;
}

/* Where, for the rest. */
static ouro_status make_http(const struct opening *opening, struct ouro__json_options *json,
	ouro__channel **ret_channel, ouro_error *reterr)
{
	json->ca_file = opening->options->ca_file;
	json->connect_timeout_ms = opening->options->connect_timeout_ms;
	json->log = *opening->log;
	return ouro__json_channel_new(json, ret_channel, reterr);
}

/* "vpn.example.org:443" from "vpn.example.org" and the like; an address that cannot be read stays. */
static void with_port(const char *address, unsigned port, char ret_place[PLACE_MAX])
{
	struct ouro__url url;

	if (ouro__url_authority(address, strlen(address), &url) && !url.port)
		(void)snprintf(ret_place, PLACE_MAX, "%s:%u", url.authority, port);
	else
		(void)snprintf(ret_place, PLACE_MAX, "%.*s", PLACE_MAX - 1, address);
}

/* HTTP at the same place. */
static ouro_status add_http(const struct opening *opening, const char *place, ouro_error *reterr)
{
	const ouro_tailnet_options *options = opening->options;
	struct ouro__json_options json = {0};
	ouro__channel *channel = NULL;
	char endpoint[PLACE_MAX];
	ouro_status rc;

	if (options->address) {
		with_port(options->address, HTTPS_PORT, endpoint);
		json.endpoint = endpoint;
		json.plaintext = options->plaintext != 0;
		json.api_key = options->api_key;
	} else {
		json.socket_path = socket_of(options);
	}
	rc = make_http(opening, &json, &channel, reterr);
	if (rc == OURO_OK)
		ouro__candidates_add(opening->candidates, channel, place, !options->address);
	return rc;
}

/* A URL, taken apart for the HTTP channel. */
struct site {
	char endpoint[PLACE_MAX];
	char prefix[OURO__URL_MAX + 1];
	int https;
	int safe; /* the key may travel there */
};

/* 0 = there is none. */
static int parse_site(const char *text, struct site *ret_site)
{
	struct ouro__url url;
	size_t length;

	if (!text || !ouro__url_parse(text, &url))
		return 0;
	length = strlen(url.path);
	if (length && url.path[length - 1] == '/')
		length--;
	(void)snprintf(ret_site->prefix, sizeof(ret_site->prefix), "%.*s", (int)length, url.path);
	with_port(url.authority, url.https ? HTTPS_PORT : HTTP_PORT, ret_site->endpoint);
	ret_site->https = url.https;
	ret_site->safe = ouro__url_safe(&url);
	return 1;
}

static ouro_status make_site(const struct opening *opening, const struct site *site,
	const char *api_key, ouro__channel **ret_channel, ouro_error *reterr)
{
	struct ouro__json_options json = {0};

	json.endpoint = site->endpoint;
	json.plaintext = !site->https;
	json.prefix = site->prefix;
	json.api_key = api_key;
	return make_http(opening, &json, ret_channel, reterr);
}

/* The one way to an address that is a URL. */
static ouro_status add_url(const struct opening *opening, ouro_error *reterr)
{
	const ouro_tailnet_options *options = opening->options;
	ouro__channel *channel = NULL;
	struct site site;
	ouro_status rc;

	if (!parse_site(options->address, &site))
		return ouro__error_set(reterr, OURO_ERR_INVALID, "the address is not a URL");
	rc = make_site(opening, &site, options->api_key, &channel, reterr);
	if (rc == OURO_OK)
		ouro__candidates_add(opening->candidates, channel, options->address, 0);
	return rc;
}

/* HTTP is tried there already. */
static int is_address(const ouro_tailnet_options *options, const struct site *login)
{
	char address[PLACE_MAX];

	with_port(options->address, HTTPS_PORT, address);
	return strcmp(login->endpoint, address) == 0 && login->https == !options->plaintext &&
		!login->prefix[0];
}

/* The login URL as one more way, if the settings allow it and the key may travel there; else for the public pages alone, where gRPC
 * leaves a question. */
static ouro_status add_login_url(const struct opening *opening, ouro_error *reterr)
{
	const ouro_tailnet_options *options = opening->options;
	ouro__channel *channel = NULL;
	struct site login;
	ouro_status rc;
	int whole;

	if (!parse_site(options->login_url, &login))
		return OURO_OK;
	whole = options->address && options->transport != OURO_TRANSPORT_GRPC && login.safe;
	if (whole ? is_address(options, &login) : options->transport == OURO_TRANSPORT_HTTP)
		return OURO_OK;
	rc = make_site(opening, &login, whole ? options->api_key : NULL, &channel, reterr);
	if (rc == OURO_OK && whole)
		ouro__candidates_add(opening->candidates, channel, options->login_url, 0);
	else if (rc == OURO_OK)
		opening->candidates->pages = channel;
	return rc;
}

static ouro_status add_all(const struct opening *opening, ouro_error *reterr)
{
	const ouro_tailnet_options *options = opening->options;
	const char *place = options->address ? options->address : socket_of(options);
	ouro_status rc = OURO_OK;

	if (is_url(options))
		return add_url(opening, reterr);
	if (options->transport != OURO_TRANSPORT_HTTP)
		rc = add_grpc(opening, place, reterr);
	if (rc == OURO_OK && options->transport != OURO_TRANSPORT_GRPC)
		rc = add_http(opening, place, reterr);
	if (rc == OURO_OK)
		rc = add_login_url(opening, reterr);
	return rc;
}

ouro_status ouro_tailnet_open(
	const ouro_tailnet_options *options, ouro_tailnet **ret_tailnet, ouro_error *reterr)
{
	ouro_tailnet_options own = OURO_TAILNET_OPTIONS_INIT;
	struct ouro__candidates candidates;
	struct opening opening = {&own, NULL, &candidates};
	ouro__log log;
	ouro_status rc;

	if (!ret_tailnet)
		return ouro__error_set(reterr, OURO_ERR_INVALID, "no place for the tailnet");
	rc = ouro__options_import(&own, sizeof(own), options, reterr);
	if (rc == OURO_OK)
		rc = check(&own, reterr);
	if (rc < 0)
		return rc;
	ouro__candidates_init(&candidates);
	candidates.restricted = own.transport != OURO_TRANSPORT_AUTO && !is_url(&own);
	candidates.site = is_url(&own);
	candidates.assumed = own.assume ? ouro__generation_by_version(own.assume) : NULL;
	log = (ouro__log){own.log, own.log_user};
	opening.log = ouro__candidates_log(&candidates, &log);
	rc = opening.log ? add_all(&opening, reterr) : ouro__error_nomem(reterr);
	if (rc < 0) {
		ouro__candidates_free(&candidates);
		return rc;
	}
	return ouro__tailnet_over(&candidates, own.address ? own.address : socket_of(&own), &own,
		ret_tailnet, reterr);
}
