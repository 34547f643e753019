#ifndef DYNASIO_TESTS_COMPILE_FAIL_OWNER_SIDE_MODEL_HPP
#define DYNASIO_TESTS_COMPILE_FAIL_OWNER_SIDE_MODEL_HPP

#include "sides_model.hpp"

// For cases about the side of Thing.
constexpr auto dynasio_schema(dynasio::tag<Owner>) {
    using namespace dynasio;
    return entity<Owner>(partition_key<&Owner::id>, gsi<&Owner::email>{"by_email"},
                         relate<&Owner::things>(by<&Thing::owner_id>), relate<&Owner::others>(by<&Thing::other_id>));
}

#endif
