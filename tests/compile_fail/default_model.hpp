#ifndef DYNASIO_TESTS_COMPILE_FAIL_DEFAULT_MODEL_HPP
#define DYNASIO_TESTS_COMPILE_FAIL_DEFAULT_MODEL_HPP

#include <dynasio/orm/schema.hpp>

#include <string>

// What the cases about default_value<> are about; each has a schema of its own.
struct Thing {
    std::string id{};
    std::string name{};
    dynasio::timestamp made{};
};

#endif
