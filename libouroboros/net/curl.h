/* libcurl, loaded when it is first needed. With Debian's come 26 more libraries (LDAP, Kerberos, RTMP, SSH …), 3 MB of a process
 * that may never call anybody: a server that nobody signs in to does without them. Never unloaded. Any thread. */
#ifndef OURO_NET_CURL_H
#define OURO_NET_CURL_H

#include "base/error.h"

/* The functions are called through pointers, which its checking macros do not cover. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

/* Each as in curl/curl.h, without the prefix. */
#define OURO__CURL_FUNCTIONS(X)                                                                    \
	X(global_init)                                                                             \
	X(free)                                                                                    \
	X(url)                                                                                     \
	X(url_cleanup)                                                                             \
	X(url_set)                                                                                 \
	X(url_get)                                                                                 \
	X(slist_append)                                                                            \
	X(slist_free_all)                                                                          \
	X(easy_init)                                                                               \
	X(easy_cleanup)                                                                            \
	X(easy_perform)                                                                            \
	X(easy_setopt)                                                                             \
	X(easy_getinfo)                                                                            \
	X(easy_strerror)                                                                           \
	X(easy_header)                                                                             \
	X(getdate)                                                                                 \
	X(multi_init)                                                                              \
	X(multi_cleanup)                                                                           \
	X(multi_setopt)                                                                            \
	X(multi_add_handle)                                                                        \
	X(multi_remove_handle)                                                                     \
	X(multi_perform)                                                                           \
	X(multi_poll)                                                                              \
	X(multi_wakeup)                                                                            \
	X(multi_info_read)

struct ouro__curl {
#define OURO__CURL_MEMBER(name) __typeof__ (&curl_##name)(name);
	OURO__CURL_FUNCTIONS(OURO__CURL_MEMBER)
#undef OURO__CURL_MEMBER
};

/* *ret_curl is a constant. IO: libcurl is not installed, or lacks something; the text says what. */
ouro_status ouro__curl_get(const struct ouro__curl **ret_curl, ouro_error *reterr);

#endif
