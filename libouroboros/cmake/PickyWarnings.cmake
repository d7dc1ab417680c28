# The warnings that all of our C is held to, as the target ouro_warnings (link it PRIVATE).
# They are errors with OURO_WERROR, which every preset sets and a packager's build does not.

add_library(ouro_warnings INTERFACE)

set(ouro_warning_flags
	-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wcast-qual -Wcast-align
	-Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wmissing-declarations
	-Wold-style-definition -Wundef -Wvla -Wpointer-arith -Wwrite-strings -Wnull-dereference
	-Wimplicit-fallthrough -Wswitch-enum -Wdouble-promotion -Wredundant-decls
)

if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
	list(APPEND ouro_warning_flags
		-Wlogical-op -Wduplicated-cond -Wjump-misses-init
		-Wformat-overflow=2 -Wformat-truncation=1
	)
	if(NOT OURO_SANITIZE AND NOT OURO_COVERAGE)
		# Instrumentation makes branches alike and frames large: these would speak about
		# the compiler's code, not about ours.
		list(APPEND ouro_warning_flags -Wduplicated-branches -Wstack-usage=16384)
	endif()
elseif(CMAKE_C_COMPILER_ID MATCHES "Clang")
	list(APPEND ouro_warning_flags
		-Wcomma -Wconditional-uninitialized -Wmissing-variable-declarations -Wassign-enum
		-Wextra-semi-stmt -Wshorten-64-to-32 -Wunreachable-code -Wnewline-eof
	)
endif()

if(OURO_WERROR)
	list(APPEND ouro_warning_flags -Werror)
endif()
target_compile_options(ouro_warnings INTERFACE ${ouro_warning_flags})
