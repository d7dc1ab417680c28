/* The HTTP/2 engine; see h2.h. One thread. Frames to send are gathered in `out` and written in one piece; counting those bytes tells
 * which requests the server cannot have seen in full when the connection breaks. */
#include "net/h2.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/h2_sniff.h"
#include "net/nghttp2.h"

#define STREAM_WINDOW (16 << 20)
#define CONNECTION_WINDOW (64 << 20)
#define OUT_GATHER ((size_t)256 * 1024)
#define OUT_MAX ((size_t)1 << 20)
#define FRAME_HEAD OURO__H2_SNIFF_SIZE
#define READ_CHUNK ((size_t)16 * 1024)
#define READS_A_TURN 64
#define FIELDS_MAX 128u
#define REQUEST_FIELDS_MAX 16u
/* What the server may send without finishing a request: frames other than useful body, and bytes
 * other than body. */
#define IDLE_FRAMES_MAX 10000u
#define IDLE_BYTES_MAX ((size_t)16 << 20)
/* Body frames smaller than this count as frames: a flood of crumbs. */
#define USEFUL_FRAME ((size_t)64)
/* A new connection well before the ids run out. */
#define LAST_ID (INT32_MAX / 4 * 3)

struct request {
	struct request *next;
	struct request *previous;
	void *user;
	const uint8_t *body;
	size_t size;
	size_t sent;
	uint64_t
		ends_at; /* position of its last byte in everything we send; 0 = not serialized yet */
	size_t header_bytes;
	unsigned header_fields;
	int32_t id;
	int block;
	int informational;
	int refused; /* above the last id of a GOAWAY */
};

struct ouro__h2 {
	const struct ouro__nghttp2 *lib;
	ouro__stream *stream;
	const struct ouro__h2_sink *sink;
	nghttp2_session *session;
	struct request *open;
	size_t open_count;
	ouro__buf out;
	uint64_t queued;           /* bytes ever put into out */
	uint64_t written;          /* bytes ever taken by the stream */
	uint8_t first[FRAME_HEAD]; /* the first frame's header, looked at before nghttp2 sees it */
	size_t first_size;
	unsigned idle_frames;
	size_t idle_bytes;
	int settled;
	int goaway;
	uint32_t broken; /* why we closed the connection ourselves: an HTTP/2 error code */
	int more;        /* stopped reading by our own bound */
	int blocked;     /* the stream took less than offered */
	int over;
	int no_memory; /* a callback ran out of it, which nghttp2 does not pass on */
	char goaway_text[64];
	uint8_t chunk[READ_CHUNK];
};

/* ---- requests ---- */

static struct request *find(ouro__h2 *h2, int32_t id)
{
	return id > 0 ? h2->lib->session_get_stream_user_data(h2->session, id) : NULL;
}

static struct request *find_listed(ouro__h2 *h2, int32_t id)
{
	struct request *at = h2->open;

	while (at && at->id != id)
		at = at->next;
	return at;
}

static void finish(ouro__h2 *h2, struct request *request, const struct ouro__h2_end *end)
{
	if (request->previous)
		request->previous->next = request->next;
	else
		h2->open = request->next;
	if (request->next)
		request->next->previous = request->previous;
	h2->open_count--;
	h2->sink->closed(request->user, end);
	free(request);
}

/* A request is acted upon once it is there in full; a part of it does nothing. */
static int unseen(const ouro__h2 *h2, const struct request *request)
{
	return request->refused || !request->ends_at || h2->written < request->ends_at;
}

static void finish_all(ouro__h2 *h2, const ouro_error *error)
{
	while (h2->open) {
		struct request *at = h2->open;
		struct ouro__h2_end end = {
			.lost = 1, .error = error, .code = NGHTTP2_INTERNAL_ERROR};

		end.unprocessed = unseen(h2, at);
		at->previous = NULL; /* the first one has none */
		finish(h2, at, &end);
	}
}

/* ---- nghttp2's callbacks ---- */

