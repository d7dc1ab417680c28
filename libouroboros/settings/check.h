/* Checks of single settings; see struct ouro__check. Pure but for ouro__check_readable and ouro__check_state_dir, which look at what is
 * there; nothing is made. */
#ifndef OURO_SETTINGS_CHECK_H
#define OURO_SETTINGS_CHECK_H

#include "settings/table.h"

void ouro__check_text(const struct ouro__check *check, const char *text);
void ouro__check_secret(const struct ouro__check *check, const char *text);
void ouro__check_lines(const struct ouro__check *check, const char *text);
void ouro__check_switch(const struct ouro__check *check, const char *text);
void ouro__check_threads(const struct ouro__check *check, const char *text);
void ouro__check_percent(const struct ouro__check *check, const char *text);
void ouro__check_address(const struct ouro__check *check, const char *text);
void ouro__check_login_url(const struct ouro__check *check, const char *text);
void ouro__check_url(const struct ouro__check *check, const char *text);
void ouro__check_listen(const struct ouro__check *check, const char *text);
void ouro__check_proxies(const struct ouro__check *check, const char *text);
void ouro__check_transport(const struct ouro__check *check, const char *text);
/* A version of Headscale in form; whether it is one that is served, the tailnet says. */
void ouro__check_version(const struct ouro__check *check, const char *text);
void ouro__check_level(const struct ouro__check *check, const char *text);
void ouro__check_socket(const struct ouro__check *check, const char *text);
void ouro__check_readable(const struct ouro__check *check, const char *text);
/* A directory that can be written to, or one that can be made. */
void ouro__check_state_dir(const struct ouro__check *check, const char *text);
/* Of PostgreSQL, in form; what is in it, libpq says. */
void ouro__check_store_url(const struct ouro__check *check, const char *text);
/* An object is held against access/ later, both parts together. */
void ouro__check_object(const struct ouro__check *check, const char *text);

#endif
