# What must not compile, and what the compiler's first error says then: one test for each file of compile_fail/, with g++
# and the newest clang++ that are installed. No label unit: all of them take minutes.
find_program(DYNASIO_GXX NAMES g++)
find_program(DYNASIO_CLANGXX NAMES clang++-19 clang++-18 clang++-17 clang++-16 clang++)
mark_as_advanced(DYNASIO_GXX DYNASIO_CLANGXX)
set(compilers "")
foreach(found IN ITEMS "${DYNASIO_GXX}" "${DYNASIO_CLANGXX}")
    if(found)
        list(APPEND compilers "${found}")
    endif()
endforeach()
if(NOT compilers)
    set(compilers "${CMAKE_CXX_COMPILER}")
endif()

# What all cases include is read once, which is two thirds of the time.
set(prelude "${CMAKE_CURRENT_BINARY_DIR}/compile_fail")
add_test(NAME compile_fail_prelude COMMAND "${CMAKE_COMMAND}" -D "COMPILERS=${compilers}" -D "INCLUDE=${PROJECT_SOURCE_DIR}/include"
    -D "PRELUDE=${prelude}" -P "${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/precompile.cmake")
set_tests_properties(compile_fail_prelude PROPERTIES LABELS compile_fail TIMEOUT 300 FIXTURES_SETUP compile_fail_prelude)

file(GLOB cases CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/*.cpp")
foreach(case IN LISTS cases)
    cmake_path(GET case STEM name)
    add_test(NAME compile_fail.${name} COMMAND "${CMAKE_COMMAND}" -D "CASE=${case}" -D "COMPILERS=${compilers}"
        -D "INCLUDE=${PROJECT_SOURCE_DIR}/include" -D "PRELUDE=${prelude}" -P "${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/check.cmake")
    set_tests_properties(compile_fail.${name} PROPERTIES LABELS compile_fail TIMEOUT 120 FIXTURES_REQUIRED compile_fail_prelude)
endforeach()
