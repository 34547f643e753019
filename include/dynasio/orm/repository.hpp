#ifndef DYNASIO_ORM_REPOSITORY_HPP
#define DYNASIO_ORM_REPOSITORY_HPP

#include <dynasio/orm/detail/access.hpp>
#include <dynasio/orm/detail/options.hpp>
#include <dynasio/orm/key.hpp>
#include <dynasio/orm/pivot.hpp>
#include <dynasio/orm/query.hpp>
#include <dynasio/orm/related.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/dynamodb/client.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace dynasio {

namespace detail {

// A function apart from the coroutine below, so that the coroutine's frame holds the answer and the result only once:
// Asio recycles frames up to a fixed size, and a larger frame costs an allocation for each call.
template <class T>
std::optional<T> read_as_optional(engine_ptr const& engine, dynamodb::detail::raw_reply const& reply,
                                  lowered_key const& key) {
    std::optional<T> entity(std::in_place);
    if (!read_one(engine, reply, key, entity_type_of<T>(), &*entity)) entity.reset();
    return entity;
}
template <class T>
boost::asio::awaitable<std::optional<T>>
find_as_optional(engine_ptr engine, lowered_key key, boost::asio::awaitable<dynamodb::detail::raw_reply> fetching) {
    try {
        auto const reply = co_await std::move(fetching);
        co_return read_as_optional<T>(engine, reply, key);
    } catch (error const& e) {
        rethrow_about_one(e, engine, entity_type_of<T>());
    }
}

template <class T>
boost::asio::awaitable<std::optional<T>>
find_with_relations(engine_ptr engine, lowered_key key, std::vector<load_node> children, operation_options options) {
    std::optional<T> entity(std::in_place);
    bool const found = co_await find_one(std::move(engine), entity_type_of<T>(), std::move(key), std::move(children),
                                         options, &*entity, false);
    if (!found) entity.reset();
    co_return entity;
}

template <class T>
boost::asio::awaitable<T> find_or_throw(engine_ptr engine, lowered_key key, std::vector<load_node> children,
                                        operation_options options) {
    T entity{};
    auto finding =
        find_one(std::move(engine), entity_type_of<T>(), std::move(key), std::move(children), options, &entity, true);
    (void)co_await std::move(finding);
    co_return entity;
}

template <class T> key_places places_in(std::vector<std::optional<T>>& found) noexcept {
    using places = std::vector<std::optional<T>>;
    key_places result{};
    result.places = &found;
    result.make = [](void* in, std::size_t i) -> void* { return &(*static_cast<places*>(in))[i].emplace(); };
    result.move = [](void* in, std::size_t from, std::size_t to) {
        auto& all = *static_cast<places*>(in);
        all[to].emplace(std::move(*all[from]));
        all[from].reset();
    };
    result.copy = [](void* in, std::size_t from, std::size_t to) {
        auto& all = *static_cast<places*>(in);
        all[to].emplace(*all[from]);
    };
    result.put = [](void* in, std::size_t i, void* entity, bool last) {
        auto& place = (*static_cast<places*>(in))[i];
        auto& from = *static_cast<T*>(entity);
        if (last)
            place.emplace(std::move(from));
        else
            place.emplace(from);
    };
    return result;
}

template <class T>
boost::asio::awaitable<std::vector<std::optional<T>>>
find_all(engine_ptr engine, key_list keys, std::vector<load_node> children, operation_options options) {
    std::vector<std::optional<T>> found(keys.size());
    co_await find_many(std::move(engine), entity_type_of<T>(), std::move(keys), std::move(children), options,
                       places_in(found));
    co_return found;
}

} // namespace detail

