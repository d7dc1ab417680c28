/* What all streams share: waiting for a descriptor with a deadline and a way to be stopped, and
 * error texts. */
#include "net/stream.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/sys.h"

void ouro__stream_free(ouro__stream *stream)
{
	if (stream)
		stream->ops->free(stream);
}

ouro_status ouro__stream_errno(ouro_error *reterr, int number, const char *what)
{
	char room[128];
	const char *text = strerror_r(number, room, sizeof(room)); /* GNU's: always a text */

	(void)ouro__error_from(
		reterr, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE, "%s: %s", what, text);
	if (reterr && reterr->size >= sizeof(*reterr))
		reterr->os_errno = number;
	return OURO_ERR_UNREACHABLE;
}

ouro_status ouro__stream_wait(
	int fd, short events, int64_t deadline, int stop_fd, ouro_error *reterr)
{
	struct pollfd fds[2] = {{.fd = fd, .events = events}, {.fd = stop_fd, .events = POLLIN}};

	for (;;) {
		int64_t left = deadline - ouro__clock_ms();
		int n;

		if (left <= 0)
			return ouro__error_from(
				reterr, OURO_ORIGIN_NETWORK, OURO_ERR_TIMEOUT, "no answer in time");
		n = poll(fds, 2, left > INT_MAX ? INT_MAX : (int)left);
		if (n < 0 && errno != EINTR)
			return ouro__stream_errno(reterr, errno, "waiting");
		if (n > 0 && fds[1].revents)
			return ouro__error_from(
				reterr, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE, "stopped");
		if (n > 0 && fds[0].revents)
			return OURO_OK;
	}
}
