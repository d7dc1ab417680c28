/* The kept connections of an HTTP channel; see json_channel_pool.h. */
#include "rpc/json_channel_pool.h"

#include <sys/epoll.h>
#include <unistd.h>

#include "base/sys.h"

#define EVENTS_MAX 16

int ouro__json_pool_init(struct ouro__json_pool *pool, pthread_mutex_t *lock)
{
	pool->lock = lock;
	pool->epoch = 1;
	pool->watch_fd = epoll_create1(EPOLL_CLOEXEC);
	return pool->watch_fd >= 0;
}

void ouro__json_pool_done(struct ouro__json_pool *pool)
{
	if (pool->watch_fd >= 0)
		(void)close(pool->watch_fd);
}

int ouro__json_pool_made(struct ouro__json_pool *pool, int fd, const void *owner)
{
	if (pool->count >= OURO__JSON_SOCKETS_MAX)
		return 0;
	pool->sockets[pool->count++] = (struct ouro__json_socket){fd, OURO__JSON_CONNECTING, owner};
	return 1;
}

/* Lock held. */
static void advance(struct ouro__json_pool *pool)
{
	pool->epoch++;
	pool->emptied = 0;
	pool->grace_until = 0;
}

/* Lock held: the grace of a server without kept connections may be over. */
static void expire(struct ouro__json_pool *pool)
{
	if (!pool->open && pool->grace_until && ouro__clock_ms() > pool->grace_until)
		advance(pool);
}

void ouro__json_pool_connected(struct ouro__json_pool *pool, const void *owner)
{
	(void)pthread_mutex_lock(pool->lock);
	expire(pool);
	for (unsigned i = 0; i < pool->count; i++) {
		struct ouro__json_socket *socket = &pool->sockets[i];
		/* Only the other side's end counts; it shows even before what was sent is read. */
		struct epoll_event event = {
			.events = EPOLLRDHUP | EPOLLONESHOT, .data.fd = socket->fd};

		if (socket->owner != owner || socket->state != OURO__JSON_CONNECTING)
			continue;
		if (epoll_ctl(pool->watch_fd, EPOLL_CTL_ADD, socket->fd, &event) != 0)
			continue;
		/* Emptied and filled again: what lies between is not known. */
		if (pool->emptied)
			advance(pool);
		pool->grace_until = 0;
		socket->state = OURO__JSON_OPEN;
		pool->open++;
	}
	(void)pthread_mutex_unlock(pool->lock);
}

static struct ouro__json_socket *find(struct ouro__json_pool *pool, int fd)
{
	for (unsigned i = 0; i < pool->count; i++)
		if (pool->sockets[i].fd == fd)
			return &pool->sockets[i];
	return NULL;
}

static void leave_open(struct ouro__json_pool *pool, struct ouro__json_socket *socket)
{
	if (socket->state != OURO__JSON_OPEN)
		return;
	(void)pthread_mutex_lock(pool->lock);
	socket->state = OURO__JSON_ENDING;
	if (!--pool->open)
		pool->emptied = 1;
	(void)pthread_mutex_unlock(pool->lock);
}

void ouro__json_pool_closed(struct ouro__json_pool *pool, int fd)
{
	struct ouro__json_socket *socket = find(pool, fd);

	if (!socket)
		return;
	leave_open(pool, socket);
	*socket = pool->sockets[--pool->count];
}

void ouro__json_pool_settle(struct ouro__json_pool *pool)
{
	struct epoll_event events[EVENTS_MAX];
	int count;

	do {
		count = epoll_wait(pool->watch_fd, events, EVENTS_MAX, 0);
		for (int i = 0; i < count; i++) {
			struct ouro__json_socket *socket = find(pool, events[i].data.fd);

			if (socket)
				leave_open(pool, socket);
		}
	} while (count == EVENTS_MAX);
}

void ouro__json_pool_release(struct ouro__json_pool *pool, const void *owner, int fresh)
{
	for (unsigned i = 0; i < pool->count; i++)
		if (pool->sockets[i].owner == owner)
			pool->sockets[i].owner = NULL;
	if (!fresh)
		return;
	(void)pthread_mutex_lock(pool->lock);
	if (pool->emptied) {
		pool->emptied = 0;
		pool->grace_until = ouro__clock_ms() + OURO__JSON_GRACE_MS;
	}
	(void)pthread_mutex_unlock(pool->lock);
}

void ouro__json_pool_judge(struct ouro__json_pool *pool)
{
	/* Its call will tell. */
	for (unsigned i = 0; i < pool->count; i++)
		if (pool->sockets[i].state == OURO__JSON_ENDING && pool->sockets[i].owner)
			return;
	(void)pthread_mutex_lock(pool->lock);
	if (pool->emptied)
		advance(pool);
	(void)pthread_mutex_unlock(pool->lock);
}

void ouro__json_pool_broken(struct ouro__json_pool *pool)
{
	advance(pool);
}

uint64_t ouro__json_pool_epoch(struct ouro__json_pool *pool)
{
	expire(pool);
	return pool->epoch;
}

int ouro__json_pool_holds(struct ouro__json_pool *pool, uint64_t epoch)
{
	expire(pool);
	return pool->epoch == epoch && (pool->open || pool->grace_until);
}
