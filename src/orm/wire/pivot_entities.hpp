#ifndef DYNASIO_SRC_ORM_WIRE_PIVOT_ENTITIES_HPP
#define DYNASIO_SRC_ORM_WIRE_PIVOT_ENTITIES_HPP

#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/entity_type.hpp>

#include <memory>
#include <string>

#include "item_write.hpp"

// Writes of links that are entities of the program. Their key consists of the keys of both sides, so a link is known
// without being read, and each change of one is a single write.
namespace dynasio::detail {

/// Whether the links of a belongs_to_many whose links are entities have a key of the keys of both sides and of nothing
/// else. Only such links are written by the relation.
[[nodiscard]] bool has_key_of_both_sides(relation_info const& relation);

/// The keys of the two entities of a link, in wire form.
struct link_ends {
    std::string near{};
    std::string far{};
};

/// The links of one belongs_to_many, as one of its sides writes them. Precondition: has_key_of_both_sides().
class pivot_entities {
public:
    explicit pivot_entities(relation_info const& relation) noexcept : relation_(&relation) {}
    /// The entity that the links are.
    [[nodiscard]] entity_type const& type() const { return relation_->first().target(); }

    /// Of an entity of the near side and the key of one of the far side. Throws errc::entity_not_saved naming the side
    /// that has no key.
    [[nodiscard]] link_ends ends_of(write_environment const& env, void const* near, lowered_key const& far) const;
    /// Of two entities.
    [[nodiscard]] link_ends ends_of(write_environment const& env, void const* near, void const* far) const;
    /// Of a link that is stored.
    [[nodiscard]] link_ends ends_of(void const* link) const;
    /// The key of the entity on the far side as JSON.
    [[nodiscard]] std::string far_key(link_ends const& ends) const;

    /// A link as it is to be stored: a std::vector of one, which is a copy of `wanted`, or new when that is null.
    [[nodiscard]] std::shared_ptr<void> make(link_ends const& ends, std::shared_ptr<void> const& wanted) const;
    /// The link in such a vector.
    [[nodiscard]] void* in(std::shared_ptr<void> const& link) const { return type().storage.at(link.get(), 0); }
    /// Puts the keys of both sides into a link.
    void set_ends(void* link, link_ends const& ends) const;
    /// Whether links have nothing but their key, so that one that is there cannot change.
    [[nodiscard]] bool is_bare() const;
    /// Whether a read gives the link by itself, as far as where_always() says.
    [[nodiscard]] bool is_in_default_scope(void const* link) const;
    /// Whether the link would be another one if it were replaced by `given`.
    [[nodiscard]] bool changes(void const* stored, void const* given) const;

    enum class manner : unsigned char {
        /// Where there is none, or one in the trash; else the condition fails. Of bare links, the write refers to the
        /// link and is a PutItem.
        create,
        replace,  ///< Whatever is stored: the members are replaced, created_at stays, the version is counted on.
        rewrite,  ///< The same of a link that is there; else the condition fails.
        complete, ///< Whatever is stored: what the link lacks is set, and it is taken out of the trash.
    };
    /// Stores a link, which has its keys. Carries normalize<> out on it. Throws errc::invalid_entity,
    /// errc::invalid_argument for a key that is too long, for what cannot be stored, and for a bare link that is not
    /// created, and errc::item_too_large.
    [[nodiscard]] item_write attach(write_environment const& env, void* link, manner how, std::string body) const;
    /// Which link is removed.
    enum class removed : unsigned char {
        any,            ///< Whatever is stored.
        linked_or_none, ///< One that is not in the trash, or none; else the condition fails.
        linked,         ///< One that is not in the trash; else the condition fails.
    };
    [[nodiscard]] item_write detach(write_environment const& env, link_ends const& ends, removed which,
                                    std::string body) const;

private:
    [[nodiscard]] row_key key_of(void const* link) const;
    [[nodiscard]] item_write decide_attach(write_environment const& env, void* link, manner how,
                                           std::string body) const;

    relation_info const* relation_;
};

} // namespace dynasio::detail

#endif
