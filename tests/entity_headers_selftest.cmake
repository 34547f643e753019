# Checks entity_headers.cmake on a copy of the headers: as they are they pass; each planted inclusion is found and named.
#
# cmake -D COMPILER=<c++> -D INCLUDE=<folder that holds dynasio/> -D WORK=<scratch folder> -P entity_headers_selftest.cmake
cmake_minimum_required(VERSION 3.25)

function(check result output)
    execute_process(COMMAND "${CMAKE_COMMAND}" -D "COMPILER=${COMPILER}" -D "INCLUDE=${WORK}" -P "${CMAKE_CURRENT_LIST_DIR}/entity_headers.cmake"
        RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
    set(${result} "${status}" PARENT_SCOPE)
    set(${output} "${text}" PARENT_SCOPE)
endfunction()

function(expect_found header line sentence)
    file(READ "${WORK}/dynasio/orm/${header}" before)
    file(APPEND "${WORK}/dynasio/orm/${header}" "${line}\n")
    check(status text)
    file(WRITE "${WORK}/dynasio/orm/${header}" "${before}")
    if(status EQUAL 0)
        message(SEND_ERROR "not found: ${line} in ${header}")
    endif()
    string(REGEX REPLACE "[ \n]+" " " text "${text}") # CMake breaks lines
    string(FIND "${text}" "${sentence}" position)
    if(position EQUAL -1)
        message(SEND_ERROR "expected '${sentence}', the check says:\n${text}")
    endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
file(COPY "${INCLUDE}/dynasio" DESTINATION "${WORK}")
check(status text)
if(NOT status EQUAL 0)
    message(SEND_ERROR "the headers as they are do not pass:\n${text}")
endif()

# Headers of the kinds that must not come in, as small as they can be.
file(WRITE "${WORK}/boost/asio/planted.hpp" "")
file(WRITE "${WORK}/emmintrin.h" "")
file(WRITE "${WORK}/dynasio/dynamodb/detail/json_scan.hpp" "")
file(WRITE "${WORK}/dynasio/core/planted.hpp" "")
expect_found(handles.hpp "#include <boost/asio/planted.hpp>" "handles.hpp includes ${WORK}/boost/asio/planted.hpp")
expect_found(schema.hpp "#include <emmintrin.h>" "schema.hpp includes ${WORK}/emmintrin.h")
expect_found(handles.hpp "#include <dynasio/dynamodb/detail/json_scan.hpp>" "handles.hpp includes ${WORK}/dynasio/dynamodb/detail/json_scan.hpp")
expect_found(handles.hpp "#include <dynasio/core/planted.hpp>" "schema.hpp includes dynasio/core/planted.hpp, which is not in the list")
file(READ "${WORK}/dynasio/orm/schema.hpp" schema)
string(REPLACE "#include <dynasio/orm/handles.hpp>" "" schema "${schema}")
file(WRITE "${WORK}/dynasio/orm/schema.hpp" "${schema}")
expect_found(schema.hpp "" "schema.hpp no longer includes dynasio/orm/handles.hpp")
