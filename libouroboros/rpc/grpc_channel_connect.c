/* The I/O thread's dealings with one server: connecting until HTTP/2 is certain, and the header
 * fields of a request. A request goes out only after the server's SETTINGS came, so a wrong port
 * never leaves a call in doubt. */
#include <stdio.h>
#include <string.h>

#include <ouroboros/common.h>

#include "base/sys.h"
#include "rpc/grpc_channel_int.h"

/* Headscale's service; the method's name follows. */
#define SERVICE_PATH "/headscale.v1.HeadscaleService/"
/* The server gives up this much before we do, so that its answer still arrives. */
#define TIMEOUT_MARGIN_MS 50

static ouro__stream *stream_new(const struct ouro__grpc *grpc)
{
	ouro__stream *stream;

	if (grpc->stream_new)
		return grpc->stream_new(grpc->stream_user);
	if (grpc->socket_path)
		return ouro__stream_unix_new(grpc->socket_path);
	stream = ouro__stream_tcp_new(&grpc->endpoint);
	return grpc->tls ? ouro__stream_tls_new(grpc->tls, stream, grpc->endpoint.host) : stream;
}

static ouro_status greet(ouro__h2 *h2, int64_t deadline, int stop_fd, ouro_error *reterr)
{
	for (;;) {
		ouro_status rc = ouro__h2_io(h2, reterr);

		if (rc < 0 || ouro__h2_settled(h2))
			return rc;
		if (ouro__h2_busy(h2))
			continue;
		rc = ouro__stream_wait(
			ouro__h2_fd(h2), ouro__h2_events(h2), deadline, stop_fd, reterr);
		if (rc == OURO_ERR_TIMEOUT)
			return ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_TIMEOUT,
				"the port accepts connections but does not speak HTTP/2 in time");
		if (rc < 0)
			return rc;
	}
}

ouro_status ouro__grpc_connect(struct ouro__grpc *grpc, const struct ouro__h2_sink *sink,
	ouro__h2 **ret_h2, ouro_error *reterr)
{
	int64_t deadline = ouro__clock_ms() + grpc->connect_timeout;
	ouro_error error = OURO_ERROR_INIT;
	ouro__stream *stream = stream_new(grpc);
	ouro__h2 *h2 = NULL;
	ouro_status rc;

	if (!stream)
		return ouro__error_nomem(reterr);
	rc = stream->ops->connect(stream, deadline, grpc->stop_fd, &error);
	if (rc < 0) {
		ouro__stream_free(stream);
		goto out;
	}
	rc = ouro__h2_new(stream, sink, &h2, &error);
	if (rc < 0)
		goto out;
	rc = greet(h2, deadline, grpc->stop_fd, &error);
	/* What a TLS port does with plaintext. */
	if (rc == OURO_ERR_UNREACHABLE && !grpc->tls && !grpc->socket_path)
		rc = ouro__error_from(&error, OURO_ORIGIN_NETWORK, rc,
			"the port accepts connections and closes them again; if it has TLS, do not set plaintext");
	if (rc < 0)
		goto out;
	*ret_h2 = h2;
	h2 = NULL;
out:
	ouro__h2_free(h2);
	if (rc < 0) {
		/* Nothing was sent: that is all a caller needs to know, unless it is the wrong kind
		 * of port. */
		if (rc == OURO_ERR_TIMEOUT)
			error.status = rc = OURO_ERR_UNREACHABLE;
		ouro__error_prefix(&error, "cannot reach Headscale at %s", grpc->where);
		error.flags |= OURO_ERROR_RETRYABLE;
		*reterr = error;
	}
	return rc;
}

ouro_status ouro__grpc_submit(
	struct ouro__grpc *grpc, ouro__h2 *h2, struct ouro__call *call, ouro_error *reterr)
{
	char path[sizeof(SERVICE_PATH) + sizeof(call->name)];
	char timeout[24];
	int64_t left = call->deadline - ouro__clock_ms() - TIMEOUT_MARGIN_MS;
	struct ouro__h2_field fields[] = {
		{":method", "POST", 0},
		{":scheme", grpc->tls ? "https" : "http", 0},
		{":path", path, 0},
		{":authority", grpc->authority, 0},
		{"grpc-timeout", timeout, 0},
		{"te", "trailers", 0},
		{"content-type", "application/grpc", 0},
		{"user-agent", "grpc-c-ouroboros/" OURO_VERSION, 0},
		{"grpc-accept-encoding", "identity", 0},
		{"authorization", grpc->authorization, 1},
	};
	size_t count = sizeof(fields) / sizeof(fields[0]);

	(void)snprintf(path, sizeof(path), SERVICE_PATH "%s", call->name);
	/* At most eight digits are allowed. */
	left = left < 1 ? 1 : left;
	left = left > 99999999 ? 99999999 : left;
	(void)snprintf(timeout, sizeof(timeout), "%lldm", (long long)left);
	if (!grpc->authorization)
		count--;
	return ouro__h2_submit(
		h2, fields, count, call->request.data, call->request.size, call, &call->id, reterr);
}
