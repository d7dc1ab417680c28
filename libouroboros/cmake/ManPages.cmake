# Man pages from packaging/man/NAME.SECTION.scd, where scdoc is installed.

file(GLOB ouro_man_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/packaging/man/*.scd")
if(NOT OURO_WEB)
	list(FILTER ouro_man_sources EXCLUDE REGEX "/ouroboros-web\\.")
endif()
if(NOT OURO_CLI)
	list(FILTER ouro_man_sources EXCLUDE REGEX "/ouroboros\\.1\\.")
endif()
find_program(SCDOC scdoc)
if(NOT SCDOC)
	message(STATUS "scdoc is not installed: no man pages")
	return()
endif()
if(NOT ouro_man_sources)
	return()
endif()

set(ouro_man_pages "")
foreach(source IN LISTS ouro_man_sources)
	get_filename_component(page "${source}" NAME_WLE)
	if(NOT page MATCHES "\\.([1-9])$")
		message(FATAL_ERROR "${source}: a man page is called NAME.SECTION.scd")
	endif()
	set(section "${CMAKE_MATCH_1}")
	set(output "${PROJECT_BINARY_DIR}/man/${page}")
	add_custom_command(OUTPUT "${output}"
		COMMAND sh -c "\"$1\" < \"$2\" > \"$3\"" scdoc "${SCDOC}" "${source}" "${output}"
		DEPENDS "${source}"
		COMMENT "Man page ${page}"
		VERBATIM
	)
	list(APPEND ouro_man_pages "${output}")
	install(FILES "${output}" DESTINATION "${CMAKE_INSTALL_MANDIR}/man${section}")
endforeach()
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/man")
add_custom_target(man ALL DEPENDS ${ouro_man_pages})
