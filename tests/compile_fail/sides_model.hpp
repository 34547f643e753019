#ifndef DYNASIO_TESTS_COMPILE_FAIL_SIDES_MODEL_HPP
#define DYNASIO_TESTS_COMPILE_FAIL_SIDES_MODEL_HPP

#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/schema.hpp>

#include <string>

// The two sides that the cases about references<> and inverse_of<> are about. Thing has a schema in each case.
struct Thing;
struct Owner {
    std::string id{};
    std::string email{};
    std::string name{};
    dynasio::has_many<Thing> things{};
    dynasio::has_many<Thing> others{};
};
struct Thing {
    std::string id{};
    std::string owner_id{};
    std::string other_id{};
    dynasio::belongs_to<Owner> owner{};
};

#endif
