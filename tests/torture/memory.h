/* Makes allocations, and calls into other libraries, fail on purpose. The linker sends those of our code
 * here and to calls.c (--wrap). Those inside of other libraries are left alone: jansson 2.14 reads through a null
 * pointer when it runs out of memory within a text, which nobody above it can mend. One counter
 * for all threads; a test switches failing on and off from its own. */
#ifndef TORTURE_MEMORY_H
#define TORTURE_MEMORY_H

enum torture_mode {
	TORTURE_ONCE = 0, /* the n-th allocation fails, later ones succeed */
	TORTURE_FROM = 1  /* the n-th and all later ones fail */
};

/* What fails: by default allocations only. */
enum torture_kind {
	TORTURE_MEMORY = 1, /* malloc, calloc, realloc */
	TORTURE_CALLS = 2   /* the calls into other libraries that calls.c has */
};

/* What counts from now on: enum torture_kind, added up. */
void torture_kinds(int kinds);
/* For a wrapper: 1 if this call is to fail. name: a text that lives on. */
int torture_refuse(enum torture_kind kind, const char *name);
/* Which call failed first since torture_arm(), NULL = none. */
const char *torture_refused(void);
/* In which way the present failing works. */
enum torture_mode torture_mode_now(void);

/* Fail from now on as said; at counts from 1. */
void torture_arm(enum torture_mode mode, unsigned long at);
/* Stop failing; how many allocations failed since torture_arm(). */
unsigned long torture_disarm(void);

/* Runs body for the first allocation, the second … until it got through without a failure, in
 * both modes; fails the test if body says no. body returns 1 if what it saw was right; it calls
 * torture_arm_now() where failing shall begin and torture_disarm() where it ends. */
typedef int (*torture_body)(void *user);
void torture_run(const char *name, torture_body body, void *user);
void torture_arm_now(void);

#endif
