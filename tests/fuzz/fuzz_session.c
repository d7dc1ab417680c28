/* Session cookies: nothing that these keys did not seal may open. */
#include <stdint.h>
#include <stdlib.h>

#include <ouroboros/identity.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static ouro_sessions *sessions;
	ouro_sessions_options options = OURO_SESSIONS_OPTIONS_INIT;
	ouro_session session = OURO_SESSION_INIT;
	char renewed[OURO_SESSION_TEXT_MAX];

	options.audience = "https://vpn.example.org/ouroboros";
	if (!sessions && ouro_sessions_new(&options, &sessions, NULL) < 0)
		abort();
	if (ouro_session_open(sessions, (const char *)data, size, &session, renewed, NULL) ==
		OURO_OK)
		abort();
	return 0;
}
