/** @file doctor.h
 * What works of an installation and what to change: reaches everything that the settings name, and changes nothing. */
#ifndef OUROBOROS_DOCTOR_H
#define OUROBOROS_DOCTOR_H

#include <ouroboros/settings.h>

OURO_BEGIN_DECLS

/** How bad a finding is. @since 0.1 */
enum ouro_finding_level {
	OURO_FINDING_OK = 0,   /**< works */
	OURO_FINDING_NOTE = 1, /**< works, but should be looked at */
	OURO_FINDING_WRONG = 2 /**< does not work, or is not safe */
};

/** One finding; a plain value. Texts are one line of UTF-8 without control characters and without secrets, @b borrowed for the
 * call. @since 0.1 */
typedef struct ouro_finding {
	size_t size;       /**< sizeof of the library */
	int32_t level;     /**< enum ouro_finding_level */
	const char *topic; /**< a word or two of a fixed list: "settings", "headscale", "proxy" … */
	const char *text;   /**< how it is */
	const char *advice; /**< what to do; "" = nothing */
} ouro_finding;

/** Receives one finding, in the thread that called ouro_doctor_run(). @since 0.1 */
typedef void (*ouro_finding_fn)(void *user, const ouro_finding *finding);

/** What to look at. Zero is the default. Texts are @b borrowed for the call. @since 0.1 */
typedef struct ouro_doctor_options {
	size_t size;                    /**< sizeof, set by OURO_DOCTOR_OPTIONS_INIT */
	const char *file;               /**< settings, as in ouro_settings_options */
	const char *const *environment; /**< as in ouro_settings_options */
	const char *
		server; /**< "https://vpn.example.org/ouroboros": a person's way to an Ouroboros server is looked at instead, and no settings are read */
	const char *token; /**< personal token for server; NULL = none */
	const char *
		ca_file; /**< PEM file of a private certificate authority for server; NULL = system's */
	int64_t token_until; /**< end of the token as far as the caller knows, for a server that does not say; 0 = not known */
	uint32_t timeout_ms; /**< all of it, at most 30000; 0 = 30000 */
} ouro_doctor_options;

/** Initial value of ouro_doctor_options. @since 0.1 */
#define OURO_DOCTOR_OPTIONS_INIT                                                                   \
	{                                                                                          \
		sizeof(ouro_doctor_options), 0, 0, 0, 0, 0, 0, 0                                   \
	}

/** Look at everything and tell each finding, good ones too. Settings with faults are looked at as far as they go. Blocks until it is
 * through, within the timeout; sends the API key to Headscale and the token to the server, and no secret anywhere else.
 * @param options    NULL = settings at the default places, no environment.
 * @param finding    Called for each; required.
 * @param user       Handed to it.
 * @param ret_wrong  How many are OURO_FINDING_WRONG; may be NULL.
 * @param reterr     May be NULL.
 * @retval OURO_OK           looked; whatever was found
 * @retval OURO_ERR_INVALID  no finding function, or options of the wrong size
 * @retval OURO_ERR_NOMEM    findings are missing
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_doctor_run(const ouro_doctor_options *options,
	ouro_finding_fn finding, void *user, size_t *ret_wrong, ouro_error *reterr);

OURO_END_DECLS

#endif
