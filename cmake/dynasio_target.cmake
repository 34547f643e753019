# Flags and helpers that every target of this tree shares.

function(dynasio_warnings target)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast)
    # g++ 12 sees overlapping copies in `"text" + string` when it optimises (GCC PR 105651).
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
        target_compile_options(${target} PRIVATE -Wno-restrict)
    endif()
    if(DYNASIO_WARNINGS_AS_ERRORS)
        target_compile_options(${target} PRIVATE -Werror)
    endif()
endfunction()

function(dynasio_sanitize target)
    if(DYNASIO_SANITIZE)
        target_compile_options(${target} PRIVATE -fsanitize=${DYNASIO_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
        # clang cannot assemble coroutines with the function-pointer check.
        if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND DYNASIO_SANITIZE MATCHES "undefined")
            target_compile_options(${target} PRIVATE -fno-sanitize=function)
        endif()
        target_link_options(${target} PRIVATE -fsanitize=${DYNASIO_SANITIZE})
    endif()
endfunction()

# dynasio_unity(target [SOURCE...]): with DYNASIO_UNITY several sources are compiled as one, but for those that are named,
# whose names meet those of others.
function(dynasio_unity target)
    if(DYNASIO_UNITY)
        set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 5)
        set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
        # Every type of an unnamed namespace is then one of an included file, and each source sees the names of those before it.
        target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage> -Wno-shadow)
    endif()
endfunction()

# Usage requirements of the public headers.
function(dynasio_interface target)
    target_compile_features(${target} PUBLIC cxx_std_20)
    target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
    target_link_libraries(${target} PUBLIC Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
endfunction()

# One layer: an object library.
function(dynasio_layer layer)
    set(target dynasio_${layer})
    add_library(${target} OBJECT ${ARGN})
    dynasio_interface(${target})
    dynasio_warnings(${target})
    if(NOT DYNASIO_UNITY STREQUAL "TESTS")
        dynasio_unity(${target})
    endif()
    dynasio_sanitize(${target})
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
endfunction()

# A program of this tree (test, example, benchmark).
function(dynasio_program target)
    add_executable(${target} ${ARGN})
    dynasio_warnings(${target})
    dynasio_sanitize(${target})
endfunction()
