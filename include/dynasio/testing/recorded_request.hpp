#ifndef DYNASIO_TESTING_RECORDED_REQUEST_HPP
#define DYNASIO_TESTING_RECORDED_REQUEST_HPP

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dynasio::testing {

/// One request as the fault endpoint received it, and how the endpoint handled it.
struct recorded_request {
    using clock = std::chrono::steady_clock;

    std::size_t number{};    ///< 0 for the endpoint's first request; `clear()` does not reset it.
    std::string method{};    ///< "POST"
    std::string target{};    ///< "/"
    std::string operation{}; ///< "BatchGetItem", from X-Amz-Target; empty without that header.
    /// Tables that the request names, each once, in the order of the body.
    std::vector<std::string> tables{};
    /// Canonical JSON of the addressed keys, in the order of the body; for puts, the whole item. Attributes are sorted
    /// by name, without white space, and numbers have their canonical form: `{"id":{"S":"u-7"},"n":{"N":"10"}}`.
    std::vector<std::string> keys{};
    std::string index{}; ///< IndexName
    std::string body{};
    bool authorized{}; ///< Whether there was an Authorization header; it is not verified.
    /// Headers as received, without Authorization and X-Amz-Security-Token, because records may be logged.
    std::vector<std::pair<std::string, std::string>> headers{};

    clock::time_point started{}; ///< When the request had arrived completely.
    /// The time just before the answer (or what is sent in its place) was written, so that it is set before a client
    /// has the answer.
    std::optional<clock::time_point> finished{};
    std::size_t in_flight{}; ///< Requests that were in flight at `started`, this one included.
    unsigned status{};       ///< HTTP status of the answer; 0 while unfinished and without an answer.
    std::string fault{};     ///< The effect of a rule or failure of the upstream; empty if there was none.
    bool forwarded{};        ///< Whether the request, or a part of it, was sent to the upstream.

    /// Value of the first header of that name (ASCII case is ignored); empty when there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
    [[nodiscard]] bool names_table(std::string_view table) const noexcept;
};

/// A predicate on a recorded request. A `match` can be used as one.
using request_predicate = std::function<bool(recorded_request const&)>;

} // namespace dynasio::testing

#endif
