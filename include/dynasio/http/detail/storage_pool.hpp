#ifndef DYNASIO_HTTP_DETAIL_STORAGE_POOL_HPP
#define DYNASIO_HTTP_DETAIL_STORAGE_POOL_HPP

#include <cstddef>
#include <vector>

namespace dynasio::http::detail {

/// Receive buffers between two uses. Their size is never reduced, so that using one again clears no memory.
/// Bounded three ways, so that neither one huge answer nor a burst of them stays in memory for ever.
class storage_pool {
public:
    /// A 40 KB answer arrives with one recv.
    static constexpr std::size_t initial_size = 64 * 1024;
    /// A full page of a Query (1 MB) is kept, a full batch (16 MB) is not.
    static constexpr std::size_t max_storage_size = 2 * 1024 * 1024;
    static constexpr std::size_t max_total_size = 16 * 1024 * 1024;

    explicit storage_pool(std::size_t max_count) : max_count_(max_count) { free_.reserve(max_count); }

    [[nodiscard]] std::vector<char> take() {
        if (free_.empty()) return std::vector<char>(initial_size);
        auto storage = std::move(free_.back());
        free_.pop_back();
        total_ -= storage.size();
        return storage;
    }

    void give_back(std::vector<char> storage) noexcept {
        if (storage.empty() || storage.size() > max_storage_size || free_.size() == max_count_ ||
            total_ + storage.size() > max_total_size)
            return;
        total_ += storage.size();
        free_.push_back(std::move(storage)); // reserved: does not allocate
    }

    [[nodiscard]] std::size_t count() const noexcept { return free_.size(); }
    [[nodiscard]] std::size_t total_size() const noexcept { return total_; }

private:
    std::vector<std::vector<char>> free_;
    std::size_t max_count_;
    std::size_t total_ = 0;
};

} // namespace dynasio::http::detail

#endif
