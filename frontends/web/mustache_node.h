/* mustache_node.h: what templates are compiled to; for mustache*.c only. */
#ifndef OURO_WEB_MUSTACHE_NODE_H
#define OURO_WEB_MUSTACHE_NODE_H

#include "mustache.h"

enum web_node_type {
	WEB_NODE_TEXT,
	WEB_NODE_LINE, /* a line starts here with a tag: the indentation of a partial goes here */
	WEB_NODE_VARIABLE,
	WEB_NODE_RAW,
	WEB_NODE_SECTION,
	WEB_NODE_INVERTED,
	WEB_NODE_PARTIAL
};

struct web_template;

/* Texts are borrowed from the template's source. */
struct web_node {
	int type;         /* enum web_node_type */
	int line_start;   /* of a text: it starts a line */
	const char *text; /* the text, or the name */
	size_t length;
	size_t end;         /* of a section: index of the node after its last one */
	size_t line;        /* of a partial, for faults */
	const char *indent; /* of a partial alone on its line */
	size_t indent_length;
	const struct web_template *partial; /* NULL: there is none of that name */
};

struct web_template {
	char *name;
	char *source;
	size_t length;
	struct web_node *nodes;
	size_t count;
};

struct web_templates {
	struct web_template *items;
	size_t count;
};

const struct web_template *web_templates_find(
	const struct web_templates *templates, const char *name, size_t length);

#endif
