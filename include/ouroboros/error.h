/** @file error.h
 * Status codes and the per-call error record. No last-error, no thread-local state. */
#ifndef OUROBOROS_ERROR_H
#define OUROBOROS_ERROR_H

#include <ouroboros/common.h>

OURO_BEGIN_DECLS

/** Result of every fallible call: 0 is success, negative is a failure. @since 0.1 */
typedef int32_t ouro_status;

/** One row a status: X(NAME, value, "token", "meaning"). Enum, names and texts come from here. @since 0.1 */
#define OURO_STATUS_TABLE(X)                                                                       \
	X(OK, 0, "ok", "success")                                                                  \
	X(ERR_INVALID, -1, "invalid", "an argument or an input is not acceptable")                 \
	X(ERR_NOMEM, -2, "nomem", "out of memory")                                                 \
	X(ERR_NOTFOUND, -3, "not-found", "does not exist, or is not yours")                        \
	X(ERR_DENIED, -4, "denied", "a rule of this installation forbids it")                      \
	X(ERR_UNMAPPED, -5, "unmapped", "the account has no Headscale user in the directory")      \
	X(ERR_CONFLICT, -6, "conflict", "the name or object is already taken")                     \
	X(ERR_REJECTED, -7, "rejected", "Headscale refused the request")                           \
	X(ERR_UNREACHABLE, -8, "unreachable", "Headscale cannot be reached; nothing was changed")  \
	X(ERR_TIMEOUT, -9, "timeout", "no answer in time; nothing was changed")                    \
	X(ERR_UNCERTAIN, -10, "uncertain", "the call broke off: it may or may not have happened")  \
	X(ERR_UNAUTHENTICATED, -11, "unauthenticated", "Headscale refused the API key")            \
	X(ERR_PROTOCOL, -12, "protocol", "the answer is not what this protocol allows")            \
	X(ERR_UNSUPPORTED, -13, "unsupported", "this Headscale version cannot do it")              \
	X(ERR_LIMIT, -14, "limit", "larger or more than allowed")                                  \
	X(ERR_EXPIRED, -15, "expired", "the session or sign-in attempt is over")                   \
	X(ERR_STATE, -16, "state", "the sign-in answer does not belong to this browser")           \
	X(ERR_CHANGED, -17, "changed", "the object changed since it was shown; nothing was done")  \
	X(ERR_KEY_UNKNOWN, -18, "key-unknown",                                                     \
		"the registration key is used up, expired or unknown")                             \
	X(ERR_OTHER_OWNER, -19, "other-owner", "the device is registered to somebody else")        \
	X(ERR_CONFIG, -20, "config", "the settings have faults")                                   \
	X(ERR_IO, -21, "io", "a file or the operating system failed")                              \
	X(ERR_INTERNAL, -22, "internal", "a defect in libouroboros")                               \
	X(ERR_PROVIDER, -23, "provider", "the sign-in provider failed or answered nonsense")       \
	X(ERR_REFUSED, -24, "refused", "the person refused")                                       \
	X(ERR_TOKEN, -25, "token", "the personal token is unknown, over or revoked")               \
	X(ERR_OFF, -26, "off", "this installation does not offer it")                              \
	X(ERR_PENDING, -27, "pending", "somebody still has to approve it")

/** Status values; see #OURO_STATUS_TABLE for the meaning of each. @since 0.1 */
enum ouro_status_value {
/** @cond */
#define OURO_STATUS_ENUM(name, value, token, text) OURO_##name = (value),
	OURO_STATUS_TABLE(OURO_STATUS_ENUM)
#undef OURO_STATUS_ENUM
	/** @endcond */
};

/** Who produced an error. @since 0.1 */
enum ouro_origin {
	OURO_ORIGIN_LIBRARY = 0,   /**< libouroboros itself */
	OURO_ORIGIN_HEADSCALE = 1, /**< the Headscale server's own answer */
	OURO_ORIGIN_NETWORK = 2,   /**< the way to a server */
	OURO_ORIGIN_PROVIDER = 3   /**< the sign-in provider */
};

/** Flag: the same call may be repeated without harm. @since 0.1 */
#define OURO_ERROR_RETRYABLE 0x1u

/** Error record filled by a failing call. Caller-owned, no heap; set @c size (use #OURO_ERROR_INIT).
 * @since 0.1 */
typedef struct ouro_error {
	size_t size;         /**< sizeof(ouro_error) of the caller */
	ouro_status status;  /**< same as the return value */
	int32_t origin;      /**< enum ouro_origin */
	int32_t http_status; /**< 0 if none */
	int32_t grpc_status; /**< -1 if none */
	int32_t os_errno;    /**< 0 if none */
	uint32_t flags;      /**< OURO_ERROR_RETRYABLE */
	char text[256];      /**< one line of UTF-8, no secrets */
} ouro_error;

/** Initial value of an ouro_error. @since 0.1 */
#define OURO_ERROR_INIT                                                                            \
	{                                                                                          \
		sizeof(ouro_error), 0, 0, 0, -1, 0, 0,                                             \
		{                                                                                  \
			0                                                                          \
		}                                                                                  \
	}

/** Short fixed token of a status, for logs and programs ("not-found").
 * @return @b borrowed static text; "unknown" for other values. Any thread. @since 0.1 */
OURO_API const char *ouro_status_name(ouro_status status);

/** What a status means, one English clause.
 * @return @b borrowed static text. Any thread. @since 0.1 */
OURO_API const char *ouro_status_text(ouro_status status);

OURO_END_DECLS

#endif
