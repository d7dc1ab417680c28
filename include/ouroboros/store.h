/** @file store.h
 * What must outlive a restart, and is nothing of Headscale's: personal tokens, sign-ins of the command line that wait for approval,
 * and a copy of the audit record. SQLite by default; PostgreSQL where several replicas share it. Without a store everything else
 * works. */
#ifndef OUROBOROS_STORE_H
#define OUROBOROS_STORE_H

#include <ouroboros/tailnet.h>

OURO_BEGIN_DECLS

/** An open store. Shared freely between threads. @since 0.1 */
typedef struct ouro_store ouro_store;

/** Where it is. Texts are copied. @since 0.1 */
typedef struct ouro_store_options {
	size_t size; /**< sizeof, set by OURO_STORE_OPTIONS_INIT */
	const char *
		directory; /**< SQLite: the file ouroboros.db in it, made if missing, mode 0600; used when url is NULL */
	const char *
		url; /**< "postgresql://…" as libpq takes it, password included; wiped when freed */
	uint32_t timeout_ms; /**< how long a call waits for a lock or the server; 0 = 5000 */
	ouro_log_fn log;     /**< NULL = silent */
	void *log_user;      /**< handed to log */
} ouro_store_options;

/** Initial value of ouro_store_options. @since 0.1 */
#define OURO_STORE_OPTIONS_INIT                                                                    \
	{                                                                                          \
		sizeof(ouro_store_options), 0, 0, 0, 0, 0                                          \
	}

/** Open, and bring the schema to this version. A SQLite file is opened at once; PostgreSQL may be down and is connected to when
 * it is needed.
 * @param options    Required; directory or url.
 * @param ret_store  @b Owned: ouro_store_free(), after the portals that use it.
 * @param reterr     May be NULL.
 * @retval OURO_ERR_INVALID      neither, or no such kind of url
 * @retval OURO_ERR_IO           cannot be made, opened or written, is damaged, or libpq is not installed; the file stays as it is
 * @retval OURO_ERR_UNSUPPORTED  made by a newer version of this library; the file stays as it is
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_store_open(
	const ouro_store_options *options, ouro_store **ret_store, ouro_error *reterr);
/** Write a little: what a readiness check wants. Waits for a second at most.
 * @retval OURO_ERR_IO       locked for too long, full, damaged, or the server fails; the text says which
 * @retval OURO_ERR_TIMEOUT  no answer in time
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_store_check(ouro_store *store, ouro_error *reterr);
/** Close. NULL is allowed. @since 0.1 */
OURO_API void ouro_store_free(ouro_store *store);

OURO_END_DECLS

#endif
