/** @file tailnet.h
 * One Headscale server: how to reach it and how it fares. Offers no operation by itself: those need a person. */
#ifndef OUROBOROS_TAILNET_H
#define OUROBOROS_TAILNET_H

#include <ouroboros/error.h>

OURO_BEGIN_DECLS

/** A Headscale server as a live thing; shared freely between threads. @since 0.1 */
typedef struct ouro_tailnet ouro_tailnet;

/** Severity of a log line. @since 0.1 */
enum ouro_log_level {
	OURO_LOG_ERROR = 0,
	OURO_LOG_WARNING = 1,
	OURO_LOG_INFO = 2,
	OURO_LOG_DEBUG = 3
};

/** Receives one log line, without a newline and without secrets. Called from any thread. @since 0.1 */
typedef void (*ouro_log_fn)(void *user, int level, const char *text);

/** Channel to use. @since 0.1 */
enum ouro_transport {
	OURO_TRANSPORT_AUTO = 0, /**< decide by looking */
	OURO_TRANSPORT_GRPC = 1, /**< gRPC over HTTP/2 */
	OURO_TRANSPORT_HTTP = 2  /**< the HTTP API: JSON over HTTP/1.1 */
};

/** How to reach a Headscale server. Zero is the default everywhere. Texts are copied. @since 0.1 */
typedef struct ouro_tailnet_options {
	size_t size; /**< sizeof, set by OURO_TAILNET_OPTIONS_INIT */
	const char *
		socket_path; /**< unix socket; used when address is NULL. Default /var/run/headscale/headscale.sock */
	const char *
		address; /**< "host:port", "[v6]:port" or "host" (443); or "https://host/path": the HTTP API there and nothing else, such as an Ouroboros server with a personal token; NULL = unix socket */
	const char *api_key;   /**< needed with address; @b copied, wiped when freed */
	const char *ca_file;   /**< PEM file of a private certificate authority; NULL = system's */
	int32_t plaintext;     /**< 1: no TLS towards address */
	int32_t transport;     /**< enum ouro_transport */
	uint32_t freshness_ms; /**< a snapshot younger than this serves reads; 0 = 2000 */
	uint32_t connect_timeout_ms; /**< 0 = 5000 */
	uint32_t read_timeout_ms;    /**< a read incl. retries; 0 = 10000 */
	uint32_t write_timeout_ms;   /**< 0 = 15000 */
	uint32_t
		stale_after_ms; /**< how long a read waits before it shows the old snapshot; 0 = 1200 */
	uint32_t
		first_view_ms; /**< how long a read waits when there is no snapshot at all; 0 = 4500 */
	ouro_log_fn log;       /**< NULL = silent */
	void *log_user;        /**< handed to log */
	const char *
		login_url; /**< where clients find the server ("https://…"): its public pages tell versions apart, and it is tried last if nothing answers at address; NULL = none */
	const char *
		assume; /**< "0.30": what a server is taken for that is newer than known, or whose version cannot be told; NULL = such a one is only read, or refused */
} ouro_tailnet_options;

