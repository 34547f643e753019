# Checks readme_code.cmake on small READMEs made for it.
#
# cmake -D WORK=<scratch folder> -P readme_code_selftest.cmake
cmake_minimum_required(VERSION 3.25)

function(check expected readme)
    file(WRITE "${WORK}/README.md" "${readme}")
    execute_process(COMMAND "${CMAKE_COMMAND}" -D "ROOT=${WORK}" -P "${CMAKE_CURRENT_LIST_DIR}/readme_code.cmake"
        RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
    if(expected STREQUAL "")
        if(NOT status EQUAL 0)
            message(SEND_ERROR "a README in order does not pass:\n${readme}\n${text}")
        endif()
        return()
    endif()
    string(FIND "${text}" "${expected}" position)
    if(status EQUAL 0 OR position EQUAL -1)
        message(SEND_ERROR "expected '${expected}' for:\n${readme}\nthe check says (${status}):\n${text}")
    endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
set(code "int a[2]; // [x; y\n\n    f(\"\\\\n\");\n")
set(mark "<!-- examples/a.cpp -->\n")
file(WRITE "${WORK}/examples/a.cpp" "#include <x>\n//[readme\n${code}//]\nint rest;\n")
file(WRITE "${WORK}/examples/unmarked.cpp" "int a;\n")

check("" "# T [a; b\n${mark}```cpp\n${code}```\nafter\n")
check("" "${mark}```cpp\n${code}```\n${mark}```cpp\n${code}```\n")
check("other code than examples/a.cpp" "${mark}```cpp\n${code}int more;\n```\n")
check("other code than examples/a.cpp" "${mark}```cpp\n${code}```\n${mark}```cpp\nint a[2]\n```\n")
check("no code of an example" "# T\n```cpp\n${code}```\n")
check("not followed by" "${mark}\n```cpp\n${code}```\n")
check("does not exist" "<!-- examples/b.cpp -->\n```cpp\n${code}```\n")
check("no part between" "<!-- examples/unmarked.cpp -->\n```cpp\nint a;\n```\n")
