# Precompiles prelude.hpp with each compiler, for check.py.
# Variables: COMPILERS (list), INCLUDE, PRELUDE (the directory of what is made: a copy and its precompiled form for each).
cmake_minimum_required(VERSION 3.25)

foreach(compiler IN LISTS COMPILERS)
    cmake_path(GET compiler FILENAME name)
    set(header "${PRELUDE}/${name}/prelude.hpp")
    file(COPY "${CMAKE_CURRENT_LIST_DIR}/prelude.hpp" DESTINATION "${PRELUDE}/${name}")
    # Both compilers look for this name beside the header that is included.
    execute_process(COMMAND "${compiler}" -std=c++20 -I "${INCLUDE}" -x c++-header "${header}" -o "${header}.gch" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
