# A name that std has as well, and one that the system has as a global function, are found.
# Variables: INCLUDE (list), COMPILERS (list), WORK.
cmake_minimum_required(VERSION 3.25)

function(expect_found case header sentence)
    file(WRITE "${WORK}/${case}/include/dynasio/added.hpp" "${header}")
    execute_process(COMMAND "${CMAKE_COMMAND}" -D "ROOT=${WORK}/${case}/include" -D "INCLUDE=${INCLUDE}" -D "COMPILERS=${COMPILERS}"
        -D "WORK=${WORK}/${case}" -P "${CMAKE_CURRENT_LIST_DIR}/collisions.cmake"
        RESULT_VARIABLE result ERROR_VARIABLE errors OUTPUT_QUIET)
    string(REGEX REPLACE "[ \n]+" " " errors "${errors}") # messages of CMake are wrapped
    if(result EQUAL 0)
        message(SEND_ERROR "${case} is not found")
    elseif(NOT errors MATCHES "${sentence}")
        message(SEND_ERROR "${case} is found for another reason:\n${errors}")
    endif()
endfunction()

expect_found(name_of_std "
namespace dynasio { enum class errc { some }; }
namespace dynasio::dsl {
using dynasio::errc;
}
" "reference to 'errc' is ambiguous")
expect_found(name_of_a_global_function "
namespace dynasio { inline constexpr int unlink = 1; }
namespace dynasio::dsl {
using dynasio::unlink;
}
" "conflicts")
expect_found(no_name_at_all "namespace dynasio::dsl {}
" "no header under")
