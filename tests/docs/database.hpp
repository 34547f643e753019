#ifndef DYNASIO_TESTS_DOCS_DATABASE_HPP
#define DYNASIO_TESTS_DOCS_DATABASE_HPP

#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>

#include <dynasio/core/ulid.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>

#include "support/coroutine.hpp"

namespace guide {

/// A client on the server, and tables of these entities for one test.
template <class... Entities> class docs_database : public ::testing::Test {
protected:
    docs_database() : options_(options()), db_(ctx_, options_) {}
    void SetUp() override { run(dynasio::create_tables<Entities...>(db_)); }
    void TearDown() override { run(dynasio::drop_tables<Entities...>(db_)); }

    template <class T> T run(boost::asio::awaitable<T> op) { return dynasio::test::run(ctx_, std::move(op)); }
    template <class T> T saved(T entity) {
        run(dynasio::repository<T>(db_).save(entity));
        return entity;
    }
    /// What an operation prints.
    template <class T> std::string printed_by(boost::asio::awaitable<T> op) {
        ::testing::internal::CaptureStdout();
        run(std::move(op));
        return ::testing::internal::GetCapturedStdout();
    }

    static dynasio::client_options options() {
        // Skipping would look like passing.
        if (std::getenv("DYNAMODB_ENDPOINT") == nullptr)
            throw std::runtime_error("DYNAMODB_ENDPOINT is not set; scripts/test starts a server and sets it");
        dynasio::client_options o;
        o.table_prefix = "docs" + dynasio::ulid_generator().next() + ".";
        return o;
    }

    boost::asio::io_context ctx_;
    dynasio::client_options options_;
    dynasio::client db_;
};

} // namespace guide

#endif
