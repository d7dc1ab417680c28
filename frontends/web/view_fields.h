/* view_fields.h: an object of named values, for what a page has besides models. Lives in the request's arena. */
#ifndef OURO_WEB_VIEW_FIELDS_H
#define OURO_WEB_VIEW_FIELDS_H

#include "mustache.h"

#define VIEW_FIELDS_MAX 24

struct view_field {
	const char *name; /* static */
	struct web_value value;
};

struct view_fields {
	size_t count;
	struct view_field fields[VIEW_FIELDS_MAX];
};

/* NULL without memory; every function here takes that and the page then fails to render. */
struct view_fields *view_fields_new(struct web_arena *arena);
/* A new field, to be filled; name is static. NULL if there is no room. */
struct web_value *view_field(struct view_fields *fields, const char *name);
void view_field_text(struct view_fields *fields, const char *name, const char *text);
void view_field_bool(struct view_fields *fields, const char *name, int truth);
/* Another set of fields as an object. */
void view_field_object(
	struct view_fields *fields, const char *name, const struct view_fields *object);
/* The set as a value. */
void view_fields_value(const struct view_fields *fields, struct web_value *ret);

/* A list of texts or of choices: {value, label, chosen}. */
struct view_choice {
	const char *value;
	const char *label;
	int chosen;
};

struct view_choices {
	size_t count;
	const struct view_choice *choices;
};

int view_choices_value(struct web_value *ret, const struct view_choices *choices);

struct view_texts {
	size_t count;
	const char *texts[4];
};

int view_texts_value(struct web_value *ret, const struct view_texts *texts);

#endif
