# Fails when a header that declares entities includes more than is written here. Every file of a program's model includes
# these headers: what they include is paid for in each of them.
#
# cmake -D COMPILER=<c++> -D INCLUDE=<folder that holds dynasio/> -P entity_headers.cmake
cmake_minimum_required(VERSION 3.25)

set(of_handles.hpp
    core/detail/never.hpp
    orm/handles.hpp)
set(of_schema.hpp
    core/clock.hpp
    core/detail/never.hpp
    core/epoch_time.hpp
    core/timestamp.hpp
    orm/detail/member_types.hpp
    orm/detail/reflect.hpp
    orm/detail/schema_option.hpp
    orm/handles.hpp
    orm/schema.hpp
    orm/stream_view.hpp)
set(of_rules.hpp
    ${of_schema.hpp}
    orm/detail/checks.hpp
    orm/detail/layout.hpp
    orm/hook_event.hpp
    orm/rules.hpp)
set(of_autosave.hpp
    ${of_schema.hpp}
    orm/autosave.hpp
    orm/detail/checks.hpp
    orm/detail/layout.hpp)
# Whatever brings them: Asio (or anything else of Boost), the JSON scanner, intrinsics.
set(forbidden "/boost/" "/json_scan\\.hpp$" "/[a-z]mmintrin\\.h$" "/arm_neon\\.h$")

cmake_path(ABSOLUTE_PATH INCLUDE NORMALIZE)
set(violations "")
foreach(header handles.hpp schema.hpp rules.hpp autosave.hpp)
    execute_process(COMMAND "${COMPILER}" -std=c++20 -M -x c++ -I "${INCLUDE}" "${INCLUDE}/dynasio/orm/${header}"
        RESULT_VARIABLE status OUTPUT_VARIABLE rule ERROR_VARIABLE errors)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "${header} does not compile:\n${errors}")
    endif()
    string(REGEX REPLACE "^[^:]*:" "" rule "${rule}")
    string(REGEX REPLACE "[ \t\r\n\\]+" ";" files "${rule}")
    set(own "")
    foreach(file IN LISTS files)
        if(file STREQUAL "")
            continue()
        endif()
        cmake_path(NORMAL_PATH file)
        string(FIND "${file}" "${INCLUDE}/dynasio/" at)
        if(at EQUAL 0)
            string(REPLACE "${INCLUDE}/dynasio/" "" inner "${file}")
            list(APPEND own "${inner}")
        endif()
        foreach(pattern IN LISTS forbidden)
            if(file MATCHES "${pattern}")
                string(APPEND violations "${header} includes ${file}\n")
            endif()
        endforeach()
    endforeach()
    list(SORT own)
    foreach(file IN LISTS own)
        if(NOT file IN_LIST of_${header})
            string(APPEND violations "${header} includes dynasio/${file}, which is not in the list\n")
        endif()
    endforeach()
    foreach(file IN LISTS of_${header})
        if(NOT file IN_LIST own)
            string(APPEND violations "${header} no longer includes dynasio/${file}; take it off the list\n")
        endif()
    endforeach()
endforeach()
if(violations)
    message(FATAL_ERROR "${violations}")
endif()
message("handles.hpp, schema.hpp, rules.hpp and autosave.hpp include what they may")
