# Checks check_docs.cmake on small pages made for it.
#
# cmake -D WORK=<scratch folder> -P check_docs_selftest.cmake
cmake_minimum_required(VERSION 3.25)

function(check expected page)
    file(WRITE "${WORK}/docs/features.md" "${page}")
    execute_process(COMMAND "${CMAKE_COMMAND}" -D "ROOT=${WORK}" -P "${CMAKE_CURRENT_LIST_DIR}/check_docs.cmake"
        RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
    # A message is wrapped where its line is long.
    string(REGEX REPLACE "[ \n]+" " " text "${text}")
    if(expected STREQUAL "")
        if(NOT status EQUAL 0)
            message(SEND_ERROR "a page in order does not pass:\n${page}\n${text}")
        endif()
        return()
    endif()
    string(FIND "${text}" "${expected}" position)
    if(status EQUAL 0 OR position EQUAL -1)
        message(SEND_ERROR "expected '${expected}' for:\n${page}\nthe check says (${status}):\n${text}")
    endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
set(code "int a[2]; // [x; y\n\n    f(\"\\\\n\");\n")
set(indented "    int b;\n\n        g();\n")
file(WRITE "${WORK}/a.cpp" "#include <x>\n//[one\n${code}//]\nint rest;\n    //[two\n${indented}    //]\n//[open\nint c;\n")
set(good "<!-- a.cpp#one -->\n```cpp\n${code}```\n")

check("" "# T [a; b\n${good}after [a link](../a.cpp#L1) and [another](https://host/x)\n")
check("" "${good}${good}<!-- a.cpp#two -->\n```cpp\nint b;\n\n    g();\n```\n")
check("" "${good}```sh\nls\n```\n`[no](link)`\n")
check("other code than a.cpp#one" "<!-- a.cpp#one -->\n```cpp\n${code}int more;\n```\n")
check("other code than a.cpp#two" "${good}<!-- a.cpp#two -->\n```cpp\n${indented}```\n")
check("does not say where it is compiled" "${good}```cpp\n${code}```\n")
check("does not say where it is compiled" "<!-- a.cpp#one -->\n\n```cpp\n${code}```\n")
check("but no part of it" "<!-- a.cpp -->\n```cpp\n${code}```\n")
check("which does not exist" "<!-- b.cpp#one -->\n```cpp\n${code}```\n")
check("has no part //[three" "<!-- a.cpp#three -->\n```cpp\n${code}```\n")
check("has no end" "<!-- a.cpp#open -->\n```cpp\nint c;\n```\n")
check("links to missing.md" "${good}[a](missing.md)\n")
check("no page shows any code" "# T\n")

file(WRITE "${WORK}/tests/unit/a_test.cpp" "TEST_F(suite, does_it) {}\n")
file(WRITE "${WORK}/tests/compile_fail/mistake.cpp" "int a;\n")
check("" "${good}`core.suite.does_it`, `compile_fail.mistake`, `core.suite.*`\n")
check("names the test `core.suite.does`" "${good}`core.suite.does`\n")
check("names the test `compile_fail.other`" "${good}`compile_fail.other`\n")
