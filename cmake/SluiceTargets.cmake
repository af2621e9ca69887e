# How Sluice's targets are made: the same flags everywhere, one shape for libraries, programs and tests.
add_library(sluice_flags INTERFACE)
target_include_directories(sluice_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(sluice_flags INTERFACE -Wall -Wextra -Wpedantic -Wno-unused-parameter -Werror=return-type
  -Werror=unused-result -fno-omit-frame-pointer)
if(SLUICE_SANITIZE)
  # Everywhere, so that containers are annotated alike on both sides of every call.
  add_compile_options(-fsanitize=${SLUICE_SANITIZE} -fno-sanitize-recover=all -O1 -gline-tables-only)
  add_link_options(-fsanitize=${SLUICE_SANITIZE})
endif()

if(SLUICE_FUZZ)  # what libFuzzer is led by (tests/fuzz)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Headers that every file over gRPC pays for, compiled once for all of them.
set(SLUICE_PCH ${CMAKE_SOURCE_DIR}/cmake/pch.h)

# sluice_library(NAME sources… LINK targets… [GRPC])  A static library; GRPC reuses the precompiled headers.
function(sluice_library name)
  cmake_parse_arguments(arg "GRPC" "" "LINK" ${ARGN})
  add_library(${name} STATIC ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC ${arg_LINK} PRIVATE sluice_flags)
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  if(arg_GRPC)
    target_link_libraries(${name} PUBLIC sluice_proto)
    target_precompile_headers(${name} REUSE_FROM sluice_pch)
  endif()
endfunction()

# sluice_program(NAME sources… LINK targets…)  An executable over gRPC.
function(sluice_program name)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${arg_LINK} sluice_proto sluice_flags)
  target_precompile_headers(${name} REUSE_FROM sluice_pch)
endfunction()

# What `./run test` builds and runs under ThreadSanitizer as well (build/tsan): tests of threads that need no gRPC, because the
# distribution's gRPC is not instrumented.
if(BUILD_TESTING)
  add_custom_target(tsan_tests)
endif()

# sluice_test(NAME sources… LINK targets… [LABELS quick|servers|tsan…] [GRPC] [TIMEOUT seconds])
# One GoogleTest program, one ctest. `quick` needs no servers; `servers` runs on the shared dev clusters (fixture kafka); `tsan` runs
# under ThreadSanitizer too.
function(sluice_test name)
  if(NOT BUILD_TESTING)
    return()
  endif()
  cmake_parse_arguments(arg "GRPC" "TIMEOUT" "LINK;LABELS" ${ARGN})
  if(NOT arg_LABELS)
    set(arg_LABELS quick)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${arg_LINK} GTest::gtest GTest::gmock GTest::gtest_main sluice_flags)
  target_compile_definitions(${name} PRIVATE SLUICE_SOURCE_DIR="${CMAKE_SOURCE_DIR}" SLUICE_BINARY_DIR="${CMAKE_BINARY_DIR}")
  if(arg_GRPC)
    target_link_libraries(${name} PRIVATE sluice_proto)
    target_precompile_headers(${name} REUSE_FROM sluice_pch)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
  if("tsan" IN_LIST arg_LABELS)
    add_dependencies(tsan_tests ${name})
  endif()
  if("servers" IN_LIST arg_LABELS)
    set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED kafka)
  endif()
endfunction()
