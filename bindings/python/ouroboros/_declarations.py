"""The public headers, as made by declarations.py. Do not edit: run declarations.py --write."""

# (name, value, token, meaning) of each status
STATUSES = (
    ("OK", 0, "ok", "success"),
    ("ERR_INVALID", -1, "invalid", "an argument or an input is not acceptable"),
    ("ERR_NOMEM", -2, "nomem", "out of memory"),
    ("ERR_NOTFOUND", -3, "not-found", "does not exist, or is not yours"),
    ("ERR_DENIED", -4, "denied", "a rule of this installation forbids it"),
    ("ERR_UNMAPPED", -5, "unmapped", "the account has no Headscale user in the directory"),
    ("ERR_CONFLICT", -6, "conflict", "the name or object is already taken"),
    ("ERR_REJECTED", -7, "rejected", "Headscale refused the request"),
    ("ERR_UNREACHABLE", -8, "unreachable", "Headscale cannot be reached; nothing was changed"),
    ("ERR_TIMEOUT", -9, "timeout", "no answer in time; nothing was changed"),
    ("ERR_UNCERTAIN", -10, "uncertain", "the call broke off: it may or may not have happened"),
    ("ERR_UNAUTHENTICATED", -11, "unauthenticated", "Headscale refused the API key"),
    ("ERR_PROTOCOL", -12, "protocol", "the answer is not what this protocol allows"),
    ("ERR_UNSUPPORTED", -13, "unsupported", "this Headscale version cannot do it"),
    ("ERR_LIMIT", -14, "limit", "larger or more than allowed"),
    ("ERR_EXPIRED", -15, "expired", "the session or sign-in attempt is over"),
    ("ERR_STATE", -16, "state", "the sign-in answer does not belong to this browser"),
    ("ERR_CHANGED", -17, "changed", "the object changed since it was shown; nothing was done"),
    ("ERR_KEY_UNKNOWN", -18, "key-unknown", "the registration key is used up, expired or unknown"),
    ("ERR_OTHER_OWNER", -19, "other-owner", "the device is registered to somebody else"),
    ("ERR_CONFIG", -20, "config", "the settings have faults"),
    ("ERR_IO", -21, "io", "a file or the operating system failed"),
    ("ERR_INTERNAL", -22, "internal", "a defect in libouroboros"),
    ("ERR_PROVIDER", -23, "provider", "the sign-in provider failed or answered nonsense"),
    ("ERR_REFUSED", -24, "refused", "the person refused"),
    ("ERR_TOKEN", -25, "token", "the personal token is unknown, over or revoked"),
    ("ERR_OFF", -26, "off", "this installation does not offer it"),
    ("ERR_PENDING", -27, "pending", "somebody still has to approve it"),
)

