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

/// The memory of one answer: the bytes received, and the parsed head and body that refer to them.
struct answer_storage {
    std::vector<char> bytes{};
    response_head head{};
    std::string_view body{};
    /// The pool that the storage returns to; set while the storage is in use.
    boost::intrusive_ptr<storage_pool> owner{};
};

/// Keeps receive buffers between two uses. Their size is never reduced, so that reusing a buffer does not zero memory.
/// The number of buffers, the size of each and their total size are bounded, so that the memory of one huge answer, or
/// of many at once, is freed.
///
/// There are two sizes. An exchange whose answer may be small waits with a small buffer and moves to a large one when
/// the answer does not fit. With large buffers for all of many requests in flight, they would take megabytes and not
/// stay in the CPU's caches.
///
/// The reference count is not atomic: everything runs on one executor. The pool lives until its owner has released it
/// and the last answer has been returned.
class storage_pool : public boost::intrusive_ref_counter<storage_pool, boost::thread_unsafe_counter> {
public:
    /// Most single items fit. The size is not a multiple of a page, because buffers that begin at the same offset in
    /// their pages would compete for a few sets of the CPU's caches.
    static constexpr std::size_t small_size = 7'680;
    /// A body of this size fits a small buffer together with the head that DynamoDB sends (about 300 bytes).
    static constexpr std::size_t small_body = small_size - 1024;
    /// An answer of 40 KB fits.
    static constexpr std::size_t large_size = 64 * 1024;
    /// Largest buffer that is kept: one grown for a full page of a Query (1 MB) is kept, one for a full batch (16 MB)
    /// is freed.
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
