#ifndef DYNASIO_HTTP_DETAIL_STORAGE_POOL_HPP
#define DYNASIO_HTTP_DETAIL_STORAGE_POOL_HPP

#include <dynasio/http/response.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace dynasio::http::detail {

class storage_pool;

/// Where an answer lies: the bytes received, and what they mean.
struct answer_storage {
    std::vector<char> bytes{};
    response_head head{};
    std::string_view body{};
    /// While it is in use; empty when nobody waits for it.
    boost::intrusive_ptr<storage_pool> owner{};
};

/// Receive buffers between two uses. Their size is never reduced, so that using one again clears no memory.
/// Bounded three ways, so that neither one huge answer nor a burst of them stays in memory for ever.
///
/// There are two sizes. Whatever waits for an answer that may be small has a small one, and moves to a large one when
/// the answer turns out not to fit: with many requests in flight, large ones for all of them would be megabytes that no
/// cache holds.
///
/// Counted without atomic operations: everything runs on one executor. Lives until its owner has let go of it and the
/// last answer is back.
class storage_pool : public boost::intrusive_ref_counter<storage_pool, boost::thread_unsafe_counter> {
public:
    /// Most single items fit. No multiple of a page: buffers that begin at the same place of their pages would share a
    /// few sets of the caches.
    static constexpr std::size_t small_size = 7'680;
    /// A body of this size fits, with the head that DynamoDB sends (some 300 bytes).
    static constexpr std::size_t small_body = small_size - 1024;
    /// A 40 KB answer fits.
    static constexpr std::size_t large_size = 64 * 1024;
    /// A full page of a Query (1 MB) is kept, a full batch (16 MB) is not.
    static constexpr std::size_t max_storage_size = 2 * 1024 * 1024;
    static constexpr std::size_t max_total_size = 16 * 1024 * 1024;

    /// At most `max_count` of each size are kept.
    explicit storage_pool(std::size_t max_count) : max_count_(max_count) {
        small_.reserve(max_count);
        large_.reserve(max_count);
    }

    [[nodiscard]] answer_ptr take_small() { return take(small_, small_size); }
    [[nodiscard]] answer_ptr take_large() { return take(large_, large_size); }

    void give_back(std::unique_ptr<answer_storage> storage) noexcept {
        storage->owner.reset();
        auto const size = storage->bytes.size();
        auto& free = size < large_size ? small_ : large_;
        if (size == 0 || size > max_storage_size || free.size() == max_count_ || total_ + size > max_total_size) return;
        total_ += size;
        free.push_back(std::move(storage)); // reserved: does not allocate
    }

    [[nodiscard]] std::size_t count() const noexcept { return small_.size() + large_.size(); }
    [[nodiscard]] std::size_t total_size() const noexcept { return total_; }

private:
    using list = std::vector<std::unique_ptr<answer_storage>>;

    [[nodiscard]] answer_ptr take(list& free, std::size_t size) {
        if (free.empty()) {
            auto made = std::make_unique<answer_storage>();
            made->bytes.resize(size);
            made->owner = this;
            return answer_ptr(made.release());
        }
        answer_ptr taken(free.back().release());
        free.pop_back();
        taken->owner = this;
        total_ -= taken->bytes.size();
        return taken;
    }

    list small_;
    list large_;
    std::size_t max_count_;
    std::size_t total_ = 0;
};

} // namespace dynasio::http::detail

#endif