CONSTANTS = {
    "OURO_VERSION_MAJOR": 0,
    "OURO_VERSION_MINOR": 1,
    "OURO_VERSION_PATCH": 0,
    "OURO_ERROR_RETRYABLE": 1,
    "OURO_CAN_FORGET_ROUTES": 1,
    "OURO_CAN_TAG_IDENTITY": 2,
    "OURO_CAN_SECOND_OWNER": 4,
    "OURO_CAN_DNS_LABEL_NAMES": 8,
    "OURO_CAN_SHORT_NAMES": 16,
    "OURO_CAN_STALL_ON_EMPTY_NAME": 32,
    "OURO_CAN_USERS_BY_ID": 64,
    "OURO_CAN_SET_EXPIRY": 128,
    "OURO_CAN_KEEP_EXPIRY": 256,
    "OURO_CAN_NEVER_EXPIRE": 512,
    "OURO_CAN_KEYS_BY_ID": 1024,
    "OURO_CAN_LOSE_LAST_WITHDRAWAL": 2048,
    "OURO_CAN_ONLY_READ": 2147483648,
    "OURO_SESSION_TEXT_MAX": 512,
    "OURO_FORM_TOKEN_MAX": 64,
    "OURO_PURPOSE_MAX": 128,
    "OURO_STATE_TEXT_MAX": 1024,
    "OURO_AUTHORIZE_URL_MAX": 2048,
    "OURO_STATE_TAG_MAX": 9,
    "OURO_ROUTE_ADVERTISED": 1,
    "OURO_ROUTE_APPROVED": 2,
    "OURO_ROUTE_SERVING": 4,
    "OURO_ROUTE_EXIT": 8,
    "OURO_REGISTRATION_MAX": 80,
    "OURO_KEY_TEXT_MAX": 160,
    "OURO_TOKEN_READ": 1,
    "OURO_TOKEN_NODES": 2,
    "OURO_TOKEN_ROUTES": 4,
    "OURO_TOKEN_KEYS": 8,
    "OURO_TOKEN_ALL": 15,
    "OURO_TOKEN_ID_MAX": 16,
    "OURO_TOKEN_TEXT_MAX": 96,
    "OURO_TOKEN_NAME_MAX": 64,
    "OURO_LOGIN_ID_MAX": 64,
    "OURO_LOGIN_CODE_MAX": 16,
    "OURO_LOGIN_GRANT_MAX": 64,
    "OURO_LOGIN_MACHINE_MAX": 64,
    "OURO_ORIGIN_LIBRARY": 0,
    "OURO_ORIGIN_HEADSCALE": 1,
    "OURO_ORIGIN_NETWORK": 2,
    "OURO_ORIGIN_PROVIDER": 3,
    "OURO_LOG_ERROR": 0,
    "OURO_LOG_WARNING": 1,
    "OURO_LOG_INFO": 2,
    "OURO_LOG_DEBUG": 3,
    "OURO_TRANSPORT_AUTO": 0,
    "OURO_TRANSPORT_GRPC": 1,
    "OURO_TRANSPORT_HTTP": 2,
    "OURO_FINDING_OK": 0,
    "OURO_FINDING_NOTE": 1,
    "OURO_FINDING_WRONG": 2,
    "OURO_NODE_OFFLINE": 0,
    "OURO_NODE_ONLINE": 1,
    "OURO_NODE_EXPIRED": 2,
    "OURO_REGISTER_UNKNOWN": 0,
    "OURO_REGISTER_AUTH_KEY": 1,
    "OURO_REGISTER_CLI": 2,
    "OURO_REGISTER_OIDC": 3,
    "OURO_EXIT_NONE": 0,
    "OURO_EXIT_OFFERED": 1,
    "OURO_EXIT_ON": 2,
    "OURO_EXIT_IDLE": 3,
    "OURO_ACTION_SEE_OTHERS": 0,
    "OURO_ACTION_RENAME": 1,
    "OURO_ACTION_EXPIRE": 2,
    "OURO_ACTION_DELETE": 3,
    "OURO_ACTION_REGISTER": 4,
    "OURO_ACTION_EXIT_NODE": 5,
    "OURO_ACTION_ROUTES": 6,
    "OURO_ACTION_EXTEND": 7,
    "OURO_ACTION_KEYS": 8,
    "OURO_ACTION_TOKENS": 9,
    "OURO_SCOPE_MINE": 0,
    "OURO_SCOPE_OTHERS": 1,
    "OURO_SCOPE_ALL": 2,
    "OURO_FILTER_ALL": 0,
    "OURO_FILTER_ONLINE": 1,
    "OURO_FILTER_OFFLINE": 2,
    "OURO_FILTER_EXPIRED": 3,
    "OURO_FILTER_WAITING": 4,
    "OURO_FILTER_ROUTES": 5,
    "OURO_SORT_NAME": 0,
    "OURO_SORT_LAST_SEEN": 1,
    "OURO_SORT_EXPIRY": 2,
    "OURO_SORT_OWNER": 3,
    "OURO_KEY_ALIVE": 0,
    "OURO_KEY_USED": 1,
    "OURO_KEY_EXPIRED": 2,
    "OURO_TIME_NEVER": 9223372036854775807,
}

