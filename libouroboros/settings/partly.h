/* Settings with faults, for whoever wants to know what else is wrong. */
#ifndef OURO_SETTINGS_PARTLY_H
#define OURO_SETTINGS_PARTLY_H

#include <ouroboros/settings.h>

/* As ouro_settings_load(), but what is sound comes out although there are faults: *ret_settings is then set with OURO_ERR_CONFIG
 * too, and keys with a fault are unset, but for the text of user_map and rules. Of a file that cannot be read, everything is unset. */
ouro_status ouro__settings_load_partly(
	const ouro_settings_options *options, ouro_settings **ret_settings, ouro_error *reterr);

/* 1 if the key is unset because what was given is not sound. */
int ouro__settings_faulty(const ouro_settings *settings, const char *key);

#endif