static int on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *head, void *user)
{
	ouro__h2 *h2 = user;

	(void)session;
	if (head->type != NGHTTP2_DATA || head->length < USEFUL_FRAME)
		h2->idle_frames++;
	return h2->idle_frames > IDLE_FRAMES_MAX ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	struct request *request = find(user, frame->hd.stream_id);

	(void)session;
	if (request)
		request->informational = 0;
	return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
	size_t name_size, const uint8_t *value, size_t value_size, uint8_t flags, void *user)
{
	ouro__h2 *h2 = user;
	struct request *request = find(h2, frame->hd.stream_id);

	(void)session;
	(void)flags;
	if (!request)
		return 0;
	/* nghttp2 only announces a limit; a small block can unfold to a huge list, so stop here. */
	request->header_bytes += name_size + value_size + 32;
	if (request->header_bytes > OURO__H2_HEADERS_MAX)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	if (name_size == 7 && memcmp(name, ":status", 7) == 0)
		request->informational = value_size == 3 && value[0] == '1';
	if (request->informational)
		return 0;
	if (++request->header_fields > FIELDS_MAX ||
		h2->sink->header(request->user, request->block, (const char *)name, name_size,
			(const char *)value, value_size))
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	return 0;
}

static int reset(ouro__h2 *h2, int32_t id)
{
	if (h2->lib->submit_rst_stream(h2->session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL) == 0)
		return 0;
	h2->no_memory = 1;
	return NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data,
	size_t size, void *user)
{
	ouro__h2 *h2 = user;
	struct request *request = find(h2, id);

	(void)session;
	(void)flags;
	if (!request)
		return 0;
	h2->idle_bytes -= h2->idle_bytes < size ? h2->idle_bytes : size;
	return h2->sink->data(request->user, data, size) ? reset(h2, id) : 0;
}

/* A request that waits for its turn (the server's limit of streams) is nothing to the server: it
 * ends here and now. */
static void drop_pending(ouro__h2 *h2, struct request *request, uint32_t code)
{
	const struct ouro__h2_end end = {.unprocessed = 1, .code = code};

	if (h2->lib->session_find_stream(h2->session, request->id))
		return;
	(void)h2->lib->submit_rst_stream(h2->session, NGHTTP2_FLAG_NONE, request->id, code);
	finish(h2, request, &end);
}

static void on_goaway(ouro__h2 *h2, const nghttp2_goaway *frame)
{
	struct request *next;

	h2->goaway = 1;
	if (frame->opaque_data_len) {
		size_t room = sizeof(h2->goaway_text) - 1;
		size_t n = frame->opaque_data_len < room ? frame->opaque_data_len : room;

		memcpy(h2->goaway_text, frame->opaque_data, n);
		h2->goaway_text[n] = '\0';
	}
	for (struct request *at = h2->open; at; at = next) {
		next = at->next;
		at->refused |= at->id > frame->last_stream_id;
		drop_pending(h2, at, NGHTTP2_REFUSED_STREAM);
	}
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	ouro__h2 *h2 = user;
	struct request *request = find(h2, frame->hd.stream_id);

	(void)session;
	if (frame->hd.type == NGHTTP2_SETTINGS && !(frame->hd.flags & NGHTTP2_FLAG_ACK))
		h2->settled = 1;
	if (frame->hd.type == NGHTTP2_GOAWAY)
		on_goaway(h2, &frame->goaway);
	if (frame->hd.type != NGHTTP2_HEADERS || !request || request->informational)
		return 0;
	if (h2->sink->headers_done(request->user, request->block,
		    frame->hd.flags & NGHTTP2_FLAG_END_STREAM ? 1 : 0))
		return reset(h2, request->id);
	request->block = 1;
	return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *user)
{
	ouro__h2 *h2 = user;
	struct request *request = find_listed(h2, id);
	struct ouro__h2_end end = {.code = code};

	(void)session;
	if (!request)
		return 0;
	end.unprocessed = unseen(h2, request) || code == NGHTTP2_REFUSED_STREAM;
	h2->idle_frames = 0;
	h2->idle_bytes = 0;
	finish(h2, request, &end);
	return 0;
}

