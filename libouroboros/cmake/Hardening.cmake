# What every target of ours is compiled and linked with: the dialect, hardening in optimised
# builds, and the instrumentation that a preset asks for.

include(CheckCCompilerFlag)
include(CheckPIESupported)
check_pie_supported()

add_compile_definitions(_GNU_SOURCE)
add_compile_options(-fno-common)
add_link_options(-Wl,-z,relro,-z,now -Wl,--as-needed)

check_c_compiler_flag(-fstack-clash-protection OURO_HAVE_STACK_CLASH)
check_c_compiler_flag(-fcf-protection OURO_HAVE_CF_PROTECTION)

if(CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo|MinSizeRel)$" AND NOT OURO_SANITIZE)
	# A distribution may have set its own level already.
	if(NOT CMAKE_C_FLAGS MATCHES "_FORTIFY_SOURCE")
		add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
	endif()
	add_compile_options(-fstack-protector-strong)
	if(OURO_HAVE_STACK_CLASH)
		add_compile_options(-fstack-clash-protection)
	endif()
	if(OURO_HAVE_CF_PROTECTION)
		add_compile_options(-fcf-protection)
	endif()
endif()

if(OURO_SANITIZE)
	add_compile_options(
		-fsanitize=${OURO_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
	)
	add_link_options(-fsanitize=${OURO_SANITIZE})
endif()

if(OURO_FUZZ)
	if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
		message(FATAL_ERROR "OURO_FUZZ needs clang (cmake --preset fuzz)")
	endif()
	add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(OURO_COVERAGE)
	add_compile_options(--coverage -fprofile-update=atomic)
	add_link_options(--coverage)
endif()
