#ifndef DYNASIO_SRC_ORM_TYPE_BAD_ITEM_FILTER_HPP
#define DYNASIO_SRC_ORM_TYPE_BAD_ITEM_FILTER_HPP

#include <dynasio/orm/bad_item.hpp>

#include <dynasio/dynamodb/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace dynasio::detail {

/// Leaves out items that cannot be read, if the caller wants that.
class bad_item_filter {
public:
    explicit bad_item_filter(bad_item_policy policy = {}) noexcept : policy_(policy) {}

    [[nodiscard]] bool are_left_out() const noexcept { return policy_.leave_out; }
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

    /// For a page that is read a second time: forgets what was left out since `mark`, which is an earlier count().
    void forget_since(std::uint64_t mark) {
        for (; count_ > mark; --count_)
            if (policy_.into != nullptr) policy_.into->pop_back();
    }

    /// Passes the next item of `in` to `read(json_reader&)`. When read() throws dynasio::error and bad items are left
    /// out, `in` stands behind the item, `forget(error)` removes what was read of it and completes the error's
    /// context, and the result is false. `forget` returns the error, or throws it when the item cannot be left out.
    template <class Read, class Forget>
    [[nodiscard]] bool read_or_leave_out(dynamodb::json_reader& in, Read const& read, Forget const& forget) {
        if (!policy_.leave_out) {
            read(in);
            return true;
        }
        // What the reader looks at after an error is unknown, so the item's end is found first.
        std::string_view const text = in.skip_value();
        try {
            dynamodb::json_reader one(text);
            read(one);
            return true;
        } catch (error const& e) {
            note(std::string(text), forget(e));
            return false;
        }
    }

    /// Counts and collects an item that is bad.
    void note(std::string item, error const& why) {
        ++count_;
        if (policy_.into != nullptr) policy_.into->push_back({std::move(item), why.as_failure()});
    }

private:
    bad_item_policy policy_;
    std::uint64_t count_ = 0;
};

} // namespace dynasio::detail

#endif