/* nghttp2 answers a breach of the rules with a GOAWAY of its own. */
static int on_sent(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
	ouro__h2 *h2 = user;

	(void)session;
	if (frame->hd.type == NGHTTP2_GOAWAY)
		h2->broken = frame->goaway.error_code;
	return 0;
}

static ssize_t on_body(nghttp2_session *session, int32_t id, uint8_t *to, size_t room,
	uint32_t *flags, nghttp2_data_source *source, void *user)
{
	const ouro__h2 *h2 = user;
	struct request *request = source->ptr;
	size_t n = request->size - request->sent;

	(void)session;
	(void)id;
	if (n > room)
		n = room;
	if (n)
		memcpy(to, request->body + request->sent, n);
	request->sent += n;
	if (request->sent == request->size) {
		*flags |= NGHTTP2_DATA_FLAG_EOF;
		/* mem_send hands out a frame at a time, so this one begins where the bytes queued
		 * so far end. */
		request->ends_at = h2->queued + FRAME_HEAD + n;
	}
	return (ssize_t)n;
}

static nghttp2_session *session_new(ouro__h2 *h2)
{
	nghttp2_session_callbacks *callbacks = NULL;
	nghttp2_option *option = NULL;
	nghttp2_session *session = NULL;

	if (h2->lib->session_callbacks_new(&callbacks) != 0 || h2->lib->option_new(&option) != 0)
		goto out;
	h2->lib->session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
	h2->lib->session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
	h2->lib->session_callbacks_set_on_header_callback(callbacks, on_header);
	h2->lib->session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	h2->lib->session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
	h2->lib->session_callbacks_set_on_frame_send_callback(callbacks, on_sent);
	h2->lib->session_callbacks_set_on_stream_close_callback(callbacks, on_close);
	h2->lib->option_set_max_reserved_remote_streams(option, 0);
	if (h2->lib->session_client_new2(&session, callbacks, h2, option) != 0)
		session = NULL;
out:
	h2->lib->option_del(option);
	h2->lib->session_callbacks_del(callbacks);
	return session;
}

