/** @file directory.h
 * Who is who: identities → Headscale users, and the rules of this installation. */
#ifndef OUROBOROS_DIRECTORY_H
#define OUROBOROS_DIRECTORY_H

#include <ouroboros/error.h>

OURO_BEGIN_DECLS

/** The user map and the rules; reloading swaps both at once. Shared freely between threads. @since 0.1 */
typedef struct ouro_directory ouro_directory;

/** What the directory is made from. Texts are borrowed for the call. @since 0.1 */
typedef struct ouro_directory_options {
	size_t size; /**< sizeof, set by OURO_DIRECTORY_OPTIONS_INIT */
	const char
		*user_map; /**< JSON object {"<github id>": "<user>" or ["<user>", …]}; required */
	const char *rules; /**< JSON object of rules, NULL = all defaults */
} ouro_directory_options;

/** Initial value of ouro_directory_options. @since 0.1 */
#define OURO_DIRECTORY_OPTIONS_INIT                                                                \
	{                                                                                          \
		sizeof(ouro_directory_options), 0, 0                                               \
	}

/** Receives one fault: where ("user_map.19270622", "rules.routes[1]") and what to write instead. @since 0.1 */
typedef void (*ouro_fault_fn)(void *user, const char *where, const char *text);

/** Read a map and rules.
 * @param options        Required.
 * @param fault          Called once a fault, NULL = only the first one in reterr.
 * @param fault_user     Handed to fault.
 * @param ret_directory  @b Owned: ouro_directory_free().
 * @param reterr         First fault; may be NULL.
 * @retval OURO_ERR_CONFIG  not valid; every fault was reported
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_directory_load(const ouro_directory_options *options,
	ouro_fault_fn fault, void *fault_user, ouro_directory **ret_directory, ouro_error *reterr);

/** Replace map and rules at once; on failure the old ones stay. Persons got before keep what they had until released.
 * @retval OURO_ERR_CONFIG  not valid; nothing changed
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_directory_reload(ouro_directory *directory,
	const ouro_directory_options *options, ouro_fault_fn fault, void *fault_user,
	ouro_error *reterr);

/** Number of mapped identities. Any thread. @since 0.1 */
OURO_API size_t ouro_directory_count(ouro_directory *directory);

/** Release; persons made from it stay valid. NULL is allowed. @since 0.1 */
OURO_API void ouro_directory_free(ouro_directory *directory);

OURO_END_DECLS

#endif
