#ifndef DYNASIO_HTTP_RESPONSE_HPP
#define DYNASIO_HTTP_RESPONSE_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dynasio::http {

/// The names of the answer's headers that dynasio reads; other headers are checked for form and dropped.
struct response_head {
    unsigned status = 0;
    std::optional<std::uint32_t> crc32{}; ///< x-amz-crc32
    std::string_view request_id{};        ///< x-amzn-RequestId
    std::string_view error_type{};        ///< X-Amzn-Errortype
    std::string_view retry_after{};       ///< x-amz-retry-after
    std::string_view date{};              ///< Date
    std::string_view content_type{};
    std::string_view content_encoding{};
};

namespace detail {
class storage_pool;
}

/// One complete answer. The views point into storage that the response owns; moving it keeps them valid.
/// Destroying it hands the storage back to the pool, if the pool is still there: do that on the pool's executor.
class response {
public:
    response() = default;
    response(response&&) noexcept;
    response& operator=(response&&) noexcept;
    ~response();

    [[nodiscard]] unsigned status() const noexcept { return head_.status; }
    [[nodiscard]] response_head const& head() const noexcept { return head_; }
    [[nodiscard]] std::string_view body() const noexcept { return body_; }

private:
    friend class response_access;
    void give_back() noexcept;

    response_head head_{};
    std::string_view body_{};
    std::vector<char> storage_{};
    std::weak_ptr<detail::storage_pool> owner_{};
};

} // namespace dynasio::http

#endif