ouro_status ouro__h2_new(ouro__stream *stream, const struct ouro__h2_sink *sink, ouro__h2 **ret_h2,
	ouro_error *reterr)
{
	const nghttp2_settings_entry settings[] = {
		{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
		{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW},
		{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, OURO__H2_HEADERS_MAX},
	};
	const struct ouro__nghttp2 *lib;
	ouro_status rc = ouro__nghttp2_get(&lib, reterr);
	ouro__h2 *h2 = rc == OURO_OK ? ouro__alloc(1, sizeof(*h2)) : NULL;

	if (!h2) {
		ouro__stream_free(stream);
		return rc < 0 ? rc : ouro__error_nomem(reterr);
	}
	h2->lib = lib;
	h2->stream = stream;
	h2->sink = sink;
	h2->out = (ouro__buf)OURO__BUF_INIT(OUT_MAX);
	h2->session = session_new(h2);
	if (!h2->session ||
		h2->lib->submit_settings(h2->session, NGHTTP2_FLAG_NONE, settings,
			sizeof(settings) / sizeof(settings[0])) ||
		h2->lib->session_set_local_window_size(
			h2->session, NGHTTP2_FLAG_NONE, 0, CONNECTION_WINDOW)) {
		ouro__h2_free(h2);
		return ouro__error_nomem(reterr);
	}
	*ret_h2 = h2;
	return OURO_OK;
}

void ouro__h2_free(ouro__h2 *h2)
{
	ouro_error error = OURO_ERROR_INIT;

	if (!h2)
		return;
	(void)ouro__error_from(
		&error, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE, "the connection was closed");
	finish_all(h2, &error);
	h2->lib->session_del(h2->session);
	ouro__stream_free(h2->stream);
	ouro__buf_wipe(&h2->out);
	free(h2);
}

/* ---- in and out ---- */

ouro_status ouro__h2_submit(ouro__h2 *h2, const struct ouro__h2_field *fields, size_t count,
	const uint8_t *body, size_t size, void *user, int32_t *ret_id, ouro_error *reterr)
{
	nghttp2_nv nv[REQUEST_FIELDS_MAX];
	nghttp2_data_provider provider = {.read_callback = on_body};
	struct request *request;

	if (count > REQUEST_FIELDS_MAX || !ouro__h2_usable(h2))
		return ouro__error_set(
			reterr, OURO_ERR_INTERNAL, "the connection takes no request");
	request = ouro__alloc(1, sizeof(*request));
	if (!request)
		return ouro__error_nomem(reterr);
	for (size_t i = 0; i < count; i++) {
		/* nghttp2 copies and does not write, its types only lack const. */
		nv[i].name = (uint8_t *)(uintptr_t)fields[i].name;
		nv[i].namelen = strlen(fields[i].name);
		nv[i].value = (uint8_t *)(uintptr_t)fields[i].value;
		nv[i].valuelen = strlen(fields[i].value);
		nv[i].flags = fields[i].secret ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE;
	}
	request->user = user;
	request->body = body;
	request->size = size;
	provider.source.ptr = request;
	request->id = h2->lib->submit_request(h2->session, NULL, nv, count, &provider, request);
	if (request->id < 0) {
		free(request);
		return ouro__error_nomem(reterr);
	}
	request->next = h2->open;
	if (h2->open)
		h2->open->previous = request;
	h2->open = request;
	h2->open_count++;
	*ret_id = request->id;
	return OURO_OK;
}

void ouro__h2_cancel(ouro__h2 *h2, int32_t id)
{
	struct request *request = find_listed(h2, id);

	if (request && !h2->over && h2->lib->session_find_stream(h2->session, id))
		(void)h2->lib->submit_rst_stream(
			h2->session, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
	else if (request && !h2->over)
		drop_pending(h2, request, NGHTTP2_CANCEL);
}

static ouro_status protocol(ouro_error *reterr, const char *text)
{
	return ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_PROTOCOL, "%s", text);
}

static ouro_status feed(ouro__h2 *h2, const uint8_t *data, size_t size, ouro_error *reterr)
{
	ssize_t n = h2->lib->session_mem_recv(h2->session, data, size);

	if (n == NGHTTP2_ERR_NOMEM || h2->no_memory)
		return ouro__error_nomem(reterr);
	h2->idle_bytes += size;
	if (n == NGHTTP2_ERR_CALLBACK_FAILURE || n == NGHTTP2_ERR_FLOODED ||
		h2->idle_bytes > IDLE_BYTES_MAX)
		return protocol(reterr, "the server floods the connection with frames");
	if (n < 0)
		return ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_PROTOCOL,
			"HTTP/2: %s", h2->lib->strerror((int)n));
	return OURO_OK;
}

static ouro_status take(ouro__h2 *h2, const uint8_t *data, size_t size, ouro_error *reterr)
{
	size_t n = sizeof(h2->first) - h2->first_size;
	ouro_status rc;

	if (n) {
		if (n > size)
			n = size;
		memcpy(h2->first + h2->first_size, data, n);
		h2->first_size += n;
		rc = ouro__h2_sniff(h2->first, h2->first_size, reterr);
		if (rc < 0)
			return rc;
	}
	return feed(h2, data, size, reterr);
}

static ouro_status at_end(const ouro__h2 *h2, ouro_error *reterr)
{
	if (h2->broken)
		return ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_PROTOCOL,
			"the server breaks the rules of HTTP/2 (%s)",
			h2->lib->http2_strerror(h2->broken));
	if (h2->goaway_text[0])
		return ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE,
			"the server closed the connection: %s", h2->goaway_text);
	return ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE,
		"the server closed the connection");
}

static ouro_status read_some(ouro__h2 *h2, ouro_error *reterr)
{
	ouro_status rc;

	h2->more = 0;
	for (int i = 0; i < READS_A_TURN; i++) {
		ssize_t n = h2->stream->ops->read(h2->stream, h2->chunk, sizeof(h2->chunk), reterr);

		if (n == OURO__STREAM_AGAIN)
			return OURO_OK;
		if (n == OURO__STREAM_FAILED)
			return OURO_ERR_UNREACHABLE;
		if (n == 0)
			return at_end(h2, reterr);
		rc = take(h2, h2->chunk, (size_t)n, reterr);
		if (rc < 0)
			return rc;
	}
	h2->more = 1;
	return OURO_OK;
}

