/* libcurl, see calls_loaded.h; and, once asked for, what it allocates itself. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "calls_curl.h"
#include "calls_loaded.h"
#include "net/curl.h"

LOADED(curl_easy_init, CURL *, NULL, (void), ())
LOADED(curl_slist_append, struct curl_slist *, NULL, (struct curl_slist * list, const char *text),
	(list, text))
LOADED(curl_url, CURLU *, NULL, (void), ())
LOADED(curl_multi_init, CURLM *, NULL, (void), ())
LOADED(curl_multi_add_handle, CURLMcode, CURLM_OUT_OF_MEMORY, (CURLM * multi, CURL *easy),
	(multi, easy))

LOADED_AS(curl_easy_setopt)
/* The kind of the value is part of the option's number. NOLINTBEGIN(bugprone-branch-clone): the branches differ by a type. */
static CURLcode ours_curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
	CURLcode code;
	va_list values;

	if (torture_refuse(TORTURE_CALLS, "curl_easy_setopt"))
		return CURLE_OUT_OF_MEMORY;
	va_start(values, option);
	if (option >= CURLOPTTYPE_OFF_T)
		code = real_curl_easy_setopt(easy, option, va_arg(values, curl_off_t));
	else if (option >= CURLOPTTYPE_OBJECTPOINT)
		code = real_curl_easy_setopt(easy, option, va_arg(values, void *));
	else
		code = real_curl_easy_setopt(easy, option, va_arg(values, long));
	va_end(values);
	return code;
}
/* NOLINTEND(bugprone-branch-clone) */

/* ---- its own memory ---- */

/* malloc and the like would be counted once more. */
extern void *__real_malloc(size_t size);
extern void *__real_calloc(size_t count, size_t size);
extern void *__real_realloc(void *data, size_t size);

static void *curl_malloc(size_t size)
{
	return torture_refuse(TORTURE_MEMORY, "libcurl's malloc") ? NULL : __real_malloc(size);
}

static void *curl_calloc(size_t count, size_t size)
{
	return torture_refuse(TORTURE_MEMORY, "libcurl's calloc") ? NULL
								  : __real_calloc(count, size);
}

static void *curl_realloc(void *data, size_t size)
{
	return torture_refuse(TORTURE_MEMORY, "libcurl's realloc") ? NULL
								   : __real_realloc(data, size);
}

static char *curl_strdup(const char *text)
{
	return torture_refuse(TORTURE_MEMORY, "libcurl's strdup") ? NULL : strdup(text);
}

void torture_curl_memory(void)
{
	CURLcode (*init)(long, curl_malloc_callback, curl_free_callback, curl_realloc_callback,
		curl_strdup_callback, curl_calloc_callback) = NULL;
	void *library = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_LOCAL);
	void *function;

	assert_non_null(library);
	function = dlsym(library, "curl_global_init_mem");
	assert_non_null(function);
	memcpy(&init, &function, sizeof(init));
	assert_int_equal(
		init(CURL_GLOBAL_SSL, curl_malloc, free, curl_realloc, curl_strdup, curl_calloc),
		CURLE_OK);
}
