# Compiler flags shared by every target of the project: warnings are errors on both compilers.

add_library(attune_flags INTERFACE)
target_compile_options(attune_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
target_include_directories(attune_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(attune_flags INTERFACE -Wthread-safety)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False positives of g++ 12 inside its own <string> and std::variant under -O2.
  target_compile_options(attune_flags INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
endif()
if(ATTUNE_SANITIZE)
  # -O1: without it the models' tests take minutes; -g1: line numbers are what a report needs.
  target_compile_options(attune_flags INTERFACE -fsanitize=${ATTUNE_SANITIZE} -fno-omit-frame-pointer
                                                -fno-sanitize-recover=all -O1 -g1)
  target_link_options(attune_flags INTERFACE -fsanitize=${ATTUNE_SANITIZE})
endif()
if(ATTUNE_FUZZ)
  target_compile_options(attune_flags INTERFACE -fsanitize=fuzzer-no-link)  # Coverage of the rooms' own code.
endif()
find_program(ATTUNE_MOLD mold)
if(ATTUNE_MOLD AND NOT ATTUNE_SANITIZE)
  target_link_options(attune_flags INTERFACE -fuse-ld=mold)
endif()
