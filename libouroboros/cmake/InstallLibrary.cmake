# Headers, libraries, pkg-config file and CMake package. The shared and the static library are
# separate export sets: who links the shared one need not have our dependencies' headers.

include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/ouroboros")
set(templates "${PROJECT_SOURCE_DIR}/libouroboros/cmake")

install(TARGETS ouroboros EXPORT ouroboros-shared)
install(TARGETS ouroboros_static EXPORT ouroboros-static)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/ouroboros"
	DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
	FILES_MATCHING PATTERN "*.h"
)
install(EXPORT ouroboros-shared NAMESPACE ouroboros:: DESTINATION "${package_dir}")
install(EXPORT ouroboros-static NAMESPACE ouroboros:: DESTINATION "${package_dir}")

configure_package_config_file(
	"${templates}/ouroboros-config.cmake.in" "${CMAKE_CURRENT_BINARY_DIR}/ouroboros-config.cmake"
	INSTALL_DESTINATION "${package_dir}"
)
# Before 1.0 a minor version may change the interface, so only the same minor will do.
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/ouroboros-config-version.cmake"
	COMPATIBILITY SameMinorVersion
)
install(FILES
	"${CMAKE_CURRENT_BINARY_DIR}/ouroboros-config.cmake"
	"${CMAKE_CURRENT_BINARY_DIR}/ouroboros-config-version.cmake"
	DESTINATION "${package_dir}"
)

file(RELATIVE_PATH OURO_PC_TO_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" OURO_PC_TO_PREFIX "${OURO_PC_TO_PREFIX}")
configure_file("${templates}/ouroboros.pc.in" "${CMAKE_CURRENT_BINARY_DIR}/ouroboros.pc" @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/ouroboros.pc"
	DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig"
)
