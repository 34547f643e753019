# Uses dynasio as its users do, see CMakeLists.txt here.
#
# cmake -D MODE=find_package|add_subdirectory -D SOURCE=<project> -D BUILD=<its build tree> -D WORK=<scratch folder>
#       [-D OPTIONS=<cache settings, separated by |>] -P check.cmake
cmake_minimum_required(VERSION 3.25)

function(step)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "failed (${status}): ${ARGN}")
    endif()
endfunction()

string(REPLACE "|" ";" options "${OPTIONS}")
file(REMOVE_RECURSE "${WORK}")
set(configure "${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}" -B "${WORK}/build" -G Ninja ${options})

if(MODE STREQUAL "find_package")
    step("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${WORK}/prefix")
    # Elsewhere than where it was installed: a package must not remember its prefix, nor the tree it was built in.
    file(RENAME "${WORK}/prefix" "${WORK}/moved")
    file(GLOB_RECURSE package "${WORK}/moved/*.cmake")
    foreach(file IN LISTS package)
        file(STRINGS "${file}" remembered REGEX "${SOURCE}")
        if(remembered)
            message(FATAL_ERROR "${file} names the source tree: ${remembered}")
        endif()
    endforeach()
    foreach(page IN ITEMS README.md CHANGELOG.md docs/orm.md docs/entities.md docs/queries.md docs/writing.md docs/relations.md docs/tables.md
                 docs/tables_of_others.md docs/client.md docs/testing.md)
        file(GLOB installed "${WORK}/moved/share/doc/dynasio/${page}")
        if(NOT installed)
            message(FATAL_ERROR "the page ${page} was not installed")
        endif()
    endforeach()
    step(${configure} -D "CMAKE_PREFIX_PATH=${WORK}/moved")
    step("${CMAKE_COMMAND}" --build "${WORK}/build")
    step("${WORK}/build/consumer")
    step("${CMAKE_CTEST_COMMAND}" --test-dir "${WORK}/build" --output-on-failure --no-tests=error)
    step("${WORK}/moved/bin/dynasio-fault-proxy" --version)
elseif(MODE STREQUAL "add_subdirectory")
    # Users of a subdirectory need not have what only our tests need.
    step(${configure} -D "CONSUMER_DYNASIO_SOURCE=${SOURCE}" -D CMAKE_DISABLE_FIND_PACKAGE_GTest=ON)
    # The object, not the program: linking it would compile the whole library once more, with nothing new to learn.
    step("${CMAKE_COMMAND}" --build "${WORK}/build" --target CMakeFiles/consumer.dir/main.cpp.o)
else()
    message(FATAL_ERROR "MODE is find_package or add_subdirectory")
endif()
