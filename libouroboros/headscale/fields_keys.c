/* Pre-auth keys and the calls about them; at the end, the keys of the API itself. What names a key changed twice: user name and text, then user id and text, then the key's
 * own id - in the field where the user's id was. The bands see to it that no server gets the request of another. Constants. */
#include "headscale/fields_rows.h"

static const struct ouro__field key_fields[] = {
	ROW(ouro__hs_key, 1, "user", TEXT, user_name, FIRST, OURO__BAND_D),
	ROW_SUB(ouro__hs_key, 1, "user", MESSAGE, user, OURO__BAND_E, LAST, ouro__hs_user),
	ROW(ouro__hs_key, 2, "id", U64_TEXT, id, FIRST, OURO__BAND_D),
	ROW(ouro__hs_key, 2, "id", U64, id, OURO__BAND_E, LAST),
	ROW(ouro__hs_key, 3, "key", TEXT, key, FIRST, LAST),
	ROW(ouro__hs_key, 4, "reusable", BOOL, reusable, FIRST, LAST),
	ROW(ouro__hs_key, 5, "ephemeral", BOOL, ephemeral, FIRST, LAST),
	ROW(ouro__hs_key, 6, "used", BOOL, used, FIRST, LAST),
	ROW(ouro__hs_key, 7, "expiration", TIME, expiration, FIRST, LAST),
	ROW(ouro__hs_key, 8, "createdAt", TIME, created, FIRST, LAST),
	ROW(ouro__hs_key, 9, "aclTags", TEXTS, tags, FIRST, LAST),
};
const struct ouro__message ouro__hs_key = TABLE(ouro__hs_key, "PreAuthKey", key_fields);

static const struct ouro__field keys_fields[] = {
	ROW_SUB(ouro__hs_keys, 1, "preAuthKeys", MESSAGES, keys, FIRST, LAST, ouro__hs_key),
};
const struct ouro__message ouro__hs_keys =
	TABLE(ouro__hs_keys, "ListPreAuthKeysResponse", keys_fields);

static const struct ouro__field key_reply_fields[] = {
	ROW_SUB(ouro__hs_key_reply, 1, "preAuthKey", MESSAGE, key, FIRST, LAST, ouro__hs_key),
};
const struct ouro__message ouro__hs_key_reply =
	TABLE(ouro__hs_key_reply, "CreatePreAuthKeyResponse", key_reply_fields);

static const struct ouro__field list_keys_request_fields[] = {
	ROW(ouro__hs_list_keys_request, 1, "user", TEXT, user_name, FIRST, OURO__BAND_D),
	ROW(ouro__hs_list_keys_request, 1, "user", U64, user_id, OURO__BAND_E, OURO__BAND_F1),
};
const struct ouro__message ouro__hs_list_keys_request =
	TABLE(ouro__hs_list_keys_request, "ListPreAuthKeysRequest", list_keys_request_fields);

static const struct ouro__field create_key_request_fields[] = {
	ROW(ouro__hs_create_key_request, 1, "user", TEXT, user_name, FIRST, OURO__BAND_D),
	ROW(ouro__hs_create_key_request, 1, "user", U64, user_id, OURO__BAND_E, LAST),
	ROW(ouro__hs_create_key_request, 2, "reusable", BOOL, reusable, FIRST, LAST),
	ROW(ouro__hs_create_key_request, 3, "ephemeral", BOOL, ephemeral, FIRST, LAST),
	ROW(ouro__hs_create_key_request, 4, "expiration", TIME, expiration, FIRST, LAST),
	ROW(ouro__hs_create_key_request, 5, "aclTags", TEXTS, tags, FIRST, LAST),
};
const struct ouro__message ouro__hs_create_key_request =
	TABLE(ouro__hs_create_key_request, "CreatePreAuthKeyRequest", create_key_request_fields);

static const struct ouro__field expire_key_request_fields[] = {
	ROW(ouro__hs_expire_key_request, 1, "user", TEXT, user_name, FIRST, OURO__BAND_D),
	ROW(ouro__hs_expire_key_request, 1, "user", U64, user_id, OURO__BAND_E, OURO__BAND_F1),
	ROW(ouro__hs_expire_key_request, 1, "id", U64, id, OURO__BAND_G, LAST),
	ROW(ouro__hs_expire_key_request, 2, "key", TEXT, key, FIRST, OURO__BAND_F1),
};
const struct ouro__message ouro__hs_expire_key_request =
	TABLE(ouro__hs_expire_key_request, "ExpirePreAuthKeyRequest", expire_key_request_fields);

static const struct ouro__field delete_key_request_fields[] = {
	ROW(ouro__hs_delete_key_request, 1, "id", U64, id, OURO__BAND_G, LAST),
};
const struct ouro__message ouro__hs_delete_key_request =
	TABLE(ouro__hs_delete_key_request, "DeletePreAuthKeyRequest", delete_key_request_fields);

static const struct ouro__field api_key_fields[] = {
	ROW(ouro__hs_api_key, 2, "prefix", TEXT, prefix, FIRST, LAST),
	ROW(ouro__hs_api_key, 3, "expiration", TIME, expiration, FIRST, LAST),
};
const struct ouro__message ouro__hs_api_key = TABLE(ouro__hs_api_key, "ApiKey", api_key_fields);

static const struct ouro__field api_keys_fields[] = {
	ROW_SUB(ouro__hs_api_keys, 1, "apiKeys", MESSAGES, keys, FIRST, LAST, ouro__hs_api_key),
};
const struct ouro__message ouro__hs_api_keys =
	TABLE(ouro__hs_api_keys, "ListApiKeysResponse", api_keys_fields);
