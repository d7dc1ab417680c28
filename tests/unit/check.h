/* What every unit test includes: cmocka and the headers that it wants first. */
#ifndef TEST_CHECK_H
#define TEST_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define assert_text_has(hay, needle) assert_non_null(strstr((hay), (needle)))

#endif
