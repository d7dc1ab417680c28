# Other people's libraries. Imported targets are SYSTEM: our warnings do not speak about them.

find_package(PkgConfig REQUIRED)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET "libnghttp2>=1.52")
pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET "openssl>=3.0")
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET "libcurl>=7.88")
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET "jansson>=2.14")
pkg_check_modules(SQLITE3 REQUIRED "sqlite3>=3.37")
pkg_check_modules(LIBPQ REQUIRED "libpq>=13")
# Loaded at run time (base/library.h): only their headers are wanted.
add_library(ouro_loaded_headers INTERFACE IMPORTED)
set_target_properties(ouro_loaded_headers PROPERTIES INTERFACE_INCLUDE_DIRECTORIES
	"${OPENSSL_INCLUDE_DIRS};${NGHTTP2_INCLUDE_DIRS};${CURL_INCLUDE_DIRS};${SQLITE3_INCLUDE_DIRS};${LIBPQ_INCLUDE_DIRS}"
)

# What each room is built on; a room that is not named here needs the C library only.
set(OURO_DEPS_base ouro_loaded_headers Threads::Threads ${CMAKE_DL_LIBS})
set(OURO_DEPS_audit PkgConfig::JANSSON Threads::Threads)
set(OURO_DEPS_net ouro_loaded_headers Threads::Threads)
set(OURO_DEPS_store ouro_loaded_headers Threads::Threads)
set(OURO_DEPS_rpc PkgConfig::JANSSON Threads::Threads)
set(OURO_DEPS_access PkgConfig::JANSSON)
set(OURO_DEPS_settings PkgConfig::JANSSON)
set(OURO_DEPS_identity PkgConfig::JANSSON)
set(OURO_DEPS_tailnet Threads::Threads)
set(OURO_DEPS_api Threads::Threads PkgConfig::JANSSON)
set(OURO_DEPS_all PkgConfig::JANSSON Threads::Threads ${CMAKE_DL_LIBS})

if(OURO_WEB)
	pkg_check_modules(QRENCODE REQUIRED IMPORTED_TARGET "libqrencode>=4.0")
	# Not find_package(civetweb): Debian's package names a server binary that it does not ship.
	find_path(CIVETWEB_INCLUDE_DIR civetweb.h REQUIRED)
	find_library(CIVETWEB_LIBRARY civetweb REQUIRED)
	add_library(ouro_civetweb UNKNOWN IMPORTED)
	set_target_properties(ouro_civetweb PROPERTIES
		IMPORTED_LOCATION "${CIVETWEB_LIBRARY}"
		INTERFACE_INCLUDE_DIRECTORIES "${CIVETWEB_INCLUDE_DIR}"
	)
endif()

if(OURO_TESTS)
	pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET "cmocka>=1.1.5")
endif()
