#ifndef DYNASIO_SRC_ORM_WIRE_LINK_CHANGES_HPP
#define DYNASIO_SRC_ORM_WIRE_LINK_CHANGES_HPP

#include <dynasio/orm/pivot.hpp>

#include <dynasio/dynamodb/detail/request_source.hpp>

#include <dynasio/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "item_write.hpp"
#include "pivot_rows.hpp"

// Changes of several links of one entity that follow from what is stored. They do no I/O; drive() sends their requests.
//
// Each request that writes is one TransactWriteItems with a condition on every row that it writes, so it succeeds only
// when the rows are as they are thought to be. Its token makes it safe to repeat when an answer was lost, which a
// conditional write alone is not: the repetition would find the row changed and could not tell by whom.
namespace dynasio::detail {

/// A link that is asked for.
struct wanted_row {
    std::string far_key{}; ///< In wire form, as this library spells keys.
    std::string far_text{};
    std::optional<dynasio::pivot> data{};
};

/// What was changed, by the keys of the entities on the far side, in the order of the keys' texts.
struct changed_rows {
    std::set<std::string> attached{};
    std::set<std::string> detached{};
    std::set<std::string> kept{};
};

/// What both changes of links have in common: one request after the other, and transactions that are tried again with
/// what was learned from their refusal.
class link_transactions : public dynamodb::detail::request_source {
public:
    [[nodiscard]] bool ready(time_point now) const final;
    [[nodiscard]] std::optional<time_point> wake_at() const final;
    [[nodiscard]] bool sequential() const final { return true; }
    [[nodiscard]] bool done() const noexcept final { return done_ && !under_way_; }
    void describe(std::size_t id, diagnostics& d) const final;
    void describe_whole(diagnostics& d) const final;
    [[nodiscard]] bool takes_failure(std::size_t id, error const& e) final;
    void on_failure(std::size_t id, error const& e) final;

    /// After done().
    [[nodiscard]] changed_rows const& changed() const noexcept { return changed_; }
    /// Capacity units that the answers have told so far, or since it has gone on.
    [[nodiscard]] double write_units() const noexcept { return write_units_; }
    [[nodiscard]] double read_units() const noexcept { return read_units_; }

protected:
    link_transactions(write_environment const& env, relation_info const& relation, std::string near_text);

    [[nodiscard]] write_environment env() const noexcept { return {.table_prefix = prefix_, .now = now_}; }
    [[nodiscard]] request transaction(std::vector<item_write> const& writes);
    [[nodiscard]] request begin(dynamodb::operation op);
    void note_turn(time_point now) noexcept { last_turn_ = now; }
    void note_answer(answer const& got);
    /// Reads the answer to a transaction.
    void note_written(answer const& got);
    void finish() noexcept { done_ = true; }

    /// The table of the links, without the client's prefix.
    [[nodiscard]] virtual std::string_view table_of_links() const { return rows_.table(); }
    /// Goes on after done(). Whoever drives it has taken note of the capacity units so far.
    void resume() noexcept {
        done_ = false;
        write_units_ = read_units_ = 0;
    }
    /// Learns from a refusal. `refused[i]` says that the condition of the i-th write did not hold.
    virtual void learn(std::vector<bool> const& refused) = 0;

    pivot_rows rows_;
    std::string near_;
    changed_rows changed_{};
    double read_units_ = 0;

private:
    /// Counts a refusal and decides when to try again. False when there were too many.
    [[nodiscard]] bool pauses();

    relation_info const* relation_;
    std::string prefix_;
    system_time now_;
    dynamodb::operation op_ = dynamodb::operation::get_item;
    bool under_way_ = false;
    bool done_ = false;
    unsigned refusals_ = 0; // in a row
    double jitter_ = 0;     // of the pause that follows when the transaction under way is refused
    time_point last_turn_ = time_point::min();
    time_point due_ = time_point::min();
    double write_units_ = 0;
};

/// Replaces all links of an entity: reads the guard of its links and the links, and commits the difference with the
/// guard counted on, 99 changes in one transaction. When somebody else has replaced them meanwhile, or has changed a
/// row that is written, it reads again. Where there is no difference, the guard is read once more, which shows that the
/// links that were read are those of one moment.
class link_replacement final : public link_transactions {
public:
    /// Of links with equal keys, the last one counts.
    link_replacement(write_environment const& env, relation_info const& relation, std::string near_text,
                     std::string near_key, std::vector<wanted_row> links);

    std::optional<request> next(time_point now) override;
    void on_answer(std::size_t id, answer const& got) override;

private:
    enum class stage : unsigned char { guard, links, commit, confirm };

    struct change {
        std::string far_key{};
        std::string far_text{};
        std::optional<dynasio::pivot> data{};
        enum class kind : unsigned char { attach, rewrite, detach } what = kind::attach;
    };

    void learn(std::vector<bool> const& refused) override;
    void begin_again();
    void decide();
    [[nodiscard]] request commit();
    void note_committed();

    query_text text_;
    std::string near_key_; // the value of the Query's key in wire form
    std::map<std::string, wanted_row> wanted_{};
    stage stage_ = stage::guard;
    std::uint64_t count_ = 0;
    std::string cursor_{};
    std::map<std::string, link_row> found_{}; // by the far side's key
    std::vector<change> changes_{};           // that are not committed yet
    std::size_t in_commit_ = 0;               // how many of them the transaction under way has
};

/// Attaches each entity that is not linked and detaches each that is, all in one transaction. It begins with a guess,
/// and the refusal of a wrong one tells which links are there.
class link_toggle final : public link_transactions {
public:
    /// `guessed`: the keys of entities that are thought to be linked. Throws errc::batch_too_large for more than 100
    /// links.
    link_toggle(write_environment const& env, relation_info const& relation, std::string near_text,
                std::vector<wanted_row> links, std::set<std::string> const& guessed);

    std::optional<request> next(time_point now) override;
    void on_answer(std::size_t id, answer const& got) override;

private:
    void learn(std::vector<bool> const& refused) override;

    struct toggled {
        wanted_row link{};
        bool is_there = false;
        std::size_t place = 0; ///< Of its write in the transaction under way.
    };
    std::vector<toggled> links_{};
};

/// Links two entities of a symmetric relation, or unlinks them: both rows change in one transaction.
class link_pair final : public link_transactions {
public:
    link_pair(write_environment const& env, relation_info const& relation, pivot_rows::ids both,
              std::optional<dynasio::pivot> const& data);
    [[nodiscard]] static std::unique_ptr<link_pair> detaching(write_environment const& env,
                                                              relation_info const& relation, pivot_rows::ids both);

    std::optional<request> next(time_point now) override;
    void on_answer(std::size_t id, answer const& got) override;

    /// After done(), when it unlinks: whether the two were linked.
    [[nodiscard]] bool was_there() const noexcept { return was_there_; }

private:
    link_pair(write_environment const& env, relation_info const& relation, pivot_rows::ids both);
    void decide_detach();
    void learn(std::vector<bool> const& refused) override;

    pivot_rows::ids both_;
    std::vector<item_write> writes_{};
    bool was_there_ = true;
};

} // namespace dynasio::detail

#endif
