#ifndef DYNASIO_DYNAMODB_PAGES_HPP
#define DYNASIO_DYNAMODB_PAGES_HPP

#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/detail/pagination.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace dynasio::dynamodb {

/// The requests that are answered in pages: query_request, scan_request, execute_statement_request (a SELECT) and those
/// of the List… operations.
template <class Request>
concept paginated = requires { sizeof(detail::pagination<Request>); };

namespace detail {

/// Makes `request` ask for the page after `response`; returns false when there is none. Throws
/// errc::malformed_response, and leaves `request` unchanged, when the next page is the same as the present one, which
/// would never end.
template <paginated Request> bool advance(Request& request, typename Request::response_type const& response) {
    auto const& next = pagination<Request>::next_start(response);
    auto& start = pagination<Request>::start(request);
    if (!next || next->empty()) return false;
    if (start && *start == *next) {
        diagnostics d;
        d.operation = to_string(Request::op);
        d.message = "the answer to a page names that same page as the next one: report it to who runs the endpoint";
        throw_error(errc::malformed_response, std::move(d));
    }
    auto copy = next;
    start = std::move(copy);
    return true;
}

/// Whether a next() of a stream is running. A second one at the same time is refused, because it would get pages twice
/// or not at all. A copy of a stream starts without a running next().
class turn {
public:
    turn() = default;
    turn(turn const&) noexcept {}
    turn& operator=(turn const&) noexcept { return *this; }
    ~turn() = default;

    /// Holds the turn for its lifetime. Throws errc::invalid_argument when the turn is already held.
    class held {
    public:
        held(turn& t, std::string_view operation) : turn_(t) {
            if (t.taken_) refuse(operation);
            t.taken_ = true;
        }
        ~held() { turn_.taken_ = false; }
        held(held const&) = delete;
        held& operator=(held const&) = delete;

    private:
        turn& turn_;
    };

private:
    [[noreturn]] static void refuse(std::string_view operation) {
        diagnostics d;
        d.operation = operation;
        d.message = "one next() at a time: another one of this stream has not completed";
        throw_error(errc::invalid_argument, std::move(d));
    }
    bool taken_ = false;
};

} // namespace detail

/// The pages of one request, one after the other:
///
///     auto found = dynamodb::pages(db, request);
///     for (;;) {
///         auto const page = co_await found.next();
///         if (!page) break;
///         …
///     }
///
/// Owns a copy of the client (which is a handle) and of the request. Each page is one call of the service to which
/// `options` apply: time-outs are per page, and call_options::report() gives the cost of the last page.
template <paginated Request> class page_stream {
public:
    using response_type = typename Request::response_type;

    page_stream(client db, Request request, call_options options = {})
        : db_(std::move(db)), request_(std::move(request)), options_(options) {}

    /// The next page, nothing after the last one. A page may be empty although more follow.
    ///
    /// Only one next() may run at a time (a second one is errc::invalid_argument). The stream must not be destroyed or
    /// moved before next() has completed, and must be destroyed before the client's io_context. Executor, cancellation
    /// and errors are those of the operation. After an error or a cancellation the stream is unchanged: the next call
    /// asks for the same page, so that no page is lost or seen twice. Throws errc::malformed_response also when the
    /// service gives the same next page twice in a row, which would never end.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::optional<response_type>>
    next() {
        detail::turn::held const mine(turn_, to_string(Request::op));
        if (done_) co_return std::nullopt;
        auto sending = detail::pagination<Request>::send(db_, request_, options_);
        response_type response = co_await std::move(sending);
        done_ = !detail::advance(request_, response);
        co_return std::optional<response_type>(std::move(response));
    }

    /// Whether the last page has been answered.
    [[nodiscard]] bool done() const noexcept { return done_; }
    /// The request for the page that next() reads. If it is stored, a stream made from it later continues there (unless
    /// done()).
    [[nodiscard]] Request const& request() const noexcept { return request_; }

private:
    client db_;
    Request request_;
    call_options options_;
    bool done_ = false;
    detail::turn turn_{};
};

/// The pages from the one that `request` asks for.
template <paginated Request>
[[nodiscard]] page_stream<Request> pages(client const& db, Request request, call_options options = {}) {
    return page_stream<Request>(db, std::move(request), options);
}

/// The elements of the pages, one by one: items of a query, a scan or a SELECT, names of tables, and so on. The rules
/// of page_stream apply. A page is read when all elements of the previous one have been returned.
template <paginated Request> class element_stream {
    using vector_type = typename std::remove_cvref_t<decltype(detail::pagination<Request>::elements(
        std::declval<typename Request::response_type&>()))>::value_type;

public:
    using value_type = typename vector_type::value_type;

    element_stream(client db, Request request, call_options options = {})
        : pages_(std::move(db), std::move(request), options) {}

    /// The next element, nothing after the last one. An error loses no element: see page_stream::next().
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::optional<value_type>>
    next() {
        detail::turn::held const mine(turn_, to_string(Request::op));
        while (at_ == held_.size()) {
            auto asking = pages_.next();
            std::optional<typename Request::response_type> page = co_await std::move(asking);
            if (!page) co_return std::nullopt;
            auto& elements = detail::pagination<Request>::elements(*page);
            held_ = elements ? std::move(*elements) : vector_type();
            at_ = 0;
        }
        co_return std::optional<value_type>(std::move(held_[at_++]));
    }

private:
    page_stream<Request> pages_;
    vector_type held_{};
    std::size_t at_ = 0;
    detail::turn turn_{};
};

/// The elements of the pages of `request`, one by one.
template <paginated Request>
[[nodiscard]] element_stream<Request> elements(client const& db, Request request, call_options options = {}) {
    return element_stream<Request>(db, std::move(request), options);
}

/// A scan in `count` parts that together return every item once. The parts can be read at the same time, with one
/// coroutine for each stream. More than about one part for every 2 GB of the table brings no gain.
///
/// Throws errc::invalid_argument unless `count` is 1 to 1,000,000 and `request` has neither segment, nor
/// total_segments, nor exclusive_start_key.
template <std::same_as<scan_request> Request>
[[nodiscard]] std::vector<page_stream<Request>> scan_segments(client const& db, Request const& request,
                                                              std::int32_t count, call_options options = {}) {
    constexpr std::int32_t most = 1'000'000;
    if (count < 1 || count > most || request.segment || request.total_segments || request.exclusive_start_key) {
        diagnostics d;
        d.operation = to_string(Request::op);
        d.table = request.table_name;
        d.message = "a scan is divided into 1 to 1,000,000 parts, and only one that starts at the beginning: leave out "
                    "segment, total_segments and exclusive_start_key";
        throw_error(errc::invalid_argument, std::move(d));
    }
    std::vector<page_stream<Request>> out;
    out.reserve(static_cast<std::size_t>(count));
    for (std::int32_t i = 0; i < count; ++i) {
        Request part = request;
        part.segment = i;
        part.total_segments = count;
        out.emplace_back(db, std::move(part), options);
    }
    return out;
}

} // namespace dynasio::dynamodb

#endif