/// Reads and writes entities of type T. It is a value that is cheap to make and to copy; it shares the client's
/// connections.
///
/// **Every operation**
/// - reads its arguments when it is called; the awaitable that it returns may be awaited later. Entities are taken by
///   reference: they must stay where they are until the operation completes, and the program must not change them
///   meanwhile.
/// - runs on the client's executor and resumes the caller there; with client_options::thread_safe it resumes the caller
///   on the caller's own executor.
/// - can be cancelled with every cancellation type that the awaiting coroutine's cancellation state lets through (only
///   terminal by Asio's default, see client). Cancelling it cancels all its requests, and the operation throws
///   boost::asio::error::operation_aborted.
/// - has a deadline, from call_options::timeout() or from the client's options, and throws errc::deadline_exceeded when
///   that passes.
/// - throws dynasio::error; as_result(op) returns the error instead. A failed operation leaves every entity as it was.
template <class T> class repository {
public:
    explicit repository(client const& db) : engine_(client_access::engine(db)) {}

    // ---- reading

    /// The entity with this key, or nothing: `find("id")`, `find(key("pk", "sk"))`. Any of with<>, call_options,
    /// report_to, consistent and concurrency may follow. Sends one GetItem, and the requests for the relations.
    template <class... Options>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::optional<T>>
    find(key_of<T> key, Options&&... options) const {
        std::vector<load_node> children;
        detail::operation_options settings;
        (detail::apply_read_option<T>(children, settings, std::forward<Options>(options)), ...);
        if constexpr (sizeof...(Options) == 0) { // so that each call compiles one of the two coroutines only
            auto fetching = detail::fetch_one(engine_, entity_type_of<T>(), key.lowered(), settings);
            return detail::find_as_optional<T>(engine_, std::move(key).lowered(), std::move(fetching));
        } else {
            return detail::find_with_relations<T>(engine_, std::move(key).lowered(), std::move(children), settings);
        }
    }

    /// As find(), but throws errc::not_found when there is no such entity.
    template <class... Options>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<T>
    get(key_of<T> key, Options&&... options) const {
        std::vector<load_node> children;
        detail::operation_options settings;
        (detail::apply_read_option<T>(children, settings, std::forward<Options>(options)), ...);
        return detail::find_or_throw<T>(engine_, std::move(key).lowered(), std::move(children), settings);
    }

    /// Entities by key: one place for each key, in the order of the keys, which is empty where there is no entity. A
    /// key that occurs several times is asked for once. Sends one BatchGetItem for each 100 distinct keys,
    /// concurrently.
    template <class... Options>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::vector<std::optional<T>>>
    find_many(std::span<key_of<T> const> keys, Options&&... options) const {
        return find_keys(keys, std::forward<Options>(options)...);
    }
    template <class... Options>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::vector<std::optional<T>>>
    find_many(std::vector<key_of<T>> const& keys, Options&&... options) const {
        return find_many(std::span<key_of<T> const>(keys), std::forward<Options>(options)...);
    }

    /// The same with keys made from values: `find_many(std::vector<std::string>{…})`.
    template <class K, class... Options>
        requires(!std::is_same_v<K, key_of<T>> && std::is_constructible_v<key_of<T>, K const&>)
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::vector<std::optional<T>>>
    find_many(std::vector<K> const& values, Options&&... options) const {
        return find_keys(values, std::forward<Options>(options)...);
    }

    /// A query: conditions, order, limit, with<> and options in any order.
    template <class... Options> [[nodiscard]] query<T> where(Options&&... options) const {
        return detail::access::make<query<T>>(engine_, false).with_options(std::forward<Options>(options)...);
    }
    /// A query that reads the whole table, whatever its conditions are, and is charged for the whole table.
    template <class... Options> [[nodiscard]] query<T> scan(Options&&... options) const {
        return detail::access::make<query<T>>(engine_, true).with_options(std::forward<Options>(options)...);
    }

    // ---- relations of entities that are there

    /// Loads a relation of one entity, or of many at once: `load<&User::posts>(users, newest_first, limit(5))`. A
    /// relation that is already loaded is kept without a request, unless reload is given, with<> is nested below it, or
    /// it is a belongs_to whose foreign key names another entity by now.
    template <auto Member, class... Arguments>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    load(T& entity, Arguments&&... arguments) const {
        return load_into<Member>(std::vector<void*>(1, &entity), std::forward<Arguments>(arguments)...);
    }
    template <auto Member, class... Arguments>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    load(std::vector<T>& entities, Arguments&&... arguments) const {
        return load_into<Member>(pointers_to(entities), std::forward<Arguments>(arguments)...);
    }

    /// Loads several relations in one operation, concurrently: `load(users, with<&User::posts>(limit(5)),
    /// with<&User::roles>())`.
    template <class... Options>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    load(T& entity, Options&&... options) const {
        return load_all(std::vector<void*>(1, &entity), std::forward<Options>(options)...);
    }
    template <class... Options>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    load(std::vector<T>& entities, Options&&... options) const {
        return load_all(pointers_to(entities), std::forward<Options>(options)...);
    }

    /// For changing a belongs_to_many of one saved entity: `related<&User::roles>(user).attach(role)`.
    template <auto Member> [[nodiscard]] auto related(T const& entity) const {
        return detail::access::make<related_entities<Member>>(engine_, entity);
    }

    // ---- writing

    /// Stores a new entity. When it completes, an empty key of type std::string has become a ULID, and the times and
    /// the version are set. Throws errc::already_exists when there is an entity with the same key; diagnostics::item is
    /// then the item that is stored, unless the key was generated. Sends one PutItem.
    ///
    /// A repetition after a lost answer that meets its own first attempt is a success: always with a generated key, and
    /// with a key of the caller's when the stored item is what was sent and has more than key and version. (So an item
    /// that serves as a lock needs an attribute that names its owner.) Otherwise it fails with
    /// diagnostics::outcome_unknown. Every failure with an unknown outcome leaves a generated key in the entity, so
    /// that calling again cannot store a second item.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    create(T& entity, call_options options = {}) const {
        return detail::write_entity(engine_, entity_type_of<T>(), &entity, detail::write_mode::create,
                                    detail::operation_options{.call = options});
    }

    /// Stores an entity. All members are written; attributes in the table that T does not have are kept. The write is
    /// guarded by the version: when the stored version is another, errc::stale_version. Without a version, an entity
    /// with created_at is guarded by its existence: when it is gone, errc::not_found. An entity with neither is written
    /// without a guard.
    ///
    /// An entity is new when its key is an empty string, and is stored as create() does. An entity whose version is 0
    /// or, without a version, whose created_at is unset is new too, or was read from an item that is older than these
    /// members. It is written where there is no item, or one without version (or with version 0), and without
    /// created_at unless the entity has it; else errc::already_exists.
    ///
    /// When the version after the present one does not fit the member's type, the operation throws
    /// errc::number_out_of_range and sends nothing. Lost answers are treated as those of create(). Sends one request.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    save(T& entity, call_options options = {}) const {
        return detail::write_entity(engine_, entity_type_of<T>(), &entity, detail::write_mode::save,
                                    detail::operation_options{.call = options});
    }

    /// Deletes the stored entity. With a version, only when the stored version is still the same, else
    /// errc::stale_version; version 0 is also that of an item without version. Returns whether there was an entity;
    /// when an attempt whose answer was lost may have removed it, that is taken for true. Sends one DeleteItem.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<bool>
    remove(T const& entity, call_options options = {}) const {
        entity_type const& type = entity_type_of<T>();
        auto key = key_of<T>::of(entity);
        auto version = type.version ? type.wire(&entity, *type.version) : std::string(); // an integer: does not throw
        return detail::remove_item(engine_, type, std::move(key).lowered(), std::move(version),
                                   detail::operation_options{.call = options});
    }
    /// Deletes by key, whatever version is stored. Returns whether there was an entity. Sends one DeleteItem.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<bool>
    remove_key(key_of<T> key, call_options options = {}) const {
        return detail::remove_item(engine_, entity_type_of<T>(), std::move(key).lowered(), {},
                                   detail::operation_options{.call = options});
    }

    // Temporaries are refused: the caller could not see the key, times and version that the operation assigns, and
    // g++ 12 destroys a temporary aggregate inside a co_await expression twice.
    boost::asio::awaitable<void> create(T const&&, call_options = {}) const {
        static_assert(detail::never<T>,
                      "dynasio: pass a named object to create(): it receives its key, times and version");
        return {};
    }
    boost::asio::awaitable<void> save(T const&&, call_options = {}) const {
        static_assert(detail::never<T>,
                      "dynasio: pass a named object to save(): it receives its key, times and version");
        return {};
    }

