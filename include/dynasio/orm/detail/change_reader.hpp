#ifndef DYNASIO_ORM_DETAIL_CHANGE_READER_HPP
#define DYNASIO_ORM_DETAIL_CHANGE_READER_HPP

#include <dynasio/orm/change_kind.hpp>
#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/stream_view.hpp>

#include <dynasio/core/clock.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace dynasio::detail {

/// What is asked of a stream of changes.
struct change_spec {
    entity_type const* type = nullptr;
    bool from_now = false;
    std::string position{}; ///< Text; empty for the beginning.
    /// What the stream has to hold; nothing for what the schema declares.
    std::optional<stream_view> view{};
    std::optional<std::chrono::nanoseconds> idle{};
    bool skips_lost = false;
    operation_options options{};
};

/// A change with its entities in `std::vector<T>`s of one element; null where there is none.
struct change_outcome {
    change_kind kind = change_kind::insert;
    std::string key{}; ///< As JSON.
    std::shared_ptr<void> before{};
    std::shared_ptr<void> after{};
    std::string sequence_number{};
    system_time at{};
    bool expired = false;
};

/// Reads a stream of changes of entities of one type.
class change_reader {
public:
    change_reader(engine_ptr engine, change_spec spec);

    [[nodiscard]] boost::asio::awaitable<void> start() const;
    /// The next change. Nothing when the stream has ended, or when none has come within `patience`.
    [[nodiscard]] boost::asio::awaitable<std::optional<change_outcome>>
    next(std::optional<std::chrono::nanoseconds> patience) const;
    [[nodiscard]] std::string position() const;
    [[nodiscard]] bool ended() const;
    [[nodiscard]] std::uint64_t gaps() const;

    class shared;

private:
    std::shared_ptr<shared> shared_;
};

} // namespace dynasio::detail

#endif
