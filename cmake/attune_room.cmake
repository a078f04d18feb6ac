# attune_room(<name> [ROOMS <room>...] [LIBRARIES <target>...])
#
# One static library for src/<name>, linked to the rooms and libraries named here and to nothing else, so that the
# link graph keeps the layers.  Files: *.cc and *.h of the folder and its subfolders; *_test.cc go to <name>_test.
function(attune_room name)
  cmake_parse_arguments(ROOM "" "" "ROOMS;LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")

  set(scope PUBLIC)
  if(sources)
    add_library(attune_${name} STATIC ${sources})
  else()
    add_library(attune_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_sources(attune_${name} ${scope} FILE_SET HEADERS BASE_DIRS ${CMAKE_SOURCE_DIR}/src FILES ${headers})
  list(TRANSFORM ROOM_ROOMS PREPEND attune_)
  target_link_libraries(attune_${name} ${scope} attune_flags ${ROOM_ROOMS} ${ROOM_LIBRARIES})

  if(ATTUNE_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE attune_${name} GTest::gmock GTest::gtest_main)
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
  endif()
endfunction()