DECLARATIONS = """
const char *ouro_version(void);
typedef int32_t ouro_status;
typedef struct ouro_error {
    size_t size;
    ouro_status status;
    int32_t origin;
    int32_t http_status;
    int32_t grpc_status;
    int32_t os_errno;
    uint32_t flags;
    char text[256];
} ouro_error;
const char *ouro_status_name(ouro_status status);
const char *ouro_status_text(ouro_status status);
typedef struct ouro_directory ouro_directory;
typedef struct ouro_directory_options {
    size_t size;
    const char *user_map;
    const char *rules;
} ouro_directory_options;
typedef void (*ouro_fault_fn)(void *user, const char *where, const char *text);
ouro_status ouro_directory_load(const ouro_directory_options *options, ouro_fault_fn fault, void *fault_user, ouro_directory **ret_directory, ouro_error *reterr);
ouro_status ouro_directory_reload(ouro_directory *directory, const ouro_directory_options *options, ouro_fault_fn fault, void *fault_user, ouro_error *reterr);
size_t ouro_directory_count(ouro_directory *directory);
void ouro_directory_free(ouro_directory *directory);
typedef struct ouro_tailnet ouro_tailnet;
typedef void (*ouro_log_fn)(void *user, int level, const char *text);
typedef struct ouro_tailnet_options {
    size_t size;
    const char *socket_path;
    const char *address;
    const char *api_key;
    const char *ca_file;
    int32_t plaintext;
    int32_t transport;
    uint32_t freshness_ms;
    uint32_t connect_timeout_ms;
    uint32_t read_timeout_ms;
    uint32_t write_timeout_ms;
    uint32_t stale_after_ms;
    uint32_t first_view_ms;
    ouro_log_fn log;
    void *log_user;
    const char *login_url;
    const char *assume;
} ouro_tailnet_options;
typedef struct ouro_tailnet_status {
    size_t size;
    int32_t reachable;
    ouro_status last_error;
    int64_t since;
    int64_t answered;
    uint32_t capabilities;
    char version[32];
    char endpoint[256];
    char text[256];
    int32_t transport;
} ouro_tailnet_status;
ouro_status ouro_tailnet_open(const ouro_tailnet_options *options, ouro_tailnet **ret_tailnet, ouro_error *reterr);
void ouro_tailnet_free(ouro_tailnet *tailnet);
ouro_status ouro_tailnet_status_get(ouro_tailnet *tailnet, ouro_tailnet_status *ret_status, ouro_error *reterr);
ouro_status ouro_tailnet_check(ouro_tailnet *tailnet, ouro_error *reterr);
typedef struct ouro_identity {
    size_t size;
    uint64_t id;
    char provider[16];
    char login[64];
} ouro_identity;
typedef struct ouro_sessions ouro_sessions;
typedef struct ouro_sessions_options {
    size_t size;
    const char *keys;
    const char *audience;
    uint32_t idle_seconds;
    uint32_t absolute_seconds;
    int64_t (*clock)(void *user);
    void *clock_user;
} ouro_sessions_options;
typedef struct ouro_session {
    size_t size;
    ouro_identity identity;
    int64_t authenticated;
    int64_t issued;
    uint8_t sid[16];
} ouro_session;
ouro_status ouro_sessions_new(const ouro_sessions_options *options, ouro_sessions **ret_sessions, ouro_error *reterr);
void ouro_sessions_free(ouro_sessions *sessions);
ouro_status ouro_session_begin(ouro_sessions *sessions, const ouro_identity *identity, ouro_session *ret_session, char ret_text[512], ouro_error *reterr);
ouro_status ouro_session_open(ouro_sessions *sessions, const char *text, size_t length, ouro_session *ret_session, char ret_renewed[512], ouro_error *reterr);
void ouro_session_end(ouro_sessions *sessions, const ouro_session *session);
ouro_status ouro_session_form_token(ouro_sessions *sessions, const ouro_session *session, char ret_token[64], ouro_error *reterr);
ouro_status ouro_session_form_check(ouro_sessions *sessions, const ouro_session *session, const char *token, size_t length, ouro_error *reterr);
typedef struct ouro_github ouro_github;
typedef struct ouro_github_options {
    size_t size;
    const char *client_id;
    const char *client_secret;
    const char *callback_url;
    const char *url;
    const char *api_url;
    const char *ca_file;
    ouro_sessions *sessions;
    uint32_t timeout_ms;
    ouro_log_fn log;
    void *log_user;
} ouro_github_options;
ouro_status ouro_github_new(const ouro_github_options *options, ouro_github **ret_github, ouro_error *reterr);
void ouro_github_free(ouro_github *github);
ouro_status ouro_github_begin(ouro_github *github, const char *purpose, char ret_url[2048], char ret_sealed[1024], char ret_tag[9], ouro_error *reterr);
ouro_status ouro_github_tag(const char *state, size_t length, char ret_tag[9], ouro_error *reterr);
ouro_status ouro_github_finish(ouro_github *github, const char *code, const char *state, const char *sealed, ouro_identity *ret_identity, char ret_purpose[128], ouro_error *reterr);
typedef struct ouro_store ouro_store;
typedef struct ouro_store_options {
    size_t size;
    const char *directory;
    const char *url;
    uint32_t timeout_ms;
    ouro_log_fn log;
    void *log_user;
} ouro_store_options;
ouro_status ouro_store_open(const ouro_store_options *options, ouro_store **ret_store, ouro_error *reterr);
ouro_status ouro_store_check(ouro_store *store, ouro_error *reterr);
void ouro_store_free(ouro_store *store);
typedef struct ouro_settings ouro_settings;
typedef struct ouro_settings_options {
    size_t size;
    const char *file;
    const char *const *environment;
    ouro_fault_fn fault;
    ouro_fault_fn notice;
    void *user;
} ouro_settings_options;
ouro_status ouro_settings_load(const ouro_settings_options *options, ouro_settings **ret_settings, ouro_error *reterr);
void ouro_settings_free(ouro_settings *settings);
const char *ouro_settings_text(const ouro_settings *settings, const char *key);
int64_t ouro_settings_number(const ouro_settings *settings, const char *key);
const char *ouro_settings_file(const ouro_settings *settings);
void ouro_settings_tailnet(const ouro_settings *settings, ouro_tailnet_options *options);
void ouro_settings_directory(const ouro_settings *settings, ouro_directory_options *options);
void ouro_settings_github(const ouro_settings *settings, ouro_github_options *options);
void ouro_settings_store(const ouro_settings *settings, ouro_store_options *options);
typedef struct ouro_finding {
    size_t size;
    int32_t level;
    const char *topic;
    const char *text;
    const char *advice;
} ouro_finding;
typedef void (*ouro_finding_fn)(void *user, const ouro_finding *finding);
typedef struct ouro_doctor_options {
    size_t size;
    const char *file;
    const char *const *environment;
    const char *server;
    const char *token;
    const char *ca_file;
    int64_t token_until;
    uint32_t timeout_ms;
} ouro_doctor_options;
ouro_status ouro_doctor_run(const ouro_doctor_options *options, ouro_finding_fn finding, void *user, size_t *ret_wrong, ouro_error *reterr);
typedef struct ouro_node ouro_node;
typedef struct ouro_route ouro_route;
uint64_t ouro_node_id(const ouro_node *node);
const char *ouro_node_name(const ouro_node *node);
const char *ouro_node_host_name(const ouro_node *node);
uint64_t ouro_node_user_id(const ouro_node *node);
const char *ouro_node_user_name(const ouro_node *node);
size_t ouro_node_address_count(const ouro_node *node);
const char *ouro_node_address(const ouro_node *node, size_t index);
size_t ouro_node_tag_count(const ouro_node *node);
const char *ouro_node_tag(const ouro_node *node, size_t index);
size_t ouro_node_route_count(const ouro_node *node);
const ouro_route *ouro_node_route(const ouro_node *node, size_t index);
int ouro_node_online(const ouro_node *node);
int ouro_node_ephemeral(const ouro_node *node);
int64_t ouro_node_expiry(const ouro_node *node);
int64_t ouro_node_last_seen(const ouro_node *node);
int64_t ouro_node_created(const ouro_node *node);
int ouro_node_register_method(const ouro_node *node);
int ouro_node_state(const ouro_node *node, int64_t now);
int ouro_node_exit_state(const ouro_node *node);
int ouro_node_mine(const ouro_node *node);
int ouro_node_kept(const ouro_node *node);
int64_t ouro_node_as_of(const ouro_node *node);
int ouro_node_stale(const ouro_node *node);
uint64_t ouro_node_fingerprint(const ouro_node *node);
void ouro_node_free(ouro_node *node);
const char *ouro_route_prefix(const ouro_route *route);
uint32_t ouro_route_flags(const ouro_route *route);
typedef struct ouro_portal ouro_portal;
typedef struct ouro_person ouro_person;
typedef void (*ouro_audit_fn)(void *user, const char *line, size_t length);
typedef struct ouro_portal_options {
    size_t size;
    ouro_audit_fn audit;
    void *audit_user;
    int64_t (*clock)(void *user);
    void *clock_user;
    ouro_store *store;
} ouro_portal_options;
ouro_status ouro_portal_new(ouro_tailnet *tailnet, ouro_directory *directory, const ouro_portal_options *options, ouro_portal **ret_portal, ouro_error *reterr);
void ouro_portal_free(ouro_portal *portal);
ouro_status ouro_portal_person(ouro_portal *portal, const ouro_identity *identity, ouro_person **ret_person, ouro_error *reterr);
ouro_status ouro_person_holder(ouro_portal *portal, ouro_person **ret_person, ouro_error *reterr);
ouro_status ouro_person_as(ouro_portal *portal, const char *user, ouro_person **ret_person, ouro_error *reterr);
void ouro_person_free(ouro_person *person);
size_t ouro_person_user_count(const ouro_person *person);
const char *ouro_person_user(const ouro_person *person, size_t index);
int ouro_person_may(const ouro_person *person, int action);
uint32_t ouro_person_scopes(const ouro_person *person);
const ouro_identity *ouro_person_identity(const ouro_person *person);
typedef struct ouro_user_list ouro_user_list;
ouro_status ouro_users_list(const ouro_person *person, ouro_user_list **ret_list, ouro_error *reterr);
size_t ouro_user_list_count(const ouro_user_list *list);
const char *ouro_user_list_name(const ouro_user_list *list, size_t index);
uint64_t ouro_user_list_id(const ouro_user_list *list, size_t index);
void ouro_user_list_free(ouro_user_list *list);
typedef struct ouro_node_list ouro_node_list;
typedef struct ouro_nodes_query {
    size_t size;
    int32_t scope;
    int32_t filter;
    int32_t sort;
    const char *search;
    size_t offset;
    size_t limit;
} ouro_nodes_query;
typedef struct ouro_write_options {
    size_t size;
    uint64_t seen;
    const char *address;
    const char *user;
} ouro_write_options;
ouro_status ouro_nodes_list(const ouro_person *person, const ouro_nodes_query *query, ouro_node_list **ret_list, ouro_error *reterr);
size_t ouro_node_list_count(const ouro_node_list *list);
const ouro_node *ouro_node_list_at(const ouro_node_list *list, size_t index);
size_t ouro_node_list_total(const ouro_node_list *list);
size_t ouro_node_list_mine_total(const ouro_node_list *list);
size_t ouro_node_list_others_total(const ouro_node_list *list);
int64_t ouro_node_list_as_of(const ouro_node_list *list);
int ouro_node_list_stale(const ouro_node_list *list);
uint64_t ouro_node_list_generation(const ouro_node_list *list);
void ouro_node_list_free(ouro_node_list *list);
ouro_status ouro_node_get(const ouro_person *person, uint64_t id, ouro_node **ret_node, ouro_error *reterr);
ouro_status ouro_node_name_check(const ouro_person *person, uint64_t id, const char *name, ouro_error *reterr);
ouro_status ouro_node_rename(const ouro_person *person, uint64_t id, const char *name, const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr);
ouro_status ouro_node_expire(const ouro_person *person, uint64_t id, const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr);
ouro_status ouro_node_extend(const ouro_person *person, uint64_t id, int64_t expiry, const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr);
int64_t ouro_person_extend_until(const ouro_person *person, int *ret_never);
int ouro_node_may(const ouro_person *person, const ouro_node *node, int action);
ouro_status ouro_node_delete(const ouro_person *person, uint64_t id, const ouro_write_options *options, ouro_error *reterr);
ouro_status ouro_node_exit_node_set(const ouro_person *person, uint64_t id, int on, const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr);
ouro_status ouro_route_approve(const ouro_person *person, uint64_t id, const char *prefix, const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr);
ouro_status ouro_route_withdraw(const ouro_person *person, uint64_t id, const char *prefix, const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr);
ouro_status ouro_route_forget(const ouro_person *person, uint64_t id, const char *prefix, const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr);
ouro_status ouro_routes_set(const ouro_person *person, uint64_t id, const char *const *prefixes, size_t count, const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr);
typedef struct ouro_registration {
    size_t size;
    int32_t form;
    char key[80];
} ouro_registration;
ouro_status ouro_registration_parse(const char *text, size_t length, ouro_registration *ret_reg, ouro_error *reterr);
ouro_status ouro_node_register(const ouro_person *person, const ouro_registration *registration, const ouro_write_options *options, ouro_node **ret_node, ouro_error *reterr);
typedef struct ouro_key ouro_key;
typedef struct ouro_key_list ouro_key_list;
uint64_t ouro_key_id(const ouro_key *key);
const char *ouro_key_hint(const ouro_key *key);
uint64_t ouro_key_user_id(const ouro_key *key);
const char *ouro_key_user_name(const ouro_key *key);
size_t ouro_key_tag_count(const ouro_key *key);
const char *ouro_key_tag(const ouro_key *key, size_t index);
int ouro_key_reusable(const ouro_key *key);
int ouro_key_ephemeral(const ouro_key *key);
int ouro_key_used(const ouro_key *key);
int64_t ouro_key_expiration(const ouro_key *key);
int64_t ouro_key_created(const ouro_key *key);
int ouro_key_state(const ouro_key *key, int64_t now);
void ouro_key_free(ouro_key *key);
typedef struct ouro_key_wish {
    size_t size;
    int32_t reusable;
    int32_t ephemeral;
    int64_t expires;
    const char *user;
} ouro_key_wish;
typedef struct ouro_key_limits {
    size_t size;
    int32_t on;
    int32_t reusable;
    int32_t ephemeral;
    int64_t until;
    uint64_t alive;
} ouro_key_limits;
void ouro_person_key_limits(const ouro_person *person, ouro_key_limits *ret_limits);
ouro_status ouro_keys_list(const ouro_person *person, ouro_key_list **ret_list, ouro_error *reterr);
size_t ouro_key_list_count(const ouro_key_list *list);
const ouro_key *ouro_key_list_at(const ouro_key_list *list, size_t index);
void ouro_key_list_free(ouro_key_list *list);
ouro_status ouro_key_create(const ouro_person *person, const ouro_key_wish *wish, const ouro_write_options *options, char ret_text[160], ouro_key **ret_key, ouro_error *reterr);
ouro_status ouro_key_revoke(const ouro_person *person, uint64_t id, const ouro_write_options *options, ouro_error *reterr);
uint32_t ouro_token_scope(const char *name, size_t length);
const char *ouro_token_scope_name(uint32_t scope);
typedef struct ouro_token {
    size_t size;
    char id[16];
    char name[64];
    uint32_t scopes;
    int64_t created;
    int64_t expires;
    int64_t used;
} ouro_token;
typedef struct ouro_token_wish {
    size_t size;
    const char *name;
    uint32_t scopes;
    int64_t expires;
} ouro_token_wish;
typedef struct ouro_token_list ouro_token_list;
int64_t ouro_person_tokens_until(const ouro_person *person);
ouro_status ouro_tokens_list(const ouro_person *person, ouro_token_list **ret_list, ouro_error *reterr);
size_t ouro_token_list_count(const ouro_token_list *list);
const ouro_token *ouro_token_list_at(const ouro_token_list *list, size_t index);
void ouro_token_list_free(ouro_token_list *list);
ouro_status ouro_token_create(const ouro_person *person, const ouro_token_wish *wish, const char *address, char ret_text[96], ouro_token *ret_token, ouro_error *reterr);
ouro_status ouro_token_revoke(const ouro_person *person, const char *id, const char *address, ouro_error *reterr);
ouro_status ouro_portal_person_by_token(ouro_portal *portal, const char *text, size_t length, ouro_person **ret_person, ouro_error *reterr);
const char *ouro_person_token(const ouro_person *person);
typedef struct ouro_login_wish {
    size_t size;
    const char *machine;
    const char *challenge;
    uint32_t scopes;
    int64_t lifetime;
    int32_t port;
} ouro_login_wish;
typedef struct ouro_login {
    size_t size;
    char id[64];
    char machine[64];
    char address[64];
    uint32_t scopes;
    int64_t lifetime;
    int64_t asked;
    int64_t ends;
    int32_t port;
} ouro_login;
ouro_status ouro_login_begin(ouro_portal *portal, const ouro_login_wish *wish, const char *address, ouro_login *ret_login, char ret_code[16], ouro_error *reterr);
ouro_status ouro_login_find(const ouro_person *person, const char *text, size_t length, ouro_login *ret_login, ouro_error *reterr);
ouro_status ouro_login_answer(const ouro_person *person, const char *id, int approve, const char *address, char ret_grant[64], ouro_error *reterr);
ouro_status ouro_login_redeem(ouro_portal *portal, const char *id, const char *verifier, const char *grant, char ret_text[96], ouro_token *ret_token, ouro_error *reterr);
typedef struct ouro_sign_in ouro_sign_in;
typedef struct ouro_sign_in_options {
    size_t size;
    const char *server;
    const char *ca_file;
    const char *machine;
    uint32_t scopes;
    int64_t lifetime;
    int32_t port;
    uint32_t timeout_ms;
} ouro_sign_in_options;
ouro_status ouro_sign_in_begin(const ouro_sign_in_options *options, ouro_sign_in **ret_sign_in, ouro_error *reterr);
const char *ouro_sign_in_url(const ouro_sign_in *sign_in);
const char *ouro_sign_in_code(const ouro_sign_in *sign_in);
const char *ouro_sign_in_id(const ouro_sign_in *sign_in);
int64_t ouro_sign_in_ends(const ouro_sign_in *sign_in);
ouro_status ouro_sign_in_finish(ouro_sign_in *sign_in, const char *grant, char ret_text[96], ouro_token *ret_token, ouro_error *reterr);
void ouro_sign_in_free(ouro_sign_in *sign_in);
ouro_status ouro_sign_out(const char *server, const char *ca_file, const char *token, uint32_t timeout_ms, ouro_error *reterr);
"""
