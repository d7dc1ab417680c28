/** @file settings.h
 * The drop-in settings: one JSON file, environment over it, secrets from files; all faults at once. */
#ifndef OUROBOROS_SETTINGS_H
#define OUROBOROS_SETTINGS_H

#include <ouroboros/directory.h>
#include <ouroboros/identity.h>
#include <ouroboros/store.h>
#include <ouroboros/tailnet.h>

OURO_BEGIN_DECLS

/** Settings that were read; immutable, any thread. @since 0.1 */
typedef struct ouro_settings ouro_settings;

/** Where to read. Zero is the default. @since 0.1 */
typedef struct ouro_settings_options {
	size_t size; /**< sizeof, set by OURO_SETTINGS_OPTIONS_INIT */
	const char *
		file; /**< NULL = ./cfg.json, then /etc/ouroboros/cfg.json, then none (environment only) */
	const char *const *
		environment; /**< NULL-terminated "KEY=value" list; NULL = none is looked at. @b Borrowed for the call */
	ouro_fault_fn
		fault; /**< called once a fault ("cfg.json:12: hs_adress", "unknown key; did you mean hs_address?") */
	ouro_fault_fn notice; /**< called for what is accepted but ignored (hs_bin_path) */
	void *user;           /**< handed to both */
} ouro_settings_options;

/** Initial value of ouro_settings_options. @since 0.1 */
#define OURO_SETTINGS_OPTIONS_INIT                                                                 \
	{                                                                                          \
		sizeof(ouro_settings_options), 0, 0, 0, 0, 0                                       \
	}

/** Read and check everything.
 * @param options       NULL = defaults without environment.
 * @param ret_settings  @b Owned: ouro_settings_free().
 * @param reterr        First fault; may be NULL.
 * @retval OURO_ERR_CONFIG  faults; all were reported
 * @since 0.1 */
OURO_API OURO_NODISCARD ouro_status ouro_settings_load(
	const ouro_settings_options *options, ouro_settings **ret_settings, ouro_error *reterr);
/** Wipe and release. NULL is allowed. @since 0.1 */
OURO_API void ouro_settings_free(ouro_settings *settings);
/** Value of a text setting with its default applied. @b Borrowed; NULL if unset or no such key. @since 0.1 */
OURO_API const char *ouro_settings_text(const ouro_settings *settings, const char *key);
/** Value of a number or boolean setting with its default applied; 0 if no such key. @since 0.1 */
OURO_API int64_t ouro_settings_number(const ouro_settings *settings, const char *key);
/** File that was read, NULL if only the environment. @b Borrowed. @since 0.1 */
OURO_API const char *ouro_settings_file(const ouro_settings *settings);
/** Fill tailnet options; texts are @b borrowed from the settings. @since 0.1 */
OURO_API void ouro_settings_tailnet(const ouro_settings *settings, ouro_tailnet_options *options);
/** Fill directory options; texts are @b borrowed from the settings. @since 0.1 */
OURO_API void ouro_settings_directory(
	const ouro_settings *settings, ouro_directory_options *options);
/** Fill GitHub options except sessions and callback_url; texts are @b borrowed from the settings. @since 0.1 */
OURO_API void ouro_settings_github(const ouro_settings *settings, ouro_github_options *options);
/** Fill store options; texts are @b borrowed from the settings. Neither directory nor url: there shall be no store. @since 0.1 */
OURO_API void ouro_settings_store(const ouro_settings *settings, ouro_store_options *options);

OURO_END_DECLS

#endif
