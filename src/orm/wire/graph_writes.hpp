#ifndef DYNASIO_SRC_ORM_WIRE_GRAPH_WRITES_HPP
#define DYNASIO_SRC_ORM_WIRE_GRAPH_WRITES_HPP

#include <dynasio/orm/detail/graph.hpp>
#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/pivot.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "decided_write.hpp"

namespace dynasio::detail {

/// The writes that save an entity along with the entities in its handles: those of belongs_to first, then the entity,
/// then those of has_one and has_many, then links, and what is removed at the end. Read in this order, no foreign key
/// refers to something that is not stored. It does no I/O.
///
/// It works on copies of all entities that may have to be written, so that the caller's are untouched until conclude().
/// A handle that holds the very thing that a load has given is not copied and not looked into.
///
/// For each step in order: prepare(), the hooks before it, decide(). Then parts(), and conclude() when they have ended.
class graph_writes {
public:
    /// Throws errc::invalid_argument for relations that are named twice.
    explicit graph_writes(graph_spec what);

    /// What is done about one entity or link.
    enum class action : unsigned char { store, remove, attach, detach };
    [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }
    [[nodiscard]] action what(std::size_t step) const noexcept { return at(step).what; }
    [[nodiscard]] entity_type const& type(std::size_t step) const noexcept { return *at(step).type; }
    /// The entity that is stored or removed; that of the caller for the root after conclude().
    [[nodiscard]] void* entity(std::size_t step) const noexcept { return at(step).entity; }
    /// Known to be new. Valid after prepare().
    [[nodiscard]] bool is_new(std::size_t step) const noexcept { return at(step).is_new; }

    /// Sets the foreign keys of an entity. Returns whether there may be something to write. Throws
    /// errc::invalid_argument for a foreign key that names another owner. Precondition: earlier steps are decided.
    [[nodiscard]] bool prepare(std::size_t step);
    /// Precondition: prepare() has returned true. Throws what make_write() and its kin throw.
    void decide(std::size_t step, write_environment const& env);

    /// The writes of one transaction, and whose they are.
    struct part {
        std::vector<decided_write> writes{};
        std::vector<std::size_t> steps{};
    };
    /// All writes, as one part or, where `divides`, as parts that each fit a transaction; one that no transaction can
    /// carry out is a part by itself. Takes the writes. Throws errc::invalid_argument for two writes of one item.
    [[nodiscard]] std::vector<part> parts(bool divides);

    /// Call it when a part has been committed and applied.
    void note_committed(std::vector<std::size_t> const& steps);
    /// Call it when it is not known whether a part was. Keys that were made for its entities are kept.
    void note_in_doubt(std::vector<std::size_t> const& steps);
    [[nodiscard]] bool is_committed(std::size_t step) const noexcept { return at(step).state == progress::committed; }
    /// Gives the caller's entity and its handles what has been stored; the rest of it is as it was.
    void conclude();

private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    enum class progress : unsigned char { undecided, unchanged, decided, in_doubt, committed };

    /// One entity, or one link. They stay where they are.
    struct step_state {
        action what = action::store;
        entity_type const* type = nullptr;
        void* entity = nullptr;                  // the copy; of a removal, what is removed
        void const* source = nullptr;            // the caller's
        void const* base = nullptr;              // what the table is known to have of it
        std::size_t handle = none;               // the one that it is in, or whose link it is
        std::size_t element = none;              // its place there
        std::size_t original = none;             // of a removal and its place: in the handle's `loaded`
        relation_info const* relation = nullptr; // of a removal: by which the entity belongs to its owner
        std::vector<std::size_t> handles{};
        std::vector<relation_info const*> checked{}; // has_one and has_many that are as they were loaded
        progress state = progress::undecided;
        bool is_new = false;
        bool makes_key = false;
        std::optional<decided_write> write{};
        std::optional<decided_write> other_row{}; // of a link that is two rows
    };
    /// What a load has given.
    struct loaded_entity {
        void const* entity = nullptr;
        dynasio::pivot const* row = nullptr;
        std::string identity{};     // of its key
        bool is_there = false;      // the handle still holds it
        std::size_t removal = none; // the step
    };
    /// One handle that is saved along.
    struct handle_state {
        relation_info const* relation = nullptr;
        std::size_t owner = none; // the step
        bool replace_missing = false;
        std::shared_ptr<void> copies{}; // vector of the target
        std::vector<std::size_t> elements{};
        std::vector<dynasio::pivot const*> rows{};
        std::vector<std::size_t> links{}; // one for each element of a belongs_to_many
        std::vector<std::size_t> original{};
        std::vector<loaded_entity> loaded{};
        std::size_t same_as = none; // an earlier handle that holds the same object
        bool concluded = false;
    };

    [[nodiscard]] step_state& at(std::size_t step) noexcept { return steps_[order_[step]]; }
    [[nodiscard]] step_state const& at(std::size_t step) const noexcept { return steps_[order_[step]]; }
    [[nodiscard]] std::vector<along_node> completed(entity_type const& type,
                                                    std::vector<along_node> const& named) const;
    void add_entity(std::size_t index, std::vector<along_node> const& named);
    void add_handle(std::size_t owner, along_node const& along);
    void add_links(std::size_t handle);
    void add_removals(std::size_t handle, std::vector<along_node> const& below);
    void add_removal(relation_info const& relation, void const* entity, std::vector<along_node> const& below,
                     std::size_t handle, std::size_t original);

    [[nodiscard]] bool prepare_store(step_state& one);
    [[nodiscard]] bool is_under_new_key(step_state const& one) const;
    [[nodiscard]] bool prepare_removal(step_state const& one) const;
    [[nodiscard]] bool prepare_link(step_state& one) const;
    [[nodiscard]] static std::vector<std::string> values_after(step_state const& one,
                                                               std::span<attribute_index const> members);
    void refer_to_targets(step_state& one);
    void refer_to_owner(step_state& one);
    void find_base(step_state& one);
    [[nodiscard]] static dynamodb::condition is_still_owned(step_state const& one);
    void check_children(step_state const& one) const;
    [[nodiscard]] std::optional<item_write> decide_store(step_state& one, write_environment const& env);
    void decide_link(step_state& one, write_environment const& env) const;
    [[nodiscard]] static bool is_as_stored(step_state const& one) noexcept {
        return one.state == progress::unchanged || one.state == progress::committed;
    }
    [[noreturn]] static void refuse_owner(relation_info const& relation, entity_type const& about, void const* entity,
                                          std::string message);

    void conclude_handle(std::size_t index, void* owner);
    void revert(step_state& one) const;
    void give_entities(handle_state& h, void* to);
    void give_links(handle_state& h, void* to);

    graph_spec what_;
    std::shared_ptr<void> before_{}; // keeps what the handles held, also after conclude()
    std::shared_ptr<void> root_copy_{};
    std::vector<step_state> steps_{};
    std::vector<handle_state> handles_{};
    std::vector<std::size_t> order_{};
    std::vector<std::size_t> removals_{};
    std::unordered_map<void const*, std::size_t> held_by_{}; // a belongs_to's object, and the handle that holds it
    std::unordered_set<std::string> stored_{};               // the items that are stored
};

} // namespace dynasio::detail

#endif
