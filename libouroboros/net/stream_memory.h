/* A stream without a network, for tests: scripted bytes to read, a record of what was written, and
 * every kind of trouble. */
#ifndef OURO_NET_STREAM_MEMORY_H
#define OURO_NET_STREAM_MEMORY_H

#include "base/buf.h"
#include "net/stream.h"

/* The script, owned by the test; it must outlive the stream, and `written` is read after the
 * stream's owner is done (or from its thread). Steps come one after the other. */
struct ouro__memory_step {
	const void *data;
	size_t size;
	size_t after; /* not before so many bytes were written to the stream */
};

struct ouro__memory_script {
	const struct ouro__memory_step *steps;
	size_t count;
	size_t read_most;  /* bytes a read gives at most; 0 = no limit */
	size_t write_most; /* bytes a write takes at most; 0 = no limit */
	size_t read_ends_at; /* end of file after so many bytes read; 0 = never, SIZE_MAX = when the script is through */
	size_t read_fails_at; /* the connection breaks after so many bytes read; 0 = never */
	size_t write_fails_at; /* the connection breaks when more than this would be written; 0 = never */
	int blink;             /* 1: every other read and write can do nothing */
	ouro_status connect_result; /* OURO_OK = connects */
	ouro__buf written;          /* set with OURO__BUF_INIT; freed by the test */
	size_t read;                /* bytes given so far */
};

/* NULL = out of memory. */
ouro__stream *ouro__stream_memory_new(struct ouro__memory_script *script);

#endif
