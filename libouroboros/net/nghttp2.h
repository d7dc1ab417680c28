/* nghttp2, loaded with the first gRPC connection. Never unloaded. Any thread. */
#ifndef OURO_NET_NGHTTP2_H
#define OURO_NET_NGHTTP2_H

#include <nghttp2/nghttp2.h>

#include "base/error.h"

/* Each as in nghttp2/nghttp2.h, without the prefix. */
#define OURO__NGHTTP2_FUNCTIONS(X)                                                                 \
	X(http2_strerror)                                                                          \
	X(option_del)                                                                              \
	X(option_new)                                                                              \
	X(option_set_max_reserved_remote_streams)                                                  \
	X(session_callbacks_del)                                                                   \
	X(session_callbacks_new)                                                                   \
	X(session_callbacks_set_on_begin_frame_callback)                                           \
	X(session_callbacks_set_on_begin_headers_callback)                                         \
	X(session_callbacks_set_on_data_chunk_recv_callback)                                       \
	X(session_callbacks_set_on_frame_recv_callback)                                            \
	X(session_callbacks_set_on_frame_send_callback)                                            \
	X(session_callbacks_set_on_header_callback)                                                \
	X(session_callbacks_set_on_stream_close_callback)                                          \
	X(session_client_new2)                                                                     \
	X(session_del)                                                                             \
	X(session_find_stream)                                                                     \
	X(session_get_next_stream_id)                                                              \
	X(session_get_stream_user_data)                                                            \
	X(session_mem_recv)                                                                        \
	X(session_mem_send)                                                                        \
	X(session_set_local_window_size)                                                           \
	X(session_want_read)                                                                       \
	X(session_want_write)                                                                      \
	X(strerror)                                                                                \
	X(submit_request)                                                                          \
	X(submit_rst_stream)                                                                       \
	X(submit_settings)

struct ouro__nghttp2 {
#define OURO__NGHTTP2_MEMBER(name) __typeof__ (&nghttp2_##name)(name);
	OURO__NGHTTP2_FUNCTIONS(OURO__NGHTTP2_MEMBER)
#undef OURO__NGHTTP2_MEMBER
};

/* *ret_nghttp2 is a constant. IO: it is not installed, or lacks something; the text says what. */
ouro_status ouro__nghttp2_get(const struct ouro__nghttp2 **ret_nghttp2, ouro_error *reterr);

#endif
