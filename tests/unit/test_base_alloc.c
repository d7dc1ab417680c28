/* Allocation helpers and arenas: zeroed, aligned, bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"

/* Under AddressSanitizer: an absurd size is answered with NULL, as everywhere else. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void test_base_alloc__is_zeroed_and_never_empty(void **state)
{
	unsigned char *data = ouro__alloc(3, 5);
	void *nothing = ouro__alloc(0, 8);

	(void)state;
	assert_non_null(data);
	for (size_t i = 0; i < 15; i++)
		assert_int_equal(data[i], 0);
	assert_non_null(nothing);
	free(nothing);
	free(data);
}

static void test_base_alloc__refuses_overflow(void **state)
{
	volatile size_t half = SIZE_MAX / 2 + 1; /* volatile: the compiler shall not judge */

	(void)state;
	assert_null(ouro__alloc(half, 2));
	assert_null(ouro__alloc_text("x", half * 2 - 1));
}

static void test_base_alloc__copies_texts(void **state)
{
	char *part = ouro__alloc_text("abcdef", 3);
	char *whole = ouro__alloc_str("abc");
	char *empty = ouro__alloc_text("", 0);

	(void)state;
	assert_string_equal(part, "abc");
	assert_string_equal(whole, "abc");
	assert_string_equal(empty, "");
	assert_null(ouro__alloc_str(NULL));
	free(part);
	free(whole);
	free(empty);
}

static void test_base_alloc__arena_is_aligned_and_zeroed(void **state)
{
	ouro__arena *arena = ouro__arena_new(1 << 20);

	(void)state;
	assert_non_null(arena);
	for (size_t size = 0; size < 200; size++) {
		unsigned char *data = ouro__arena_alloc(arena, size);

		assert_non_null(data);
		assert_int_equal((uintptr_t)data % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(data[i], 0);
		memset(data, 0xff, size ? size : 1);
	}
	ouro__arena_free(arena);
}

static void test_base_alloc__arena_keeps_what_it_gave(void **state)
{
	ouro__arena *arena = ouro__arena_new(8 << 20);
	uint32_t *given[500];

	(void)state;
	assert_non_null(arena);
	for (size_t i = 0; i < 500; i++) {
		size_t count =
			1 + i * 7; /* beyond the first blocks, and beyond a block's usual size */

		given[i] = ouro__arena_alloc(arena, count * sizeof(uint32_t));
		assert_non_null(given[i]);
		for (size_t k = 0; k < count; k++)
			given[i][k] = (uint32_t)(i * 100000 + k);
	}
	for (size_t i = 0; i < 500; i++)
		for (size_t k = 0; k < 1 + i * 7; k++)
			assert_int_equal(given[i][k], i * 100000 + k);
	ouro__arena_free(arena);
}

static void test_base_alloc__arena_has_a_maximum(void **state)
{
	ouro__arena *arena = ouro__arena_new(64);
	ouro__arena *large = ouro__arena_new(SIZE_MAX);

	(void)state;
	assert_non_null(arena);
	assert_non_null(large);
	assert_null(ouro__arena_alloc(arena, 65));
	assert_int_equal(ouro__arena_used(arena), 0);
	assert_non_null(ouro__arena_alloc(arena, 48));
	assert_non_null(ouro__arena_alloc(arena, 16));
	assert_int_equal(ouro__arena_used(arena), 64);
	assert_null(ouro__arena_alloc(arena, 1));
	assert_null(ouro__arena_alloc(arena, 0));
	assert_null(ouro__arena_alloc(large, SIZE_MAX));
	assert_null(ouro__arena_alloc(large, SIZE_MAX - 15));
	assert_null(ouro__arena_text(large, "x", SIZE_MAX));
	assert_non_null(ouro__arena_alloc(large, 1));
	ouro__arena_free(arena);
	ouro__arena_free(large);
	ouro__arena_free(NULL);
}

static void test_base_alloc__arena_copies_texts(void **state)
{
	ouro__arena *arena = ouro__arena_new(1024);

	(void)state;
	assert_non_null(arena);
	assert_string_equal(ouro__arena_text(arena, "abcdef", 2), "ab");
	assert_string_equal(ouro__arena_text(arena, NULL, 0), "");
	ouro__arena_free(arena);
}

/* Texts take their length and no more; what comes behind them is aligned, and the padding counts. */
static void test_base_alloc__arena_mixes_texts_and_structs(void **state)
{
	ouro__arena *arena = ouro__arena_new(64);
	const char *first;
	const char *second;
	unsigned char *data;

	(void)state;
	assert_non_null(arena);
	first = ouro__arena_text(arena, "abc", 3);
	second = ouro__arena_text(arena, "defg", 4);
	assert_ptr_equal(second, first + 4);
	assert_int_equal(ouro__arena_used(arena), 9);
	data = ouro__arena_alloc(arena, 8);
	assert_int_equal((uintptr_t)data % _Alignof(max_align_t), 0);
	assert_int_equal(ouro__arena_used(arena), 24);
	assert_null(ouro__arena_alloc(arena, 33));
	assert_non_null(ouro__arena_alloc(arena, 32));
	assert_int_equal(ouro__arena_used(arena), 64);
	assert_null(ouro__arena_text(arena, "", 0));
	assert_string_equal(first, "abc");
	assert_string_equal(second, "defg");
	ouro__arena_free(arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base_alloc__is_zeroed_and_never_empty),
		cmocka_unit_test(test_base_alloc__refuses_overflow),
		cmocka_unit_test(test_base_alloc__copies_texts),
		cmocka_unit_test(test_base_alloc__arena_is_aligned_and_zeroed),
		cmocka_unit_test(test_base_alloc__arena_keeps_what_it_gave),
		cmocka_unit_test(test_base_alloc__arena_has_a_maximum),
		cmocka_unit_test(test_base_alloc__arena_copies_texts),
		cmocka_unit_test(test_base_alloc__arena_mixes_texts_and_structs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
