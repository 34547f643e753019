# Compiles one case with each compiler. A case whose first line is "// expect: <text>" must fail, with that text in its
# first error, and compile with DYNASIO_CONTROL, which leaves its mistake out; every other one must compile.
# Variables: CASE, COMPILERS (list), INCLUDE (list).
cmake_minimum_required(VERSION 3.25)

file(STRINGS "${CASE}" first LIMIT_COUNT 1 ENCODING UTF-8)
set(sentence "")
if(first MATCHES "^// expect: (.+)$")
    set(sentence "${CMAKE_MATCH_1}")
endif()
list(TRANSFORM INCLUDE PREPEND "-I" OUTPUT_VARIABLE include)

foreach(compiler IN LISTS COMPILERS)
    # The program's path is what a test of the pages runs: here nothing runs.
    set(command "${CMAKE_COMMAND}" -E env LC_ALL=C "${compiler}" -std=c++20 -fsyntax-only ${include} "-DDYNASIO_DOCS_CLIENT_PROGRAM=\"\"" "${CASE}")
    execute_process(COMMAND ${command} -DDYNASIO_CONTROL RESULT_VARIABLE result ERROR_VARIABLE errors OUTPUT_QUIET)
    if(NOT result EQUAL 0)
        message(SEND_ERROR "${compiler}: must compile\n${errors}")
        continue()
    endif()
    if(sentence STREQUAL "")
        continue()
    endif()
    execute_process(COMMAND ${command} RESULT_VARIABLE result ERROR_VARIABLE errors OUTPUT_QUIET)
    if(result EQUAL 0)
        message(SEND_ERROR "${compiler}: compiles, expected: ${sentence}")
        continue()
    endif()
    string(REGEX MATCH "[^\n]*error:[^\n]*" error "${errors}")
    string(FIND "${error}" "${sentence}" at)
    if(at EQUAL -1)
        message(SEND_ERROR "${compiler}: expected: ${sentence}\nfirst error: ${error}")
    endif()
endforeach()
