#ifndef DYNASIO_TESTS_COMPILE_FAIL_PERSON_MODEL_HPP
#define DYNASIO_TESTS_COMPILE_FAIL_PERSON_MODEL_HPP

#include "model.hpp"

/// Is linked to roles; each case says how.
struct Person {
    std::string id{};
    std::string city{};
    dynasio::belongs_to_many<Role> roles{};
};

#endif
