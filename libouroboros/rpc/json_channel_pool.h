/* Which kept connections there are, and from that the epoch: it stays as long as each connection was made while another one of the
 * same epoch was open, so that it cannot be another server that answers. The sockets are the I/O thread's (of a channel without
 * one: whoever holds that channel's lock); what stands under the lock is read by `epoch` as well. */
#ifndef OURO_RPC_JSON_CHANNEL_POOL_H
#define OURO_RPC_JSON_CHANNEL_POOL_H

#include <pthread.h>
#include <stdint.h>

/* More sockets than libcurl may have open. */
#define OURO__JSON_SOCKETS_MAX 96u
/* What is known about a server that keeps no connections holds this long after an answer. */
#define OURO__JSON_GRACE_MS 1000

enum ouro__json_socket_state {
	OURO__JSON_CONNECTING,
	OURO__JSON_OPEN,
	OURO__JSON_ENDING /* the server has closed it; an answer may still lie in it */
};

struct ouro__json_socket {
	int fd;
	enum ouro__json_socket_state state;
	const void *owner; /* the call that it was made for, until that has ended */
};

struct ouro__json_pool {
	pthread_mutex_t *lock;
	int watch_fd; /* epoll: readable when a server has closed a kept connection */
	struct ouro__json_socket sockets[OURO__JSON_SOCKETS_MAX];
	unsigned count;
	/* Under the lock. */
	unsigned open; /* sockets in that state */
	uint64_t epoch;
	int emptied;         /* the last one went away, and it is not known yet what that means */
	int64_t grace_until; /* 0 = no grace */
};

/* 0 = no file descriptors left. */
int ouro__json_pool_init(struct ouro__json_pool *pool, pthread_mutex_t *lock);
void ouro__json_pool_done(struct ouro__json_pool *pool);

/* The I/O thread's, without the lock. A socket was made for a call; 0 = too many. */
int ouro__json_pool_made(struct ouro__json_pool *pool, int fd, const void *owner);
/* Its connection stands now. */
void ouro__json_pool_connected(struct ouro__json_pool *pool, const void *owner);
/* A socket is about to be closed (which may be none of ours). */
void ouro__json_pool_closed(struct ouro__json_pool *pool, int fd);
/* Note which connections the server has closed by now. */
void ouro__json_pool_settle(struct ouro__json_pool *pool);
/* A call has ended. fresh = a whole answer came on a connection that was made for it. */
void ouro__json_pool_release(struct ouro__json_pool *pool, const void *owner, int fresh);
/* When all calls that ended were released: an emptied pool that nobody explained is a loss. */
void ouro__json_pool_judge(struct ouro__json_pool *pool);

/* Lock held: the server could not be reached, or somebody else answered for it. */
void ouro__json_pool_broken(struct ouro__json_pool *pool);
/* Lock held, any thread. */
uint64_t ouro__json_pool_epoch(struct ouro__json_pool *pool);
/* Lock held, settled: the server of that epoch is certainly still the one that answers. */
int ouro__json_pool_holds(struct ouro__json_pool *pool, uint64_t epoch);

#endif
