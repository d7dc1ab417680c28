# Reads libouroboros/rooms.txt:
#   OURO_ROOMS             the names, lowest first
#   OURO_ROOM_<name>       what it may include
#   OURO_ROOM_ALL_<name>   that and what those may include in turn: what a test has to link

set(ouro_rooms_file "${PROJECT_SOURCE_DIR}/libouroboros/rooms.txt")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${ouro_rooms_file}")
file(STRINGS "${ouro_rooms_file}" ouro_room_lines REGEX "^[a-z]")

set(OURO_ROOMS "")
foreach(line IN LISTS ouro_room_lines)
	if(NOT line MATCHES "^([a-z]+):([ a-z*]*)$")
		message(FATAL_ERROR "rooms.txt: cannot read the line \"${line}\"")
	endif()
	set(room "${CMAKE_MATCH_1}")
	separate_arguments(lower UNIX_COMMAND "${CMAKE_MATCH_2}")
	if(lower STREQUAL "*")
		set(lower ${OURO_ROOMS})
	endif()
	set(all ${lower})
	foreach(below IN LISTS lower)
		if(NOT below IN_LIST OURO_ROOMS)
			message(FATAL_ERROR "rooms.txt: ${room} names ${below}, which is not below it")
		endif()
		list(APPEND all ${OURO_ROOM_ALL_${below}})
	endforeach()
	list(REMOVE_DUPLICATES all)
	set(OURO_ROOM_${room} ${lower})
	set(OURO_ROOM_ALL_${room} ${all})
	list(APPEND OURO_ROOMS ${room})
endforeach()

# Link TARGET with the objects of these rooms and of all rooms below them.
function(ouro_link_rooms target)
	set(wanted "")
	foreach(room IN LISTS ARGN)
		list(APPEND wanted ${room} ${OURO_ROOM_ALL_${room}})
	endforeach()
	list(REMOVE_DUPLICATES wanted)
	list(TRANSFORM wanted PREPEND room_)
	target_link_libraries(${target} PRIVATE ${wanted})
endfunction()
