/* Renders one template over one value, for the tests of the views. */
#ifndef VIEW_RENDER_H
#define VIEW_RENDER_H

#include "check.h"

#include <stdio.h>

#include "mustache.h"

/* The text that comes out, in a static buffer until the next call. */
static inline const char *view_render(const char *text, const struct web_value *value)
{
	static char out[8192];
	const struct web_template_source source = {"test", text, strlen(text)};
	struct web_templates *templates = NULL;
	struct web_buf buf;
	char fault[200] = "";

	if (web_templates_new(&source, 1, 1, &templates, fault, sizeof(fault)) < 0)
		fail_msg("%s", fault);
	web_buf_init(&buf, sizeof(out));
	assert_int_equal(web_templates_render(templates, "test", value, 1, &buf), 0);
	(void)snprintf(out, sizeof(out), "%s", buf.data ? buf.data : "");
	web_buf_done(&buf);
	web_templates_free(templates);
	return out;
}

#endif
