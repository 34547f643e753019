# No name of dynasio::dsl means something else when the namespaces below are opened beside it, or is the name of a global
# function or type of the system. The names are read from the headers, so that one that is added later is looked up too.
#
# cmake -D ROOT=<folder with dynasio/> -D "INCLUDE=<list>" -D "COMPILERS=<list>" -D WORK=<folder> -P collisions.cmake
cmake_minimum_required(VERSION 3.25)

file(GLOB_RECURSE headers RELATIVE "${ROOT}" "${ROOT}/dynasio/*.hpp")
set(names "")
set(includes "")
foreach(header IN LISTS headers)
    file(READ "${ROOT}/${header}" text)
    string(REGEX MATCHALL "namespace (dynasio::)?dsl {[^}]*}" blocks "${text}")
    string(REGEX MATCHALL "using dynasio::[a-zA-Z0-9_]+" found "${blocks}")
    if(found)
        list(APPEND names ${found})
        string(APPEND includes "#include <${header}>\n")
    endif()
endforeach()
list(TRANSFORM names REPLACE "using dynasio::" "")
list(REMOVE_DUPLICATES names)
if(NOT names)
    message(FATAL_ERROR "no header under ${ROOT} adds a name to dynasio::dsl")
endif()

set(source "${includes}
#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast.hpp>
#include <boost/beast/ssl.hpp>
#include <gtest/gtest.h>
#include <bits/stdc++.h>
#include <unistd.h>

namespace all_opened {
using namespace dynasio::dsl;
using namespace boost::asio;
using namespace boost::asio::experimental;
using namespace boost::asio::ip;
using namespace boost::asio::ssl;
using namespace boost::beast;
using namespace boost::beast::websocket;
using namespace boost::system;
using namespace std;
using namespace std::chrono;
using namespace std::filesystem;
using namespace std::literals;
using namespace std::ranges;
using namespace testing;
}
")
foreach(name IN LISTS names)
    # The first is refused when several namespaces have the name, the second when the global one has it.
    string(APPEND source "namespace one_meaning { using all_opened::${name}; }\nusing dynasio::dsl::${name};\n")
endforeach()
file(WRITE "${WORK}/names.cpp" "${source}")

list(TRANSFORM INCLUDE PREPEND "-I" OUTPUT_VARIABLE include)
foreach(compiler IN LISTS COMPILERS)
    execute_process(COMMAND "${CMAKE_COMMAND}" -E env LC_ALL=C "${compiler}" -std=c++20 -fsyntax-only "-I${ROOT}" ${include} "${WORK}/names.cpp"
        RESULT_VARIABLE result ERROR_VARIABLE errors OUTPUT_QUIET)
    if(NOT result EQUAL 0)
        message(SEND_ERROR "${compiler}: a name of dynasio::dsl has another meaning\n${errors}")
    endif()
endforeach()
list(LENGTH names count)
message("${count} names of dynasio::dsl have one meaning")
