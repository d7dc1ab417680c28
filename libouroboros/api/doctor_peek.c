/* Connecting and shaking hands, no more; see doctor_peek.h. */
#include "api/doctor_peek.h"

#include <stdio.h>

#include "base/str.h"
#include "net/stream.h"

#define CERTIFICATE_DAYS 14

static ouro_status shake(const struct ouro__endpoint *endpoint, const char *ca_file,
	int64_t deadline, struct ouro__peek *peek)
{
	ouro__tls *tls = NULL;
	ouro__stream *stream = NULL;
	ouro_status rc = ouro__tls_new(ca_file, NULL, &tls, &peek->error);

	if (rc < 0)
		return rc;
	stream = ouro__stream_tls_new(tls, ouro__stream_tcp_new(endpoint), endpoint->host);
	rc = stream ? stream->ops->connect(stream, deadline, -1, &peek->error)
		    : ouro__error_nomem(&peek->error);
	if (rc == OURO_OK)
		peek->until = ouro__stream_tls_until(stream);
	ouro__stream_free(stream);
	ouro__tls_free(tls);
	return rc;
}

static ouro_status knock(
	const struct ouro__endpoint *endpoint, int64_t deadline, struct ouro__peek *peek)
{
	ouro__stream *stream = ouro__stream_tcp_new(endpoint);
	ouro_status rc = stream ? stream->ops->connect(stream, deadline, -1, &peek->error)
				: ouro__error_nomem(&peek->error);

	ouro__stream_free(stream);
	return rc;
}

void ouro__doctor_peek(const struct ouro__endpoint *endpoint, int tls, const char *ca_file,
	int64_t deadline, struct ouro__peek *ret_peek)
{
	struct addrinfo *list = NULL;

	*ret_peek = (struct ouro__peek){OURO__PEEK_NAME, OURO_TIME_NEVER, OURO_ERROR_INIT};
	if (ouro__endpoint_resolve(endpoint, deadline, -1, &list, &ret_peek->error) < 0)
		return;
	freeaddrinfo(list);
	ret_peek->step = OURO__PEEK_PORT;
	if (knock(endpoint, deadline, ret_peek) < 0)
		return;
	ret_peek->step = OURO__PEEK_TLS;
	if (tls && shake(endpoint, ca_file, deadline, ret_peek) < 0)
		return;
	ret_peek->step = OURO__PEEK_DONE;
}

/* What to do about a handshake that failed. */
static void advise_tls(struct ouro__report *report, const char *setting, const ouro_error *error)
{
	if (ouro__str_has_fold(error->text, "expired"))
		ouro__report_advise(report,
			"renew the certificate; if the proxy should do that by itself, its log says why it does not");
	else if (ouro__str_has_fold(error->text, "mismatch"))
		ouro__report_advise(report,
			"the certificate is for another name: write that name in %s, or get one for this name",
			setting);
	else if (ouro__str_has_fold(error->text, "certificate"))
		ouro__report_advise(report,
			"get a certificate from a known authority, send the whole chain, or name a private authority in hs_ca_file");
	else
		ouro__report_advise(report,
			"is this the TLS port? Where Headscale is reached without TLS, set hs_plaintext");
}

int ouro__doctor_tell_peek(struct ouro__report *report, const char *setting, const char *place,
	const struct ouro__peek *peek)
{
	if (peek->step != OURO__PEEK_DONE)
		ouro__report_add(
			report, OURO_FINDING_WRONG, "%s %s: %s", setting, place, peek->error.text);
	switch (peek->step) {
	case OURO__PEEK_NAME:
		ouro__report_advise(report,
			"correct the name in %s, or the DNS that this machine uses", setting);
		return 0;
	case OURO__PEEK_PORT:
		ouro__report_advise(report,
			"does it run, is the port right, and does a firewall let this machine through? See %s",
			setting);
		return 0;
	case OURO__PEEK_TLS: advise_tls(report, setting, &peek->error); return 0;
	case OURO__PEEK_DONE:
	default: break;
	}
	if (peek->until == OURO_TIME_NEVER) {
		ouro__report_add(report, OURO_FINDING_OK, "%s %s is there", setting, place);
	} else {
		char what[OURO__REMARK_MAX];

		(void)snprintf(what, sizeof(what), "the certificate of %s", place);
		ouro__report_end(report, what, peek->until, CERTIFICATE_DAYS,
			"renew the certificate; if the proxy should do that by itself, its log says why it does not");
	}
	return 1;
}