static ouro_status gather(ouro__h2 *h2, ouro_error *reterr)
{
	while (h2->out.size < OUT_GATHER) {
		const uint8_t *data = NULL;
		ssize_t n = h2->lib->session_mem_send(h2->session, &data);

		if (n < 0)
			return n == NGHTTP2_ERR_NOMEM
				? ouro__error_nomem(reterr)
				: protocol(reterr, "HTTP/2: cannot go on sending");
		if (n == 0)
			break;
		ouro__buf_append(&h2->out, data, (size_t)n);
		h2->queued += (uint64_t)n;
		if (h2->out.broken)
			return ouro__error_nomem(reterr);
	}
	return OURO_OK;
}

static ouro_status write_some(ouro__h2 *h2, ouro_error *reterr)
{
	h2->blocked = 0;
	for (;;) {
		ouro_status rc = gather(h2, reterr);
		ssize_t n;

		if (rc < 0)
			return rc;
		if (!h2->out.size)
			return OURO_OK;
		n = h2->stream->ops->write(h2->stream, h2->out.data, h2->out.size, reterr);
		if (n == OURO__STREAM_FAILED)
			return OURO_ERR_UNREACHABLE;
		if (n == OURO__STREAM_AGAIN) {
			h2->blocked = 1;
			return OURO_OK;
		}
		h2->written += (uint64_t)n;
		ouro__buf_consume(&h2->out, (size_t)n);
	}
}

/* One turn of writing and reading; error is filled on failure. */
static ouro_status turn(ouro__h2 *h2, ouro_error *error)
{
	ouro_error read_error = OURO_ERROR_INIT;
	ouro_status rc = write_some(h2, error);
	ouro_status read_rc;

	if (rc < 0 && rc != OURO_ERR_UNREACHABLE)
		return rc;
	/* After a failed write there may be an answer to read that explains it. */
	read_rc = read_some(h2, &read_error);
	if (rc >= 0 && read_rc >= 0)
		return write_some(h2, error);
	if (read_rc < 0 && (rc >= 0 || read_rc == OURO_ERR_PROTOCOL)) {
		*error = read_error;
		return read_rc;
	}
	return rc;
}

static int finished(const ouro__h2 *h2)
{
	return !h2->lib->session_want_read(h2->session) &&
		!h2->lib->session_want_write(h2->session) && !h2->out.size;
}

ouro_status ouro__h2_io(ouro__h2 *h2, ouro_error *reterr)
{
	ouro_error error = OURO_ERROR_INIT;
	ouro_status rc = h2->over ? at_end(h2, &error) : turn(h2, &error);

	if (rc >= 0 && finished(h2))
		rc = at_end(h2, &error);
	if (rc >= 0)
		return rc;
	h2->over = 1;
	finish_all(h2, &error);
	ouro__error_copy(reterr, &error);
	return rc;
}

int ouro__h2_busy(const ouro__h2 *h2)
{
	return h2->more || (!h2->blocked && h2->lib->session_want_write(h2->session));
}

int ouro__h2_fd(const ouro__h2 *h2)
{
	return h2->stream->ops->fd(h2->stream);
}

short ouro__h2_events(const ouro__h2 *h2)
{
	return h2->stream->ops->want(h2->stream, h2->blocked ? POLLIN | POLLOUT : POLLIN);
}

int ouro__h2_settled(const ouro__h2 *h2)
{
	return h2->settled;
}

int ouro__h2_usable(const ouro__h2 *h2)
{
	return !h2->over && !h2->goaway &&
		h2->lib->session_get_next_stream_id(h2->session) < (uint32_t)LAST_ID;
}

size_t ouro__h2_open(const ouro__h2 *h2)
{
	return h2->open_count;
}
