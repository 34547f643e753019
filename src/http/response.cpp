#include <dynasio/http/detail/storage_pool.hpp>
#include <dynasio/http/response.hpp>

#include <utility>

namespace dynasio::http {

response::response(response&& other) noexcept
    : head_(std::exchange(other.head_, {})), body_(std::exchange(other.body_, {})),
      storage_(std::exchange(other.storage_, {})), owner_(std::move(other.owner_)) {}

response& response::operator=(response&& other) noexcept {
    if (this == &other) return *this;
    give_back();
    head_ = std::exchange(other.head_, {});
    body_ = std::exchange(other.body_, {});
    storage_ = std::exchange(other.storage_, {});
    owner_ = std::move(other.owner_);
    return *this;
}

response::~response() { give_back(); }

void response::give_back() noexcept {
    if (storage_.empty()) return;
    if (auto const owner = owner_.lock()) owner->give_back(std::move(storage_));
}

} // namespace dynasio::http
