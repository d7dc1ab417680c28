/* libcurl: the functions that our code has from net/curl.h, and, once asked for, what it allocates itself; see calls.h. */
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "calls_curl.h"
#include "net/curl.h"

/* The linker's own names. NOLINTBEGIN(bugprone-reserved-identifier) */
ouro_status __real_ouro__curl_get(const struct ouro__curl **ret_curl, ouro_error *reterr);
ouro_status __wrap_ouro__curl_get(const struct ouro__curl **ret_curl, ouro_error *reterr);
/* NOLINTEND(bugprone-reserved-identifier) */

/* The real ones; set before the others can be called. */
static const struct ouro__curl *real;

static CURL *easy_init(void)
{
	return torture_refuse(TORTURE_CALLS, "curl_easy_init") ? NULL : real->easy_init();
}

/* The kind of the value is part of the option's number. NOLINTBEGIN(bugprone-branch-clone): the branches differ by a type. */
static CURLcode easy_setopt(CURL *easy, CURLoption option, ...)
{
	CURLcode code;
	va_list values;

	if (torture_refuse(TORTURE_CALLS, "curl_easy_setopt"))
		return CURLE_OUT_OF_MEMORY;
	va_start(values, option);
	if (option >= CURLOPTTYPE_OFF_T)
		code = real->easy_setopt(easy, option, va_arg(values, curl_off_t));
	else if (option >= CURLOPTTYPE_OBJECTPOINT)
		code = real->easy_setopt(easy, option, va_arg(values, void *));
	else
		code = real->easy_setopt(easy, option, va_arg(values, long));
	va_end(values);
	return code;
}
/* NOLINTEND(bugprone-branch-clone) */

static struct curl_slist *slist_append(struct curl_slist *list, const char *text)
{
	return torture_refuse(TORTURE_CALLS, "curl_slist_append") ? NULL
								  : real->slist_append(list, text);
}

static CURLU *url(void)
{
	return torture_refuse(TORTURE_CALLS, "curl_url") ? NULL : real->url();
}

static CURLM *multi_init(void)
{
	return torture_refuse(TORTURE_CALLS, "curl_multi_init") ? NULL : real->multi_init();
}

static CURLMcode multi_add_handle(CURLM *multi, CURL *easy)
{
	return torture_refuse(TORTURE_CALLS, "curl_multi_add_handle")
		? CURLM_OUT_OF_MEMORY
		: real->multi_add_handle(multi, easy);
}

ouro_status __wrap_ouro__curl_get(const struct ouro__curl **ret_curl, ouro_error *reterr)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static struct ouro__curl ours;
	ouro_status rc = OURO_OK;

	if (torture_refuse(TORTURE_CALLS, "ouro__curl_get"))
		return ouro__error_set(reterr, OURO_ERR_IO, "libcurl cannot be loaded");
	/* Once: threads that were started later read them. */
	(void)pthread_mutex_lock(&lock);
	if (!real && (rc = __real_ouro__curl_get(&real, reterr)) == OURO_OK) {
		ours = *real;
		ours.easy_init = easy_init;
		ours.easy_setopt = easy_setopt;
		ours.slist_append = slist_append;
		ours.url = url;
		ours.multi_init = multi_init;
		ours.multi_add_handle = multi_add_handle;
	}
	(void)pthread_mutex_unlock(&lock);
	*ret_curl = &ours;
	return rc;
}

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
