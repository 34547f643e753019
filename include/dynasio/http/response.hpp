#ifndef DYNASIO_HTTP_RESPONSE_HPP
#define DYNASIO_HTTP_RESPONSE_HPP

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace dynasio::http {

/// Status and the headers that dynasio reads. Other headers are checked for form and dropped.
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
struct answer_storage;
/// Returns the storage to its pool, if the pool still exists.
struct return_to_pool {
    void operator()(answer_storage* storage) const noexcept;
};
using answer_ptr = std::unique_ptr<answer_storage, return_to_pool>;
} // namespace detail

/// One complete answer. The views point into storage that the response owns; moving it keeps them valid. Destroying the
/// response returns the storage to the pool, if the pool still exists, so it must happen on the pool's executor.
class response {
public:
    response() = default;
    explicit response(detail::answer_ptr storage) noexcept : storage_(std::move(storage)) {}

    [[nodiscard]] unsigned status() const noexcept { return head().status; }
    [[nodiscard]] response_head const& head() const noexcept;
    [[nodiscard]] std::string_view body() const noexcept;

private:
    // The response is one pointer, because responses pass through the frames of several coroutines.
    detail::answer_ptr storage_{};
};

} // namespace dynasio::http

#endif
