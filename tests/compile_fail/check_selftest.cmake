# Shows that check.py tells a case that is refused as it says from one that is not, and that it compiles cases together.
# Variables: PYTHON, INCLUDE, PRELUDE, COMPILERS, WORK.
cmake_minimum_required(VERSION 3.25)

# `also` names the sentences of other errors.
function(write_case name mistake)
    cmake_parse_arguments(PARSE_ARGV 2 with "" "ALSO;CONTROL" "")
    set(text "// expect: dynasio: ${name} is wrong\n")
    if(with_ALSO)
        string(APPEND text "// also: dynasio: ${with_ALSO}\n")
    endif()
    string(APPEND text "#include \"model.hpp\"\n#ifndef DYNASIO_CONTROL\n${mistake}\n#else\n${with_CONTROL}\n#endif\n")
    file(WRITE "${WORK}/${name}.cpp" "${text}")
endfunction()

file(REMOVE_RECURSE "${WORK}")
write_case(refused "template <class T> constexpr bool check() { static_assert(sizeof(T) == 0, \"dynasio: refused is wrong\"); return true; }\nconstexpr bool checked = check<int>();")
# The header has the error, and a note alone names the case.
write_case(in_header "struct of_this_case {};\nconstexpr bool checked = check_in_header<of_this_case>();")
# A compiler tells the error of what both ask for to the first of them alone.
write_case(shared_first "constexpr bool checked = check_shared<int>();")
write_case(shared_second "constexpr bool checked = check_shared<int>();")
set(model [=[
#ifndef DYNASIO_TESTS_COMPILE_FAIL_SELFTEST_MODEL_HPP
#define DYNASIO_TESTS_COMPILE_FAIL_SELFTEST_MODEL_HPP
template <class T> constexpr bool check_in_header() {
    static_assert(sizeof(T) == 0, "dynasio: in_header is wrong");
    return true;
}
template <class T> constexpr bool check_shared() {
    static_assert(sizeof(T) == 0, "dynasio: shared_first is wrong, dynasio: shared_second is wrong");
    return true;
}
#endif
]=])
write_case(other "static_assert(false, \"another sentence\");\nstatic_assert(false, \"dynasio: other is wrong\");")
write_case(harmless "int harmless();")
write_case(broken "static_assert(false, \"dynasio: broken is wrong\");" CONTROL "int also(;")
write_case(with_both "static_assert(false, \"dynasio: with_both is wrong\");\nstatic_assert(false, \"dynasio: the second\");"
           ALSO "the second")
write_case(with_one "static_assert(false, \"dynasio: with_one is wrong\");" ALSO "the second")

set(options "")
foreach(compiler IN LISTS COMPILERS)
    list(APPEND options --compiler "${compiler}")
endforeach()
list(LENGTH COMPILERS compilers)
set(check "${PYTHON}" "${CMAKE_CURRENT_LIST_DIR}/check.py" --include "${INCLUDE}" --prelude "${PRELUDE}" ${options})

# Runs check.py on cases, in this order, and looks for expressions in what it says. STATUS: 0 when all have to pass.
function(expect status names)
    set(cases "")
    foreach(name IN LISTS names)
        list(APPEND cases "${WORK}/${name}.cpp")
    endforeach()
    execute_process(COMMAND ${check} ${cases} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
    foreach(expected IN LISTS ARGN)
        if(NOT output MATCHES "${expected}")
            message(SEND_ERROR "of ${names}, not found: ${expected}\n${output}")
        endif()
    endforeach()
    if((status EQUAL 0 AND NOT result EQUAL 0) OR (NOT status EQUAL 0 AND result EQUAL 0))
        message(SEND_ERROR "of ${names}, check.py ends with ${result}\n${output}")
    endif()
endfunction()

expect(1 "refused" "has no model.hpp")
file(WRITE "${WORK}/model.hpp" "${model}")
expect(0 "refused;in_header" "refused: refused as expected" "in_header: refused as expected"
       "2 cases, 0 compilations of one alone")
expect(0 "refused;shared_first;in_header;shared_second" "in_header: refused as expected"
       "shared_first: refused as expected" "shared_second: refused as expected"
       "4 cases, ${compilers} compilations of one alone")
# Of what is compiled alone, one compiler shows that it compiles without its mistake.
math(EXPR alone "1 + ${compilers}")
expect(0 "with_both" "with_both: refused as expected" "1 cases, ${alone} compilations of one alone")
expect(1 "refused;with_one" "refused: refused as expected" "with_one: [^\n]*expected among the errors: dynasio: the second"
       "2 cases, ${alone} compilations of one alone")
math(EXPR alone "2 * ${compilers}")
expect(1 "refused;other;harmless" "refused: refused as expected" "other: [^\n]*expected: dynasio: other is wrong"
       "harmless: [^\n]*the case compiles" "3 cases, ${alone} compilations of one alone")
expect(1 "refused;broken" "refused: refused as expected" "broken: [^\n]*without its mistake the case must compile"
       "2 cases, 2 compilations of one alone")
