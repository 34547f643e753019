#include <dynasio/http/detail/storage_pool.hpp>
#include <dynasio/http/response.hpp>

#include <utility>

namespace dynasio::http {

namespace detail {

void return_to_pool::operator()(answer_storage* storage) const noexcept {
    std::unique_ptr<answer_storage> owned(storage);
    auto const pool = std::move(storage->owner); // keeps the pool alive for the call below
    if (pool) pool->give_back(std::move(owned));
}

} // namespace detail

response_head const& response::head() const noexcept {
    static constexpr response_head none{};
    return storage_ ? storage_->head : none;
}

std::string_view response::body() const noexcept { return storage_ ? storage_->body : std::string_view(); }

} // namespace dynasio::http
