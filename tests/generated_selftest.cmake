# Checks that "generate.py --check" finds a generated file that was edited, one that is missing and one too many.
#
# cmake -D PYTHON=<python3> -D SOURCE=<the tree> -D WORK=<scratch folder> -P generated_selftest.cmake
cmake_minimum_required(VERSION 3.25)

set(model "tests/data/dynamodb/botocore/service-2.json")
set(client "include/dynasio/dynamodb/client.hpp")

function(generate result output)
    execute_process(COMMAND "${PYTHON}" -B "${SOURCE}/tools/service_model/generate.py" --root "${WORK}" ${ARGN}
        RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
    set(${result} "${status}" PARENT_SCOPE)
    set(${output} "${text}" PARENT_SCOPE)
endfunction()

function(expect_found path)
    generate(status text --check)
    string(FIND "${text}" "${path}" position)
    if(status EQUAL 0 OR position EQUAL -1)
        message(SEND_ERROR "not found: ${path}; the check says:\n${text}")
    endif()
    generate(status text)
    generate(status text --check)
    if(NOT status EQUAL 0)
        message(SEND_ERROR "not mended: ${path}:\n${text}")
    endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
foreach(path IN ITEMS "${model}" "${client}")
    get_filename_component(folder "${WORK}/${path}" DIRECTORY)
    file(COPY "${SOURCE}/${path}" DESTINATION "${folder}")
endforeach()
expect_found(include/dynasio/dynamodb/operations/get_item.hpp)
file(APPEND "${WORK}/include/dynasio/dynamodb/shapes/item.hpp" "\n")
expect_found(include/dynasio/dynamodb/shapes/item.hpp)
file(REMOVE "${WORK}/src/dynamodb/operation.cpp")
expect_found(src/dynamodb/operation.cpp)
file(WRITE "${WORK}/include/dynasio/dynamodb/operations/put_everything.hpp" "")
expect_found(include/dynasio/dynamodb/operations/put_everything.hpp)
file(READ "${WORK}/${client}" text)
string(REPLACE "dynamodb::get_item_request const&" "dynamodb::get_item_request" text "${text}")
file(WRITE "${WORK}/${client}" "${text}")
expect_found("${client}")
