/* SQLite, loaded when a store is in a file: an operator's command line has none. Never unloaded. Any thread. */
#ifndef OURO_STORE_LITE_H
#define OURO_STORE_LITE_H

#include <sqlite3.h>

#include "base/error.h"

/* Each as in sqlite3.h, without the prefix. */
#define OURO__LITE_FUNCTIONS(X)                                                                    \
	X(bind_int64)                                                                              \
	X(bind_parameter_index)                                                                    \
	X(bind_text)                                                                               \
	X(busy_timeout)                                                                            \
	X(close_v2)                                                                                \
	X(column_count)                                                                            \
	X(column_text)                                                                             \
	X(column_type)                                                                             \
	X(errmsg)                                                                                  \
	X(exec)                                                                                    \
	X(extended_result_codes)                                                                   \
	X(finalize)                                                                                \
	X(get_autocommit)                                                                          \
	X(open_v2)                                                                                 \
	X(prepare_v2)                                                                              \
	X(step)                                                                                    \
	X(system_errno)                                                                            \
	X(total_changes64)

struct ouro__lite {
#define OURO__LITE_MEMBER(name) __typeof__ (&sqlite3_##name)(name);
	OURO__LITE_FUNCTIONS(OURO__LITE_MEMBER)
#undef OURO__LITE_MEMBER
};

/* *ret_lite is a constant. IO: it is not installed, or lacks something; the text says what. */
ouro_status ouro__lite_get(const struct ouro__lite **ret_lite, ouro_error *reterr);

#endif
