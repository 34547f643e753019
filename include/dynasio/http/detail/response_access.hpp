#ifndef DYNASIO_HTTP_DETAIL_RESPONSE_ACCESS_HPP
#define DYNASIO_HTTP_DETAIL_RESPONSE_ACCESS_HPP

#include <dynasio/http/response.hpp>

#include <utility>

namespace dynasio::http {

/// Makes responses: for the reader, and for tests of what consumes them.
class response_access {
public:
    /// The views in `head` and `body` point into `storage`.
    [[nodiscard]] static response make(response_head const& head, std::string_view body, std::vector<char> storage,
                                       std::weak_ptr<detail::storage_pool> owner) {
        response result;
        result.head_ = head;
        result.body_ = body;
        result.storage_ = std::move(storage);
        result.owner_ = std::move(owner);
        return result;
    }
};

} // namespace dynasio::http

#endif
