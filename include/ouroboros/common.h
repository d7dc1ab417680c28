/** @file common.h
 * Export marks, version and the time convention shared by every public header. */
#ifndef OUROBOROS_COMMON_H
#define OUROBOROS_COMMON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
/** Opens the C linkage block in C++. @since 0.1 */
#define OURO_BEGIN_DECLS extern "C" {
/** Closes the C linkage block in C++. @since 0.1 */
#define OURO_END_DECLS }
#else
/** Opens the C linkage block in C++. @since 0.1 */
#define OURO_BEGIN_DECLS
/** Closes the C linkage block in C++. @since 0.1 */
#define OURO_END_DECLS
#endif

#if defined(__GNUC__)
/** Marks a function of the public API. @since 0.1 */
#define OURO_API __attribute__((visibility("default")))
/** The caller must look at the result. @since 0.1 */
#define OURO_NODISCARD __attribute__((warn_unused_result))
#else
/** Marks a function of the public API. @since 0.1 */
#define OURO_API
/** The caller must look at the result. @since 0.1 */
#define OURO_NODISCARD
#endif

/** Version of these headers as text. @since 0.1 */
#define OURO_VERSION "0.1.0"
/** Major version; equal to the soname. @since 0.1 */
#define OURO_VERSION_MAJOR 0
/** Minor version. @since 0.1 */
#define OURO_VERSION_MINOR 1
/** Patch version. @since 0.1 */
#define OURO_VERSION_PATCH 0

/** A time that is not set: "never expires", "never seen". Times are int64 Unix seconds, UTC. @since 0.1 */
#define OURO_TIME_NEVER INT64_MAX

OURO_BEGIN_DECLS

/** Version of the library that is loaded.
 * @return text like "0.1.0"; @b borrowed, static. Any thread.
 * @since 0.1 */
OURO_API const char *ouro_version(void);

OURO_END_DECLS

#endif
