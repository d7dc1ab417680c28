/* The first bytes of a server tell a wrong port apart; see h2_sniff.h. Pure. */
#include "net/h2_sniff.h"

#include <nghttp2/nghttp2.h>
#include <string.h>

/* A small SETTINGS frame of stream 0 that is no acknowledgement. */
static int is_settings(const uint8_t *head)
{
	static const uint8_t stream[4] = {0};

	return head[0] == 0 && head[3] == NGHTTP2_SETTINGS && !(head[4] & NGHTTP2_FLAG_ACK) &&
		memcmp(head + 5, stream, sizeof(stream)) == 0;
}

ouro_status ouro__h2_sniff(const uint8_t *data, size_t size, ouro_error *reterr)
{
	const char *what = NULL;

	if (size >= 5 && memcmp(data, "HTTP/", 5) == 0)
		what = "the port answers HTTP/1, it is not a gRPC port (Headscale: grpc_listen_addr)";
	else if (size >= 2 && (data[0] == 0x15 || data[0] == 0x16) && data[1] == 3)
		what = "the port speaks TLS: do not set plaintext";
	else if (size >= 1 && data[0] == '<')
		what = "the port answers with a web page, it is not a gRPC port";
	else if (size >= OURO__H2_SNIFF_SIZE && !is_settings(data))
		what = "the port does not speak HTTP/2, nor HTTP/1: is the address right?";
	if (!what)
		return OURO_OK;
	return ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_PROTOCOL, "%s", what);
}
