/* The memory stream; see stream_memory.h. Its descriptor is an eventfd that is readable while a
 * read would do something, so that an owner that polls behaves as with a socket. */
#include "net/stream_memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"

struct memory {
	ouro__stream base;
	struct ouro__memory_script *script;
	int fd;
	size_t step;
	size_t offset; /* inside the step */
	unsigned calls;
};

static int ended(const struct ouro__memory_script *script, int through)
{
	if (script->read_ends_at == SIZE_MAX)
		return through;
	return script->read_ends_at && script->read >= script->read_ends_at;
}

static int broken(const struct ouro__memory_script *script)
{
	return script->read_fails_at && script->read >= script->read_fails_at;
}

/* Bytes that a read could give now. */
static size_t available(const struct memory *self)
{
	const struct ouro__memory_script *script = self->script;
	const struct ouro__memory_step *step;
	size_t n;

	if (self->step >= script->count)
		return 0;
	step = &script->steps[self->step];
	if (script->written.size < step->after)
		return 0;
	n = step->size - self->offset;
	if (script->read_most && n > script->read_most)
		n = script->read_most;
	if (script->read_ends_at && script->read_ends_at != SIZE_MAX &&
		n > script->read_ends_at - script->read)
		n = script->read_ends_at - script->read;
	if (script->read_fails_at && n > script->read_fails_at - script->read)
		n = script->read_fails_at - script->read;
	return n;
}

static void skip_empty(struct memory *self)
{
	while (self->step < self->script->count &&
		self->offset >= self->script->steps[self->step].size) {
		self->step++;
		self->offset = 0;
	}
}

static void update_fd(const struct memory *self)
{
	int through = self->step >= self->script->count;
	eventfd_t ignored;

	(void)eventfd_read(self->fd, &ignored);
	if (available(self) || ended(self->script, through) || broken(self->script))
		(void)eventfd_write(self->fd, 1);
}

static ouro_status memory_connect(
	ouro__stream *stream, int64_t deadline, int stop_fd, ouro_error *reterr)
{
	struct memory *self = (struct memory *)stream;

	(void)deadline;
	(void)stop_fd;
	if (self->script->connect_result < 0)
		return ouro__error_from(reterr, OURO_ORIGIN_NETWORK, self->script->connect_result,
			"the script refuses the connection");
	skip_empty(self);
	update_fd(self);
	return OURO_OK;
}

static ssize_t fail(ouro_error *reterr)
{
	(void)ouro__error_from(reterr, OURO_ORIGIN_NETWORK, OURO_ERR_UNREACHABLE,
		"the connection broke: by script");
	return OURO__STREAM_FAILED;
}

static int blinks(struct memory *self)
{
	return self->script->blink && ++self->calls % 2;
}

static ssize_t memory_read(ouro__stream *stream, void *data, size_t size, ouro_error *reterr)
{
	struct memory *self = (struct memory *)stream;
	struct ouro__memory_script *script = self->script;
	size_t n = available(self);

	if (broken(script))
		return fail(reterr);
	if (ended(script, self->step >= script->count))
		return 0;
	if (!n || blinks(self))
		return OURO__STREAM_AGAIN;
	if (n > size)
		n = size;
	memcpy(data, (const uint8_t *)script->steps[self->step].data + self->offset, n);
	self->offset += n;
	script->read += n;
	skip_empty(self);
	update_fd(self);
	return (ssize_t)n;
}

static ssize_t memory_write(ouro__stream *stream, const void *data, size_t size, ouro_error *reterr)
{
	struct memory *self = (struct memory *)stream;
	struct ouro__memory_script *script = self->script;

	if (blinks(self))
		return OURO__STREAM_AGAIN;
	if (script->write_most && size > script->write_most)
		size = script->write_most;
	if (script->write_fails_at && size > script->write_fails_at - script->written.size)
		size = script->write_fails_at - script->written.size;
	if (!size)
		return fail(reterr);
	ouro__buf_append(&script->written, data, size);
	if (script->written.broken)
		return fail(reterr);
	update_fd(self);
	return (ssize_t)size;
}

static int memory_fd(const ouro__stream *stream)
{
	return ((const struct memory *)stream)->fd;
}

static short memory_want(const ouro__stream *stream, short events)
{
	(void)stream;
	return events;
}

static void memory_free(ouro__stream *stream)
{
	struct memory *self = (struct memory *)stream;

	(void)close(self->fd);
	free(self);
}

static const struct ouro__stream_ops memory_ops = {
	.connect = memory_connect,
	.read = memory_read,
	.write = memory_write,
	.fd = memory_fd,
	.want = memory_want,
	.free = memory_free,
};

ouro__stream *ouro__stream_memory_new(struct ouro__memory_script *script)
{
	struct memory *self = ouro__alloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->base.ops = &memory_ops;
	self->script = script;
	self->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (self->fd < 0) {
		free(self);
		return NULL;
	}
	return &self->base;
}
