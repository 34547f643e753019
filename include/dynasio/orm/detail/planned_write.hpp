#ifndef DYNASIO_ORM_DETAIL_PLANNED_WRITE_HPP
#define DYNASIO_ORM_DETAIL_PLANNED_WRITE_HPP

#include <dynasio/orm/batch_outcome.hpp>
#include <dynasio/orm/detail/access.hpp>
#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/key.hpp>
#include <dynasio/orm/pivot.hpp>
#include <dynasio/orm/tracked.hpp>

#include <dynasio/dynamodb/expression.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <type_traits>
#include <vector>

// Writes of which several are decided together, for transactions and for writes of many entities.
namespace dynasio::detail {

/// How compiled code reaches an entity of the caller, which is a T or a tracked<T>.
struct form_functions {
    void* (*entity)(void* form) noexcept;
    /// What a tracked entity was when it was read; null for a new one, and for a T.
    void* (*original)(void* form) noexcept;
    void (*note_stored)(void* form);
    void (*note_removed)(void* form) noexcept;
    bool tracked;
};
template <class Form>
inline constexpr form_functions functions_of_form{
    [](void* form) noexcept -> void* { return &entity_of(*static_cast<Form*>(form)); },
    []([[maybe_unused]] void* form) noexcept -> void* {
        if constexpr (form_traits<Form>::is_tracked)
            return access::original_of(*static_cast<Form*>(form));
        else
            return nullptr;
    },
    []([[maybe_unused]] void* form) {
        if constexpr (form_traits<Form>::is_tracked) access::note_stored(*static_cast<Form*>(form));
    },
    []([[maybe_unused]] void* form) noexcept {
        if constexpr (form_traits<Form>::is_tracked) access::note_removed(*static_cast<Form*>(form));
    },
    form_traits<Form>::is_tracked};

/// An entity of the caller. It must stay where it is until the operation that uses it completes.
struct held_form {
    void* form = nullptr;
    form_functions const* functions = nullptr;

    [[nodiscard]] explicit operator bool() const noexcept { return form != nullptr; }
    [[nodiscard]] void* entity() const noexcept { return functions->entity(form); }
    [[nodiscard]] void* original() const noexcept { return functions->original(form); }
};
template <class Form> [[nodiscard]] held_form hold(Form& form) noexcept {
    static_cast<void>(check_writable<entity_in<std::remove_const_t<Form>>>());
    return {const_cast<void*>(static_cast<void const*>(&form)), &functions_of_form<std::remove_const_t<Form>>};
}

/// A write that is decided later, with the values that its entity has then.
struct planned_write {
    enum class kind : unsigned char {
        create,
        save,
        touch,
        trash,
        restore,
        remove,
        require,
        adopt, ///< Makes the guards of unique<> members for what is stored already.
        attach,
        detach
    };

    kind what = kind::save;
    entity_type const* type = nullptr; ///< For links, that of the near side.
    held_form form{};                  ///< Empty for a write by key.
    lowered_key key{};                 ///< Of a write by key.
    dynamodb::condition only_if{};
    relation_info const* relation = nullptr; ///< Of attach and detach, as are the members below.
    held_form far{};
    std::optional<dynasio::pivot> data{};
    /// Of an attach whose links are entities: a std::vector of the one that is wanted, or null.
    std::shared_ptr<void> link{};
    bool any_version = false; ///< Removes an entity whatever version is stored.
};

/// Decides writes of one type and sends them, each by itself. Errors of single writes are outcomes.
[[nodiscard]] boost::asio::awaitable<batch_outcome>
write_many(engine_ptr engine, entity_type const& type, std::vector<planned_write> writes, operation_options options);

/// Makes `owner` the owner of `child` in a has_one or has_many, and saves the child.
[[nodiscard]] boost::asio::awaitable<void> add_related(engine_ptr engine, relation_info const& relation,
                                                       void const* owner, held_form child, operation_options options);
/// Removes the foreign key by which `child` belongs to `owner`.
[[nodiscard]] boost::asio::awaitable<void> remove_related(engine_ptr engine, relation_info const& relation,
                                                          void const* owner, held_form child,
                                                          operation_options options);

} // namespace dynasio::detail

#endif
