#ifndef DYNASIO_SRC_ORM_LOAD_RECORDER_HPP
#define DYNASIO_SRC_ORM_LOAD_RECORDER_HPP

#include <dynasio/orm/load_timeline.hpp>

#include <dynasio/core/error.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "queue.hpp"

namespace dynasio::detail {

/// Writes what a load does into a load_timeline while it happens. It reads no clock.
class load_recorder final : public load_watcher {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// `after`: the number of the request whose answer the load begins with; 0 for none. The timeline must outlive the
    /// recorder.
    load_recorder(load_timeline& to, std::size_t at_most, std::size_t after) noexcept
        : to_(to), at_most_(at_most), answering_(after) {}

    void on_wanted(fetch const& f, bool again) override;
    void on_complete(fetch const& f) override;
    /// A request is sent. Returns where the times of its failed attempts are to be written; valid as long as the
    /// recorder. Null when the timeline is full.
    [[nodiscard]] std::vector<time_point>* on_sent(load_queue::dispatch const& sent, std::string_view operation,
                                                   time_point now);
    /// The answer to a request is about to be read: what the load wants meanwhile has waited for it.
    void on_answer(std::size_t id, time_point now);
    /// The answer was read; `items` and `read_units` are those of this answer.
    void on_read(std::size_t id, std::size_t items, std::size_t unprocessed, double read_units);
    void on_failed(std::size_t id, error_code code, time_point now);

private:
    /// Since when, and because of which answer, a fetch is to be sent.
    struct origin {
        std::size_t waited_for;
        std::optional<time_point> known; ///< Nothing before the load has begun.
        bool again;
    };
    struct open_request {
        std::size_t at; ///< Index in the timeline.
        std::vector<time_point> retries{};
    };

    [[nodiscard]] load_timeline::duration since_begin(time_point t) const noexcept { return t - to_.began; }
    void begin(time_point now);
    load_timeline::request* end(std::size_t id, time_point now);

    load_timeline& to_;
    std::size_t at_most_;
    std::size_t answering_; // number of the request whose answer is being read
    std::optional<time_point> answered_at_{};
    std::optional<time_point> begun_{};
    std::unordered_map<fetch const*, origin> wanted_{};
    std::unordered_map<fetch const*, std::size_t> pages_{}; // of queries of several pages
    std::unordered_map<std::size_t, open_request> open_{};  // by the queue's id
};

/// Writes a GetItem into a timeline.
class get_recorder {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// `to` may be null: nothing is recorded then.
    get_recorder(load_timeline* to, std::size_t at_most, std::string_view entity, std::string_view table,
                 time_point now);
    /// See raw_request::retries.
    [[nodiscard]] std::vector<time_point>* retries() noexcept { return at_ ? &retries_ : nullptr; }
    void on_read(std::size_t items, double read_units, time_point now);
    void on_failed(error_code code, time_point now);

private:
    load_timeline::request* end(time_point now);

    load_timeline* to_;
    std::optional<std::size_t> at_{};
    std::vector<time_point> retries_{};
};

} // namespace dynasio::detail

#endif
