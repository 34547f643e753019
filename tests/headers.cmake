# Each header under include/ compiles alone: one generated source for each, which includes nothing else.
file(GLOB_RECURSE headers RELATIVE "${PROJECT_SOURCE_DIR}/include" CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/dynasio/*.hpp")
if(NOT DYNASIO_BUILD_YAML)
    list(FILTER headers EXCLUDE REGEX "^dynasio/yaml/")
endif()
set(sources "")
foreach(header IN LISTS headers)
    string(REGEX REPLACE "\\.hpp$" ".cpp" source "${CMAKE_CURRENT_BINARY_DIR}/headers/${header}")
    # Twice: the include guard works, too.
    file(CONFIGURE OUTPUT "${source}" CONTENT "#include <${header}>\n#include <${header}>\n")
    list(APPEND sources "${source}")
endforeach()
# And code that needs few of them.
file(GLOB small CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/headers/*.cpp")
add_library(dynasio_headers_compile_alone OBJECT ${sources} ${small})
dynasio_interface(dynasio_headers_compile_alone)
dynasio_warnings(dynasio_headers_compile_alone)
# Real objects, not -fsyntax-only: without an output each build would compile all of them again.
target_compile_options(dynasio_headers_compile_alone PRIVATE -O0 -g0)
