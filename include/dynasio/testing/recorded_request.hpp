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

/// One request as the fault endpoint received it, and what it did with it.
struct recorded_request {
    using clock = std::chrono::steady_clock;

    std::size_t number{};    ///< 0 for the first request of the endpoint; `clear()` does not start again.
    std::string method{};    ///< "POST"
    std::string target{};    ///< "/"
    std::string operation{}; ///< "BatchGetItem", from X-Amz-Target; empty without that header.
    /// Tables that the request names, each once, in the order of the body.
    std::vector<std::string> tables{};
    /// Canonical JSON of what is addressed, in the order of the body: the key where the request has one, the whole item
    /// for puts. Attributes are sorted by name, without white space, numbers in their one spelling:
    /// `{"id":{"S":"u-7"},"n":{"N":"10"}}`.
    std::vector<std::string> keys{};
    std::string index{}; ///< IndexName
    std::string body{};
    bool authorized{}; ///< There was an Authorization header. Nobody checked it.
    /// Headers as received, less Authorization and X-Amz-Security-Token: records end up in logs.
    std::vector<std::pair<std::string, std::string>> headers{};

    clock::time_point started{}; ///< The request had arrived completely.
    /// Just before the answer (or what is sent instead of it) was written, so it is there before a client has the
    /// answer.
    std::optional<clock::time_point> finished{};
    std::size_t in_flight{}; ///< Requests that were started and not finished at `started`, this one included.
    unsigned status{};       ///< HTTP status answered; 0 while not finished and for a request that got no answer.
    std::string fault{};     ///< What a rule, or a failure of the upstream, did; empty when the request was passed on.
    bool forwarded{};        ///< The request, or a part of it, was sent to the upstream.

    /// First header of that name (ASCII case ignored); empty when there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
    [[nodiscard]] bool names_table(std::string_view table) const noexcept;
};

/// A question about a recorded request; `match` is one too.
using request_predicate = std::function<bool(recorded_request const&)>;

} // namespace dynasio::testing

#endif
