# The code of the pages beside the names of Asio, Beast and the standard library, with the compilers of compile_fail.cmake:
# one test for each file of names/, and one that looks every name of dynasio::dsl up among the others.
set(include "${PROJECT_SOURCE_DIR}/include" "${CMAKE_CURRENT_SOURCE_DIR}" ${Boost_INCLUDE_DIRS})
file(GLOB cases CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/names/*.cpp")
foreach(case IN LISTS cases)
    cmake_path(GET case STEM name)
    add_test(NAME names.${name} COMMAND "${CMAKE_COMMAND}" -D "CASE=${case}" -D "COMPILERS=${compilers}" -D "INCLUDE=${include}"
        -P "${CMAKE_CURRENT_SOURCE_DIR}/names/check.cmake")
    set_tests_properties(names.${name} PROPERTIES LABELS compile_fail TIMEOUT 300)
endforeach()
add_test(NAME names.of_dsl_have_one_meaning COMMAND "${CMAKE_COMMAND}" -D "ROOT=${PROJECT_SOURCE_DIR}/include" -D "INCLUDE=${include}"
    -D "COMPILERS=${compilers}" -D "WORK=${CMAKE_CURRENT_BINARY_DIR}/names" -P "${CMAKE_CURRENT_SOURCE_DIR}/names/collisions.cmake")
list(GET compilers 0 one_compiler)
add_test(NAME names.with_two_meanings_are_found COMMAND "${CMAKE_COMMAND}" -D "INCLUDE=${include}" -D "COMPILERS=${one_compiler}"
    -D "WORK=${CMAKE_CURRENT_BINARY_DIR}/names_selftest" -P "${CMAKE_CURRENT_SOURCE_DIR}/names/collisions_selftest.cmake")
set_tests_properties(names.of_dsl_have_one_meaning names.with_two_meanings_are_found PROPERTIES LABELS compile_fail TIMEOUT 300)
