#ifndef DYNASIO_TESTS_COMPILE_FAIL_UNIQUE_MODEL_HPP
#define DYNASIO_TESTS_COMPILE_FAIL_UNIQUE_MODEL_HPP

#include <dynasio/orm/schema.hpp>

#include <cstdint>
#include <string>
#include <vector>

// What the cases about unique<> are about; each has a schema of its own.
struct Thing {
    std::string id{};
    std::string name{};
    std::vector<std::string> words{};
    std::uint64_t count{};
    dynasio::epoch_seconds ends{};
};

#endif
