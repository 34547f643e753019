# What must not compile, and what the compiler's first error says then: the files of compile_fail/, with g++ and the newest
# clang++ that are installed. No label unit: all of them take minutes.
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

# The cases of a group are compiled together, and the output of its test names each of them.
set(compiler_options "")
foreach(compiler IN LISTS compilers)
    list(APPEND compiler_options --compiler "${compiler}")
endforeach()
set(group_size 18)
file(GLOB cases CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/*.cpp")
list(LENGTH cases count)
set(begin 0)
while(begin LESS count)
    list(SUBLIST cases ${begin} ${group_size} group)
    list(GET group 0 first)
    list(GET group -1 last)
    cmake_path(GET first STEM first)
    cmake_path(GET last STEM last)
    set(name "compile_fail.from_${first}_to_${last}")
    add_test(NAME "${name}" COMMAND "${Python3_EXECUTABLE}" "${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/check.py"
        --include "${PROJECT_SOURCE_DIR}/include" --prelude "${prelude}" ${compiler_options} ${group})
    set_tests_properties("${name}" PROPERTIES LABELS compile_fail TIMEOUT 600 FIXTURES_REQUIRED compile_fail_prelude)
    math(EXPR begin "${begin} + ${group_size}")
endwhile()
add_test(NAME compile_fail_check.finds_cases_that_fail_otherwise COMMAND "${CMAKE_COMMAND}" -D "PYTHON=${Python3_EXECUTABLE}"
    -D "INCLUDE=${PROJECT_SOURCE_DIR}/include" -D "PRELUDE=${prelude}" -D "COMPILERS=${compilers}" -D "WORK=${CMAKE_CURRENT_BINARY_DIR}/compile_fail_selftest"
    -P "${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/check_selftest.cmake")
set_tests_properties(compile_fail_check.finds_cases_that_fail_otherwise PROPERTIES LABELS compile_fail TIMEOUT 300 FIXTURES_REQUIRED compile_fail_prelude)