private:
    static std::vector<void*> pointers_to(std::vector<T>& entities) {
        std::vector<void*> pointers;
        pointers.reserve(entities.size());
        for (auto& e : entities) pointers.push_back(&e);
        return pointers;
    }

    /// The elements of `keys` are key_of<T>, or values that convert to it.
    template <class Keys, class... Options>
    boost::asio::awaitable<std::vector<std::optional<T>>> find_keys(Keys const& keys, Options&&... options) const {
        std::vector<load_node> children;
        detail::operation_options settings;
        (detail::apply_read_option<T>(children, settings, std::forward<Options>(options)), ...);
        detail::key_list texts(keys.size());
        for (auto const& each : keys) {
            key_of<T> const& key = each; // a temporary where the element is not a key_of<T> itself
            texts.add(key.lowered());
        }
        return detail::find_all<T>(engine_, std::move(texts), std::move(children), settings);
    }

    template <class... Options>
    boost::asio::awaitable<void> load_all(std::vector<void*> entities, Options&&... options) const {
        std::vector<load_node> children;
        detail::operation_options settings;
        (detail::apply_read_option<T>(children, settings, std::forward<Options>(options)), ...);
        return detail::load_relations(engine_, entity_type_of<T>(), std::move(entities), std::move(children), settings);
    }

    template <auto Member, class... Arguments>
    boost::asio::awaitable<void> load_into(std::vector<void*> entities, Arguments&&... arguments) const {
        std::vector<load_node> children;
        detail::operation_options settings;
        if constexpr (detail::check_relation<Member>()) {
            static_assert(std::is_same_v<detail::owner_of<Member>, T>,
                          "dynasio: load<> names a relation of another entity");
            children.push_back(detail::split_load_arguments<Member>(settings, std::forward<Arguments>(arguments)...));
        }
        return detail::load_relations(engine_, entity_type_of<T>(), std::move(entities), std::move(children), settings);
    }

    detail::engine_ptr engine_;
};

namespace dsl {

using dynasio::as_result;
using dynasio::repository;

} // namespace dsl

} // namespace dynasio

#endif
