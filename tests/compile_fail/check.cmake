# Compiles one case with each compiler: the first error must hold the sentence of the case's first line. With
# DYNASIO_CONTROL, which leaves the mistake out, it must compile, so that no case fails for another reason; one compiler
# is enough for that.
# Variables: CASE, COMPILERS (list), INCLUDE, PRELUDE (see precompile.cmake).
cmake_minimum_required(VERSION 3.25)

file(STRINGS "${CASE}" first LIMIT_COUNT 1 ENCODING UTF-8)
string(REPLACE "\\;" ";" first "${first}") # the line is a list of one
if(NOT first MATCHES "^// expect: (dynasio: .+)$")
    message(FATAL_ERROR "${CASE} does not say what to expect")
endif()
set(sentence "${CMAKE_MATCH_1}")

# compile(COMPILER [ARGUMENT...]) sets result and errors.
function(compile compiler)
    cmake_path(GET compiler FILENAME name)
    execute_process(COMMAND "${compiler}" -std=c++20 -fsyntax-only -I "${INCLUDE}" -include "${PRELUDE}/${name}/prelude.hpp" ${ARGN} "${CASE}"
        RESULT_VARIABLE result ERROR_VARIABLE errors OUTPUT_QUIET)
    return(PROPAGATE result errors)
endfunction()

list(GET COMPILERS -1 last)
compile("${last}" -DDYNASIO_CONTROL)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "${last}: without its mistake the case must compile\n${errors}")
endif()
foreach(compiler IN LISTS COMPILERS)
    compile("${compiler}")
    if(result EQUAL 0)
        message(SEND_ERROR "${compiler}: the case compiles, expected: ${sentence}")
        continue()
    endif()
    string(REGEX MATCH "[^\n]*error:[^\n]*" error "${errors}")
    string(FIND "${error}" "${sentence}" at)
    if(at EQUAL -1)
        message(SEND_ERROR "${compiler}: expected: ${sentence}\nfirst error: ${error}")
    endif()
endforeach()
