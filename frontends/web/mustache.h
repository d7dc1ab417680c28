/* mustache.h: Mustache templates, compiled once at start, rendered by pulling values through a small vtable straight from
 * what they show. No tree of values is built; nothing here knows about nodes or people.
 *
 * A compiled set is immutable and used from any thread. Values are borrowed for the time of one rendering. */
#ifndef OURO_WEB_MUSTACHE_H
#define OURO_WEB_MUSTACHE_H

#include "text.h"

#include <stddef.h>
#include <stdint.h>

enum web_value_kind {
	WEB_VALUE_FALSE = 0, /* false, null, missing */
	WEB_VALUE_TRUE = 1,
	WEB_VALUE_TEXT = 2,   /* falsey in a section when empty */
	WEB_VALUE_OBJECT = 3, /* has members */
	WEB_VALUE_LIST = 4    /* has items; falsey when empty */
};

#define WEB_VALUE_SMALL 64

struct web_value;

/* How to look into an object or a list. */
struct web_value_ops {
	/* Member of an object: 1 and *ret if there is one (also if its value is false), 0 if the name means nothing here (the
	 * outer context is asked next). ret comes zeroed. NULL = no members. */
	int (*lookup)(const struct web_value *self, const char *name, size_t length,
		struct web_value *ret);
	/* Item of a list: 1 and *ret, 0 past the end. ret comes zeroed. NULL = no items. */
	int (*item)(const struct web_value *self, size_t index, struct web_value *ret);
};

/* A value, made on the fly. */
struct web_value {
	int kind;                        /* enum web_value_kind */
	const struct web_value_ops *ops; /* of an object or a list */
	const void *object;              /* what ops look into; theirs alone */
	size_t index;                    /* theirs alone */
	const char *text;                /* of a text; NULL = small holds it */
	size_t length;                   /* of the text */
	char small[WEB_VALUE_SMALL];     /* room for numbers, dates and the like */
};

/* Ways to fill a zeroed value; each returns 1 so that lookups can `return web_value_text(ret, …)`. */
int web_value_text(struct web_value *ret, const char *text); /* NULL = false */
int web_value_bytes(struct web_value *ret, const char *text, size_t length);
int web_value_bool(struct web_value *ret, int truth);
int web_value_number(struct web_value *ret, int64_t number);
int web_value_unsigned(struct web_value *ret, uint64_t number);
int web_value_printf(struct web_value *ret, const char *format, ...)
	WEB_PRINTF(2, 3); /* cut at WEB_VALUE_SMALL */
int web_value_object(
	struct web_value *ret, const struct web_value_ops *ops, const void *object, size_t index);
int web_value_list(
	struct web_value *ret, const struct web_value_ops *ops, const void *object, size_t index);
/* 1 if name is exactly word: for lookups. */
int web_name_is(const char *name, size_t length, const char *word);

/* A template's text; partials are named without a suffix ({{> node}} is the source named "node"). */
struct web_template_source {
	const char *name;
	const char *text;
	size_t length;
};

struct web_templates;

/* Compiles all. 0, or -1 with what is wrong and where in fault ("devices:12: section 'x' is not closed"). A partial that is
 * missing is a fault too when strict. Texts are copied. */
int web_templates_new(const struct web_template_source *sources, size_t count, int strict,
	struct web_templates **ret_templates, char *fault, size_t fault_size);
void web_templates_free(struct web_templates *templates);
int web_templates_has(const struct web_templates *templates, const char *name);
/* Renders one. contexts[0] is the outermost. 0, or -1: no such template, too deep, or out is full. */
int web_templates_render(const struct web_templates *templates, const char *name,
	const struct web_value *contexts, size_t context_count, struct web_buf *out);

#endif
