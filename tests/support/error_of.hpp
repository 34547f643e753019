#ifndef DYNASIO_TESTS_SUPPORT_ERROR_OF_HPP
#define DYNASIO_TESTS_SUPPORT_ERROR_OF_HPP

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

namespace dynasio::test {

/// The error that `action()` throws; a failure of the test when it throws none.
template <class Action> error error_of(Action action) {
    try {
        action();
    } catch (error const& e) {
        return e;
    }
    ADD_FAILURE() << "nothing was thrown";
    return error(errc::invalid_argument, {});
}

} // namespace dynasio::test

#endif
