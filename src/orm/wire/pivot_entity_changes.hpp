#ifndef DYNASIO_SRC_ORM_WIRE_PIVOT_ENTITY_CHANGES_HPP
#define DYNASIO_SRC_ORM_WIRE_PIVOT_ENTITY_CHANGES_HPP

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "link_changes.hpp"
#include "pivot_entities.hpp"

// Changes of several links that are entities, with the guards and the transactions of other links.
namespace dynasio::detail {

/// A link that is asked for.
struct wanted_entity {
    link_ends ends{};
    std::string far_key{};        ///< As JSON.
    std::shared_ptr<void> link{}; ///< A std::vector of one; null when nobody says what the link is to be.
};

/// Replaces all links of an entity, as link_replacement does. The links are read by the caller, because they can be
/// read in each way in which entities are: while needs_links(), it reads them and calls found().
class pivot_entity_replacement final : public link_transactions {
public:
    /// Of links with equal keys, the last one counts.
    pivot_entity_replacement(write_environment const& env, relation_info const& relation, std::string near_text,
                             std::vector<wanted_entity> links);

    /// Whether done() has come because the links are to be read.
    [[nodiscard]] bool needs_links() const noexcept { return stage_ == stage::links; }
    /// The links of the entity as they are stored, but for those in the trash: a std::vector of them. The replacement
    /// goes on.
    void found(std::shared_ptr<void> links);

    std::optional<request> next(time_point now) override;
    void on_answer(std::size_t id, answer const& got) override;

private:
    enum class stage : unsigned char { guard, links, commit, confirm };

    struct change {
        enum class kind : unsigned char { attach, rewrite, detach } what = kind::attach;
        link_ends ends{};
        std::string far_key{};
        std::shared_ptr<void> link{};
    };

    [[nodiscard]] std::string_view table_of_links() const override { return links_.type().table; }
    void learn(std::vector<bool> const& refused) override;
    void begin_again();
    [[nodiscard]] request commit();
    void note_committed();

    pivot_entities links_;
    std::map<std::string, wanted_entity> wanted_{};
    stage stage_ = stage::guard;
    std::uint64_t count_ = 0;
    std::vector<change> changes_{}; // that are not committed yet
    std::size_t in_commit_ = 0;     // how many of them the transaction under way has
};

/// Attaches each entity that is not linked and detaches each that is, as link_toggle does.
class pivot_entity_toggle final : public link_transactions {
public:
    /// `guessed`: the keys of entities that are thought to be linked. Throws errc::batch_too_large for more than 100
    /// links.
    pivot_entity_toggle(write_environment const& env, relation_info const& relation, std::string near_text,
                        std::vector<wanted_entity> links, std::set<std::string> const& guessed);

    std::optional<request> next(time_point now) override;
    void on_answer(std::size_t id, answer const& got) override;

private:
    [[nodiscard]] std::string_view table_of_links() const override { return links_.type().table; }
    void learn(std::vector<bool> const& refused) override;

    struct toggled {
        wanted_entity link{};
        bool is_there = false;
    };
    pivot_entities links_;
    std::vector<toggled> toggled_{};
};

} // namespace dynasio::detail

#endif