/** Initial value of ouro_tailnet_options. @since 0.1 */
#define OURO_TAILNET_OPTIONS_INIT                                                                  \
	{                                                                                          \
		sizeof(ouro_tailnet_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0       \
	}

/** The server can forget stale routes (route objects, Headscale up to 0.25). @since 0.1 */
#define OURO_CAN_FORGET_ROUTES 0x1u
/** Tagged nodes belong to nobody (Headscale 0.28 and later). @since 0.1 */
#define OURO_CAN_TAG_IDENTITY 0x2u
/** Another person's device gets a second node instead of a refusal (Headscale 0.25 and later). @since 0.1 */
#define OURO_CAN_SECOND_OWNER 0x4u
/** Names may hold capitals, no dots (Headscale 0.29 and later). @since 0.1 */
#define OURO_CAN_DNS_LABEL_NAMES 0x8u
/** Names may be a single character (all but Headscale 0.25 to 0.28). @since 0.1 */
#define OURO_CAN_SHORT_NAMES 0x10u
/** One device without a name keeps all devices from getting a network map (Headscale 0.25). @since 0.1 */
#define OURO_CAN_STALL_ON_EMPTY_NAME 0x20u
/** Users are told apart by number; several may have one name, or none (Headscale 0.24 and later). @since 0.1 */
#define OURO_CAN_USERS_BY_ID 0x40u
/** The end of a device's key can be set to a date (Headscale 0.27.1 and later). @since 0.1 */
#define OURO_CAN_SET_EXPIRY 0x80u
/** … and such a date outlives a restart of the server (Headscale 0.29 and later). @since 0.1 */
#define OURO_CAN_KEEP_EXPIRY 0x100u
/** The end of a device's key can be lifted (Headscale 0.29 and later). @since 0.1 */
#define OURO_CAN_NEVER_EXPIRE 0x200u
/** Pre-auth keys are told apart by number, shown in full only once, and can be deleted (Headscale 0.28 and later). @since 0.1 */
#define OURO_CAN_KEYS_BY_ID 0x400u
/** The server loses the withdrawal of a device's last approved route when it restarts (Headscale 0.27.1 and 0.28). @since 0.1 */
#define OURO_CAN_LOSE_LAST_WITHDRAWAL 0x800u
/** Newer than this library knows: everything can be read, nothing is changed. @since 0.1 */
#define OURO_CAN_ONLY_READ 0x80000000u

/** How the server fares. @since 0.1 */
typedef struct ouro_tailnet_status {
	size_t size;       /**< sizeof, set by OURO_TAILNET_STATUS_INIT */
	int32_t reachable; /**< 1 if the last attempt got an answer */
	ouro_status
		last_error; /**< status of the last failed attempt, OURO_OK if none since an answer */
	int64_t since; /**< Unix seconds since when reachable has its value; OURO_TIME_NEVER before any attempt */
	int64_t answered; /**< Unix seconds of the last answer, OURO_TIME_NEVER if none */
	uint32_t
		capabilities; /**< OURO_CAN_* bits, 0 until known; of two versions that cannot be told apart ("0.24 or 0.25") those of the older one, and OURO_CAN_STALL_ON_EMPTY_NAME and OURO_CAN_LOSE_LAST_WITHDRAWAL of either */
	char version[32];     /**< "0.23", "0.29" …: generation by detection; "" until known */
	char endpoint[256];   /**< where it is looked for, or where it answers; no secrets */
	char text[256];    /**< last failure in words, or what limits this server, "" if nothing */
	int32_t transport; /**< enum ouro_transport: how it answers; OURO_TRANSPORT_AUTO until known */
} ouro_tailnet_status;

/** Initial value of ouro_tailnet_status. @since 0.1 */
#define OURO_TAILNET_STATUS_INIT                                                                   \
	{                                                                                          \
		sizeof(ouro_tailnet_status), 0, 0, 0, 0, 0, {0}, {0}, {0}, 0                       \
	}

/** Make a handle. Lazy: succeeds while the server is down. Starts threads of its own, which take no signals.
 * @param options      NULL = unix socket with defaults. @b Borrowed for the call.
 * @param ret_tailnet  @b Owned: ouro_tailnet_free().
 * @param reterr       Filled on failure; may be NULL.
 * @retval OURO_ERR_INVALID  address without key, bad address or login URL, unknown version to assume, unknown field set
 * @retval OURO_ERR_IO       CA file cannot be read
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_tailnet_open(
	const ouro_tailnet_options *options, ouro_tailnet **ret_tailnet, ouro_error *reterr);

/** Stop and release. Calls in flight end with OURO_ERR_UNREACHABLE or OURO_ERR_UNCERTAIN; no other call may start. Returns
 * within 2 s. NULL is allowed. @since 0.1 */
OURO_API void ouro_tailnet_free(ouro_tailnet *tailnet);

/** What is known without asking. Never blocks on the network. Any thread.
 * @param tailnet     The server.
 * @param ret_status  Filled; its size must be set.
 * @param reterr      Filled on failure; may be NULL.
 * @retval OURO_ERR_INVALID  size not set
 * @since 0.1 */
OURO_API ouro_status ouro_tailnet_status_get(
	ouro_tailnet *tailnet, ouro_tailnet_status *ret_status, ouro_error *reterr);

/** Ask the server now (detect it if needed, read the lists) within the read timeout: what a readiness check wants.
 * @retval OURO_ERR_UNREACHABLE, OURO_ERR_TIMEOUT, OURO_ERR_UNAUTHENTICATED, OURO_ERR_PROTOCOL, OURO_ERR_UNSUPPORTED
 * @since 0.1 */
OURO_API ouro_status ouro_tailnet_check(ouro_tailnet *tailnet, ouro_error *reterr);

OURO_END_DECLS

#endif
