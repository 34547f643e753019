#ifndef DYNASIO_TESTS_DOCS_REQUEST_METER_HPP
#define DYNASIO_TESTS_DOCS_REQUEST_METER_HPP

#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/request_counts.hpp>

#include <cstddef>
#include <string>

namespace guide {

/// Says what a client has sent: the pages state the cost of operations in requests, and tests hold them to it.
class request_meter {
public:
    explicit request_meter(dynasio::client const& db) : db_(db), before_(db.requests()) {}

    /// The requests since the meter was made or asked last, in the order of their names: "BatchGetItem 1, Query 2".
    std::string sent() {
        auto const& now = db_.requests();
        std::string text;
        for (std::size_t i = 0; i < dynasio::dynamodb::operation_count; ++i) {
            auto const op = static_cast<dynasio::dynamodb::operation>(i);
            if (now[op] == before_[op]) continue;
            if (!text.empty()) text += ", ";
            text += std::string(to_string(op)) + ' ' + std::to_string(now[op] - before_[op]);
        }
        before_ = now;
        return text;
    }

private:
    dynasio::client const& db_;
    dynasio::dynamodb::request_counts before_;
};

} // namespace guide

#endif
