#ifndef DYNASIO_SRC_ORM_WIRE_MANY_WRITES_HPP
#define DYNASIO_SRC_ORM_WIRE_MANY_WRITES_HPP

#include <dynasio/orm/batch_outcome.hpp>
#include <dynasio/orm/detail/planned_write.hpp>

#include <dynasio/dynamodb/detail/batch_queue.hpp>
#include <dynasio/dynamodb/detail/request_source.hpp>
#include <dynasio/dynamodb/progress.hpp>

#include <dynasio/aws/retry.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decided_write.hpp"
#include "guarded_writes.hpp"

namespace dynasio::detail {

/// Writes of many entities of one type, each of which succeeds or fails by itself. A write that has no condition is
/// sent with others in a BatchWriteItem; every other is a request of its own, or several of them one after the other
/// when it touches unique<> members. It does no I/O; drive() sends its requests.
class many_writes final : public dynamodb::detail::request_source {
public:
    /// A write that cannot be decided has its error as outcome. Throws errc::invalid_argument when two writes are about
    /// the same item. `policy` must outlive the object.
    many_writes(write_environment const& env, entity_type const& type, std::vector<planned_write> const& plans,
                aws::retry_policy const& policy);

    std::optional<request> next(time_point now) override;
    [[nodiscard]] bool ready(time_point now) const override;
    [[nodiscard]] std::optional<time_point> wake_at() const override { return batched_.wake_at(); }
    [[nodiscard]] bool sequential() const override;
    [[nodiscard]] bool done() const noexcept override;
    void on_answer(std::size_t id, answer const& got) override;
    void describe(std::size_t id, diagnostics& d) const override;
    [[nodiscard]] bool takes_failure(std::size_t id, error const& e) override;
    void on_failure(std::size_t id, error const& e) override;
    void describe_whole(diagnostics& d) const override;

    /// Whether there is something to write for the i-th plan.
    [[nodiscard]] bool has_write(std::size_t i) const noexcept { return entries_[i].decided || entries_[i].guarded; }
    /// Ends all writes that have no outcome yet with this error.
    void give_up(error const& e);
    /// The capacity units of the answers.
    [[nodiscard]] double write_units() const noexcept { return units_.write; }
    [[nodiscard]] double read_units() const noexcept { return units_.read; }
    /// Call it once, after done() or give_up().
    [[nodiscard]] batch_outcome outcome() &&;

private:
    struct entry {
        std::optional<decided_write> decided{};    // nothing when it has ended before it began
        std::unique_ptr<guarded_writes> guarded{}; // has the write instead when it touches unique<> members
        std::optional<failure> failed{};
        bool ended = false;
        bool in_doubt = false; // a batch whose answer was lost may have carried it out
        std::optional<dynamodb::progress_guard> guard{};

        [[nodiscard]] decided_write const& write() const { return guarded ? guarded->writes().front() : *decided; }
    };

    [[nodiscard]] bool is_single(std::size_t id) const noexcept { return id < entries_.size(); }
    [[nodiscard]] request request_for(std::size_t i, time_point now);
    void guard(entry& e, write_environment const& env) const;
    /// Call it when a request for a write that touches unique<> members has ended.
    void go_on_with_guarded(std::size_t i);
    void succeed(entry& e) const;
    void fail(entry& e, error const& why) const;
    void read_unprocessed(std::vector<std::size_t> const& sent, std::string_view body,
                          std::vector<std::size_t>& unprocessed);
    static void tell(dynamodb::detail::request_subject const& self, std::string_view body, std::string_view prefix,
                     dynamodb::detail::request_targets& out);

    entity_type const& type_;
    std::string table_; // physical
    unsigned attempts_;
    std::vector<entry> entries_{};
    std::vector<std::size_t> singles_{}; // entries that are requests of their own
    std::size_t next_single_ = 0;
    dynamodb::detail::batch_queue<std::size_t> batched_;
    std::map<std::size_t, std::vector<std::size_t>> batches_{}; // entries of the batches under way
    std::size_t last_batch_ = 0;
    std::size_t under_way_ = 0;
    struct {
        double write = 0;
        double read = 0;
    } units_{};
};

} // namespace dynasio::detail

#endif
