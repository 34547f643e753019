#ifndef DYNASIO_TESTS_COMPILE_FAIL_COMPUTED_MODEL_HPP
#define DYNASIO_TESTS_COMPILE_FAIL_COMPUTED_MODEL_HPP

#include <dynasio/orm/schema.hpp>

#include <string>

// What the cases about computed<> are about; each has a schema of its own.
struct Thing {
    std::string id{};
    std::string name{};
    long count{};

    [[nodiscard]] std::string key_of_name() const { return name; }
    [[nodiscard]] std::string other() const { return name; }
};

#endif
