#ifndef DYNASIO_ORM_REPOSITORY_HPP
#define DYNASIO_ORM_REPOSITORY_HPP

#include <dynasio/orm/along.hpp>
#include <dynasio/orm/batch_outcome.hpp>
#include <dynasio/orm/changes.hpp>
#include <dynasio/orm/detail/access.hpp>
#include <dynasio/orm/detail/options.hpp>
#include <dynasio/orm/detail/planned_write.hpp>
#include <dynasio/orm/key.hpp>
#include <dynasio/orm/only_if.hpp>
#include <dynasio/orm/pivot.hpp>
#include <dynasio/orm/query.hpp>
#include <dynasio/orm/related.hpp>
#include <dynasio/orm/statement.hpp>
#include <dynasio/orm/tracked.hpp>
#include <dynasio/orm/update.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/dynamodb/client.hpp>

#include <dynasio/core/detail/never.hpp>
#include <dynasio/core/error.hpp>
#include <dynasio/core/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
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
    result.at = [](void const* in, std::size_t i) -> void const* {
        auto const& place = (*static_cast<places const*>(in))[i];
        return place ? &*place : nullptr;
    };
    result.drop = [](void* in, std::size_t i) { (*static_cast<places*>(in))[i].reset(); };
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

/// An operation that reads entities, for a repository of another form.
template <class T> tracked<T> tracking(T read) { return track(std::move(read)); }
template <class T> std::optional<tracked<T>> tracking(std::optional<T> read) {
    std::optional<tracked<T>> made;
    if (read) made.emplace(track(*std::move(read)));
    return made;
}
template <class T> std::vector<std::optional<tracked<T>>> tracking(std::vector<std::optional<T>> read) {
    std::vector<std::optional<tracked<T>>> made;
    made.reserve(read.size());
    for (auto& each : read) made.push_back(tracking(std::move(each)));
    return made;
}
template <class Read>
auto tracking(boost::asio::awaitable<Read> op) -> boost::asio::awaitable<decltype(tracking(std::declval<Read>()))> {
    auto read = co_await std::move(op);
    co_return tracking(std::move(read));
}
/// The result of a read in the form of the repository.
template <class Form, class Read> auto in_form(boost::asio::awaitable<Read> op) {
    if constexpr (form_traits<Form>::is_tracked)
        return tracking(std::move(op));
    else
        return op;
}
/// A write of a tracked entity.
template <class Form> boost::asio::awaitable<void> noting_stored(Form& entity, boost::asio::awaitable<void> op) {
    co_await std::move(op);
    access::note_stored(entity);
}
template <class Form> boost::asio::awaitable<bool> noting_removed(Form& entity, boost::asio::awaitable<bool> op) {
    bool const existed = co_await std::move(op);
    access::note_removed(entity);
    co_return existed;
}

} // namespace detail

/// Reads and writes entities of type T, or of type tracked<T>: `Form` is one of the two. It is a value that is cheap to
/// make and to copy; it shares the client's connections.
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
///
/// **unique<> members** are guarded by items that change in one transaction with the entity. create(), and a save of a
/// tracked entity that changes such a member, send one TransactWriteItems. A plain save sends its UpdateItem as if
/// these members had not changed; only when they have, it is refused and followed by one TransactWriteItems. That of an
/// entity whose version or time of creation says that it may be new sends the TransactWriteItems at once. A removal
/// of an entity sends one TransactWriteItems; remove_key(), which does not know the values, a DeleteItem that is
/// refused, and then the transaction. Entities without such values cost what they cost without unique<>. Each change
/// that somebody else makes meanwhile costs one more request; after many, service_errc::transaction_conflict.
///
/// When another entity has the value, they throw errc::not_unique, and diagnostics::holder is the key of that entity.
/// This costs one GetItem more, by which the owner of the guard is looked at: a guard whose owner is gone, or has
/// another value, is taken over. A value that is too long for the key of a guard is errc::invalid_argument.
template <class Form> class repository {
    using T = detail::entity_in<Form>;
    static constexpr bool is_tracked = detail::form_traits<Form>::is_tracked;
    static_assert(!is_tracked || !detail::is_projection<T>(),
                  "dynasio: a projection is not tracked, because it is read only; track its entity");
    /// A tracked entity notes that it was removed.
    using form_to_remove = std::conditional_t<is_tracked, Form&, Form const&>;

public:
    explicit repository(client const& db) : engine_(client_access::engine(db)) {}

    // ---- reading

    /// The entity with this key, or nothing: `find("id")`, `find(key("pk", "sk"))`. Any of with<>, without_autoload,
    /// call_options, report_to, consistent, concurrency, load_budget, load_assumptions and timeline_to may follow.
    /// Sends one GetItem, and the requests for the relations.
    ///
    /// It gives a trashed entity as well; `find("id", without_trashed)` does not.
    template <class... Options>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::optional<Form>>
    find(key_of<T> key, Options&&... options) const {
        std::vector<load_node> children;
        detail::operation_options settings;
        (detail::apply_key_read_option<T>(children, settings, std::forward<Options>(options)), ...);
        // Each call compiles one of the two coroutines only.
        if constexpr (sizeof...(Options) == 0 && !detail::awaits_reads<T>() && !detail::has_autoloads<T>()) {
            auto fetching = detail::fetch_one(engine_, entity_type_of<T>(), key.lowered(), settings);
            return detail::in_form<Form>(
                detail::find_as_optional<T>(engine_, std::move(key).lowered(), std::move(fetching)));
        } else {
            return detail::in_form<Form>(
                detail::find_with_relations<T>(engine_, std::move(key).lowered(), std::move(children), settings));
        }
    }

    /// As find(), but throws errc::not_found when there is no such entity.
    template <class... Options>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<Form>
    get(key_of<T> key, Options&&... options) const {
        std::vector<load_node> children;
        detail::operation_options settings;
        (detail::apply_key_read_option<T>(children, settings, std::forward<Options>(options)), ...);
        return detail::in_form<Form>(
            detail::find_or_throw<T>(engine_, std::move(key).lowered(), std::move(children), settings));
    }

    /// Entities by key: one place for each key, in the order of the keys, which is empty where there is no entity. A
    /// key that occurs several times is asked for once. Trashed entities are left out unless with_trashed or
    /// only_trashed is given. Sends one BatchGetItem for each 100 distinct keys, concurrently.
    template <class... Options>
    [[nodiscard(
        "an operation does nothing until it is awaited")]] boost::asio::awaitable<std::vector<std::optional<Form>>>
    find_many(std::span<key_of<T> const> keys, Options&&... options) const {
        return find_keys(keys, std::forward<Options>(options)...);
    }
    template <class... Options>
    [[nodiscard(
        "an operation does nothing until it is awaited")]] boost::asio::awaitable<std::vector<std::optional<Form>>>
    find_many(std::vector<key_of<T>> const& keys, Options&&... options) const {
        return find_many(std::span<key_of<T> const>(keys), std::forward<Options>(options)...);
    }

    /// The same with keys made from values: `find_many(std::vector<std::string>{…})`.
    template <class K, class... Options>
        requires(!std::is_same_v<K, key_of<T>> && std::is_constructible_v<key_of<T>, K const&>)
    [[nodiscard(
        "an operation does nothing until it is awaited")]] boost::asio::awaitable<std::vector<std::optional<Form>>>
    find_many(std::vector<K> const& values, Options&&... options) const {
        return find_keys(values, std::forward<Options>(options)...);
    }

    /// A query: conditions, order, limit, with<> and options in any order.
    template <class... Options> [[nodiscard]] query<Form> where(Options&&... options) const {
        return detail::access::make<query<Form>>(engine_, false).with_options(std::forward<Options>(options)...);
    }
    /// A query that reads the whole table, whatever its conditions are, and is charged for the whole table.
    template <class... Options> [[nodiscard]] query<Form> scan(Options&&... options) const {
        return detail::access::make<query<Form>>(engine_, true).with_options(std::forward<Options>(options)...);
    }

    // ---- changes as they happen

    /// The changes of the table's items, as entities: `changes(from_start)`, `changes(from_now)`, or
    /// `changes(position)` to go on where an earlier stream was. The table needs a stream, which streamed<> in the
    /// schema declares. Options: seeing, poll_every, on_lost_changes, on_bad_item, concurrency, call_options (of each
    /// round of requests). See change_stream.
    template <class From, class... Options>
    [[nodiscard]] change_stream<T> changes(From const& from, Options&&... options) const {
        static_assert(!detail::is_projection<T>(),
                      "dynasio: a stream has whole items; read the changes of the projection's entity");
        static_assert(detail::is_place_of_changes<From>,
                      "dynasio: changes() begins with from_start, from_now or a change_position");
        detail::change_spec spec;
        spec.type = &entity_type_of<T>();
        if constexpr (detail::is_place_of_changes<From>) detail::apply_place(spec, from);
        (detail::apply_change_option(spec, std::forward<Options>(options)), ...);
        return detail::access::make<change_stream<T>>(detail::change_reader(engine_, std::move(spec)));
    }

    /// The entities that a PartiQL statement selects: `statement("SELECT * FROM users WHERE city = ?", "Oslo").all()`.
    /// The table's name is that of the schema, without the client's prefix, and may be followed by an index:
    /// `FROM users.by_city`. Each further argument is the value of a question mark. What the statement selects must be
    /// whole: `SELECT *`, which for a projection asks for its attributes alone, or the names of all attributes that a
    /// projection has members for. Throws errc::invalid_argument, when it is awaited, for anything else than a SELECT
    /// from the entity's table, and for question marks without values.
    template <class... Values>
    [[nodiscard]] dynasio::statement<Form> statement(std::string_view text, Values const&... values) const {
        return detail::access::make<dynasio::statement<Form>>(engine_, detail::lower_statement(text, values...));
    }

    // ---- relations of entities that are there

    /// Loads a relation of one entity, or of many at once: `load<&User::posts>(users, newest_first, limit(5))`. A
    /// relation that is already loaded is kept without a request, unless reload is given, with<> is nested below it, or
    /// it is a belongs_to whose foreign key names another entity by now.
    template <auto Member, class... Arguments>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    load(detail::at_call<Form> entity, Arguments&&... arguments) const {
        return load_into<Member>(std::vector<void*>(1, &detail::entity_of(entity.entity())), entity.where(),
                                 std::forward<Arguments>(arguments)...);
    }
    template <auto Member, class... Arguments>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    load(std::vector<Form>& entities, Arguments&&... arguments) const {
        return load_into<Member>(pointers_to(entities), {}, std::forward<Arguments>(arguments)...);
    }

    /// Loads several relations in one operation, concurrently: `load(users, with<&User::posts>(limit(5)),
    /// with<&User::roles>())`.
    template <class... Options>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    load(detail::at_call<Form> entity, Options&&... options) const {
        return load_all(std::vector<void*>(1, &detail::entity_of(entity.entity())), entity.where(),
                        std::forward<Options>(options)...);
    }
    template <class... Options>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    load(std::vector<Form>& entities, Options&&... options) const {
        return load_all(pointers_to(entities), {}, std::forward<Options>(options)...);
    }

    /// How many related entities each of the entities has, in their order, without loading them:
    /// `count<&User::posts>(users, field<&Post::status> == "live")`. Takes what with_count<> takes, which also says
    /// what is counted and what it costs, and call_options, report_to, consistent, concurrency and on_bad_item.
    /// Entities with the same key share their requests. The entities are read when this is called and are not changed:
    /// their handles stay as they are.
    template <auto Member, class... Arguments>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::vector<std::uint64_t>>
    count(std::vector<Form> const& entities, Arguments const&... arguments) const {
        std::vector<void const*> owners;
        owners.reserve(entities.size());
        for (auto const& e : entities) owners.push_back(&detail::entity_of(e));
        detail::operation_options settings;
        auto what = count_node<Member>(settings, arguments...);
        return detail::count_related(engine_, entity_type_of<T>(), std::move(owners), std::move(what), settings);
    }
    /// The same for one entity.
    template <auto Member, class... Arguments>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::uint64_t>
    count(detail::at_call<Form const> entity, Arguments const&... arguments) const {
        detail::operation_options settings;
        settings.where = entity.where();
        auto what = count_node<Member>(settings, arguments...);
        return detail::count_related_to(engine_, entity_type_of<T>(), &detail::entity_of(entity.entity()),
                                        std::move(what), settings);
    }

    /// One relation of one saved entity: `related<&User::roles>(user).attach(role)`,
    /// `related<&User::posts>(user).get(limit(5))`. See related_entities.
    template <auto Member>
    [[nodiscard]] auto related(Form const& entity, std::source_location where = std::source_location::current()) const {
        return relation_of<Member>(detail::entity_of(entity), where);
    }
    template <auto Member>
    [[nodiscard]] auto related(Form& entity, std::source_location where = std::source_location::current()) const {
        return relation_of<Member>(detail::entity_of(entity), where);
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
    create(Form& entity, call_options options = {}) const {
        if constexpr (detail::has_autosaves<T>())
            return write_graph(graph_of(entity, true), options);
        else
            return write(entity, detail::write_mode::create, options, {});
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
    ///
    /// A tracked entity that is new is stored as create() does. For one that was read or saved, the attributes that
    /// have changed are written, with updated_at and the version, and nothing is sent when none has. The write requires
    /// that the item is still there: with a version, errc::stale_version when it is gone or another version is stored;
    /// else errc::not_found. Changing the key is errc::invalid_argument.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    save(Form& entity, call_options options = {}) const {
        return save_if(entity, {}, options);
    }
    /// Saves under a condition on what is stored: `save(user, only_if(field<&User::status> == "off"))`. When it does
    /// not hold, errc::condition_failed, and diagnostics::item is what is stored. There is no item that satisfies a
    /// condition where there is none at all, except one that asks for absence.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    save(Form& entity, only_if<T> condition, call_options options = {}) const {
        return save_if(entity, std::move(condition), options);
    }
    /// Saves a tracked entity even when nothing has changed, so that updated_at and the version are stored anew.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    save(Form& entity, touch_t, call_options options = {}) const
        requires is_tracked
    {
        return save_if(entity, {}, options, true);
    }

    /// Saves an entity along with entities in its handles, all of it together or nothing: `save(user,
    /// along<&User::address>(), along<&User::posts>(replace_missing, along<&Post::comments>()))`. Entities of
    /// belongs_to are stored first, then the entity, then those of has_one and has_many, then links. in_parts,
    /// without_autosave, only_if (about the entity) and call_options may stand among them. Foreign keys are set, also
    /// from keys that this call makes.
    ///
    /// Written is what differs from what the last load has given: an entity that it gave is stored as a save of a
    /// tracked entity stores it, with the attributes that have changed, and costs nothing without changes; any other is
    /// stored as save() does, and is new when its key is empty or has a part that this call makes for its owner. What
    /// the handle holds no more stays where it is, unless replace_missing is given: then it is removed, as remove()
    /// does, or detached. Links are attached for entities that had none; of one that was there, the data are replaced
    /// where they differ. A handle that is not loaded is not looked at. Versions, times, rules, transforms, unique<>
    /// members and hooks are those of the operations on one entity; there are no hooks for an entity without changes.
    ///
    /// Sends one TransactWriteItems, which has at most 100 writes with the guards of unique<> members, or the request
    /// of a single write. When it completes, the entity and its handles hold what the table has; after a failure
    /// everything is as it was, except that keys which were made stay when the outcome is unknown.
    ///
    /// With in_parts, more writes are several transactions, one after the other, and removals come last: at no time
    /// does a foreign key refer to something that is not stored yet. When one fails, the earlier ones have happened,
    /// the entities show what has been stored and what has not, and to save again stores the rest.
    ///
    /// Throws before anything is sent: errc::invalid_argument for a foreign key that names another entity than the one
    /// whose handle the entity is in (an empty one, or the 0 of a number in an entity that was not loaded, is none),
    /// for two writes of one item, for a relation that is named twice, and for an entity of nothing but its key that
    /// may be there already, which fits no transaction and needs in_parts; errc::batch_too_large for more than 100
    /// writes or 4 MB without in_parts; and the errors of each write. A guard that does not hold is the error of that
    /// write, as transaction::commit() tells it.
    template <class... Options>
        requires(detail::is_graph_option<Options> || ...)
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    save(Form& entity, Options... options) const {
        return write_graph(graph_of(entity, false), std::move(options)...);
    }
    /// The same for an entity that is new, which is stored as create() does.
    template <class... Options>
        requires(detail::is_graph_option<Options> || ...)
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    create(Form& entity, Options... options) const {
        return write_graph(graph_of(entity, true), std::move(options)...);
    }

    /// Changes one stored item in one step, without reading it, and returns the entity after it:
    /// `update("u1", add<&User::logins>(1), set_to<&User::status>("on"), only_if(field<&User::status> == "off"))`. Any
    /// number of set_to<>, set_if_absent<>, add<>, take<>, unset<>, push_back<> and push_front<>, each about another
    /// member; only_if, or_create and call_options may stand among them. updated_at is set and the version counted on.
    /// Rules, transforms and hooks are not applied, because there is no whole entity.
    ///
    /// Throws errc::not_found when there is no item, unless or_create is given, and errc::condition_failed when the
    /// condition does not hold. After a lost answer the request is sent again only when no number and no list can count
    /// twice by that; else the error has outcome_unknown, whatever call_options::repeat_unsafe_writes() says. Sends one
    /// UpdateItem.
    template <class... Changes>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<Form>
    update(key_of<T> key, Changes const&... changes) const {
        static_cast<void>(detail::check_writable<T>());
        detail::update_spec what;
        (detail::apply_update_argument<T>(what, changes), ...);
        return detail::in_form<Form>(detail::update_and_read<T>(engine_, std::move(key).lowered(), std::move(what)));
    }

    /// Deletes the stored entity for good, trashed or not. With a version, only when the stored version is still the
    /// same, else errc::stale_version; version 0 is also that of an item without version. Returns whether there was an
    /// entity; when an attempt whose answer was lost may have removed it, that is taken for true. Sends one DeleteItem.
    ///
    /// Where the schema says on_remove<>, children go first and the entity last, whether they are loaded or not, and
    /// trashed ones too. `restrict`: one Query for a child, and errc::still_referenced, before anything is written,
    /// when there is one. `cascade`: all pages of children are read, 100 at a time, what their own schemas say is done
    /// to each, and each is removed by a DeleteItem under the condition that it still belongs to the entity, whatever
    /// its version. `clear`: each child's foreign key is removed by an UpdateItem. With a version or a condition, one
    /// TransactWriteItems checks that it holds before anything is changed. All this is no transaction: when it fails,
    /// some children are gone and the entity is still stored, so that to remove it again goes on. Most indexes answer a
    /// moment later than their table, so a child that has just been stored can be missed. Each request has the call's
    /// deadline.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<bool>
    remove(form_to_remove entity, call_options options = {}) const {
        return remove_if(entity, {}, options);
    }
    /// Deletes it under a condition on what is stored; errc::condition_failed when it does not hold.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<bool>
    remove(form_to_remove entity, only_if<T> condition, call_options options = {}) const {
        return remove_if(entity, std::move(condition), options);
    }
    /// Deletes by key, whatever version is stored. Returns whether there was an entity. Sends one DeleteItem.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<bool>
    remove_key(key_of<T> key, call_options options = {}) const {
        static_cast<void>(detail::check_writable<T>());
        return detail::remove_item(engine_, entity_type_of<T>(), std::move(key).lowered(), {},
                                   detail::operation_options{.call = options});
    }

    /// Trashes a stored entity, which needs soft_delete<>: the time of now, updated_at and the next version are stored,
    /// and nothing else that the program may have changed. An entity that is trashed in memory keeps its time. With a
    /// version, only when the stored version is still the same, else errc::stale_version; without, when the item is
    /// gone, errc::not_found. Throws errc::entity_not_saved for an entity without a key. Sends one UpdateItem.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    trash(Form& entity, call_options options = {}) const {
        return trash(entity, only_if<T>(), options);
    }
    /// The same under a condition on what is stored; errc::condition_failed when it does not hold.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    trash(Form& entity, only_if<T> condition, call_options options = {}) const {
        static_assert(detail::can_be_trashed<T>(),
                      "dynasio: this entity cannot be trashed; its schema needs soft_delete<&T::member>");
        return write(entity, detail::write_mode::trash, options, std::move(condition));
    }
    /// Takes a stored entity out of the trash: the attribute of soft_delete<> is removed, and updated_at and the
    /// version are stored as trash() does. Sends one UpdateItem.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    restore(Form& entity, call_options options = {}) const {
        return restore(entity, only_if<T>(), options);
    }
    /// The same under a condition on what is stored; errc::condition_failed when it does not hold.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    restore(Form& entity, only_if<T> condition, call_options options = {}) const {
        static_assert(detail::can_be_trashed<T>(),
                      "dynasio: this entity cannot be restored; its schema needs soft_delete<&T::member>");
        return write(entity, detail::write_mode::restore, options, std::move(condition));
    }

    // ---- writing many

    /// Stores new entities, each as create() does and concurrently, at most `concurrency` requests at a time. The
    /// outcome has a place for each entity: an entity whose write failed has the error that create() would have thrown,
    /// is as it was, and does not keep the others from being stored. Sends one PutItem for each entity, because
    /// BatchWriteItem knows no conditions.
    ///
    /// call_options and concurrency may follow the entities. The vector must stay as it is until the operation
    /// completes. The operation itself throws errc::invalid_argument, before it sends anything, when two entities have
    /// the same key, and operation_aborted when it was cancelled; entities that had been stored by then have their
    /// keys, times and versions. When the deadline passes, every entity that had not been stored has
    /// errc::deadline_exceeded.
    template <class... Options>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<batch_outcome>
    create_many(std::vector<Form>& entities, Options... options) const {
        return write_many(detail::planned_write::kind::create, entities, options...);
    }
    /// Saves entities, each as save() does, as create_many() stores them. Tracked entities without changes are stored
    /// already, and cost no request.
    template <class... Options>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<batch_outcome>
    save_many(std::vector<Form>& entities, Options... options) const {
        return write_many(detail::planned_write::kind::save, entities, options...);
    }
    /// Removes entities, each as remove() does. Without a version, 25 of them are one BatchWriteItem, whose unprocessed
    /// items are sent again, after a pause when the service makes no progress; an item that never comes through has
    /// errc::batch_incomplete. With a version, each is a DeleteItem that is guarded by it.
    template <class... Options>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<batch_outcome>
    remove_many(std::vector<Form>& entities, Options... options) const {
        return write_many(detail::planned_write::kind::remove, entities, options...);
    }

    // ---- refused
    // Each says what to write instead. Their conditions are such that nothing is taken from the functions above.

    // A save changes the entity: an E that is Form const is one that it cannot change.
    template <class E, class... Options>
        requires std::is_same_v<E, Form const>
    boost::asio::awaitable<void> create(E&, Options const&...) const {
        refuse_constant<E>();
        return {};
    }
    template <class E, class... Options>
        requires std::is_same_v<E, Form const>
    boost::asio::awaitable<void> save(E&, Options const&...) const {
        refuse_constant<E>();
        return {};
    }
    template <class E, class... Options>
        requires std::is_same_v<E, Form const>
    boost::asio::awaitable<void> trash(E&, Options const&...) const {
        refuse_constant<E>();
        return {};
    }
    template <class E, class... Options>
        requires std::is_same_v<E, Form const>
    boost::asio::awaitable<void> restore(E&, Options const&...) const {
        refuse_constant<E>();
        return {};
    }
    template <class E, class... Options>
        requires(std::is_same_v<E, Form const> && is_tracked)
    boost::asio::awaitable<bool> remove(E&, Options const&...) const {
        static_assert(detail::never<E>,
                      "dynasio: a tracked entity notes that it was removed; pass one that is not const");
        return {};
    }

    // What is for other operations: along<> for a save, with<> and conditions for a read.
    template <class... Options>
        requires(detail::is_graph_option<Options> || ...)
    boost::asio::awaitable<bool> remove(form_to_remove, Options const&...) const {
        static_assert(
            detail::never<Options...>,
            "dynasio: along<> and its options are for save() and create(); on_remove<> in the schema says what "
            "is removed with an entity: on_remove<&User::posts>(cascade)");
        return {};
    }
    template <class... Options>
        requires(detail::is_graph_option<Options> || ...)
    boost::asio::awaitable<void> trash(Form&, Options const&...) const {
        refuse_graph<Options...>();
        return {};
    }
    template <class... Options>
        requires(detail::is_graph_option<Options> || ...)
    boost::asio::awaitable<void> restore(Form&, Options const&...) const {
        refuse_graph<Options...>();
        return {};
    }
    template <class... Options>
        requires((detail::is_foreign_to_writes<Options> || ...) && !(detail::is_graph_option<Options> || ...))
    boost::asio::awaitable<void> save(Form&, Options const&...) const {
        static_assert(detail::never<Options...>,
                      "dynasio: a save takes along<>, in_parts, without_autosave, only_if and call_options; "
                      "replace_missing stands inside of along<>(…), and a condition inside of only_if(…)");
        return {};
    }
    template <class... Options>
        requires(((detail::is_foreign_to_writes<Options> || std::is_same_v<Options, only_if<T>>) || ...) &&
                 !(detail::is_graph_option<Options> || ...))
    boost::asio::awaitable<void> create(Form&, Options const&...) const {
        static_assert(detail::never<Options...>,
                      "dynasio: create() takes along<>, in_parts, without_autosave and call_options; its condition is "
                      "that there is no such item, and save() takes only_if");
        return {};
    }

    // A text names no relation.
    template <detail::name_as_text, class Entities, class... Arguments>
    boost::asio::awaitable<void> load(Entities const&, Arguments const&...) const {
        detail::refuse_name_as_text<Entities>();
        return {};
    }
    template <detail::name_as_text, class Entities, class... Arguments>
    boost::asio::awaitable<std::uint64_t> count(Entities const&, Arguments const&...) const {
        detail::refuse_name_as_text<Entities>();
        return {};
    }
    template <detail::name_as_text, class Entity> auto related(Entity const&) const {
        detail::refuse_name_as_text<Entity>();
    }

    // Temporaries are refused: the caller could not see the key, times and version that the operation assigns, and
    // g++ 12 destroys a temporary aggregate inside a co_await expression twice.
    boost::asio::awaitable<void> create(Form const&&, call_options = {}) const {
        static_assert(detail::never<T>,
                      "dynasio: pass a named object to create(): it receives its key, times and version");
        return {};
    }
    boost::asio::awaitable<void> save(Form const&&, call_options = {}) const {
        static_assert(detail::never<T>,
                      "dynasio: pass a named object to save(): it receives its key, times and version");
        return {};
    }
    template <class... Options>
        requires(detail::is_graph_option<Options> || ...)
    boost::asio::awaitable<void> create(Form const&& entity, Options const&...) const {
        return create(std::move(entity));
    }
    template <class... Options>
        requires(detail::is_graph_option<Options> || ...)
    boost::asio::awaitable<void> save(Form const&& entity, Options const&...) const {
        return save(std::move(entity));
    }

private:
    template <class E> static consteval void refuse_constant() {
        static_assert(detail::never<E>, "dynasio: pass an entity that is not const: a write assigns key, times and "
                                        "version to it");
    }
    template <class... Options> static consteval void refuse_graph() {
        static_assert(detail::never<Options...>,
                      "dynasio: along<> and its options are for save() and create(); trash and restore the entities of "
                      "relations themselves");
    }

    boost::asio::awaitable<void> write(Form& entity, detail::write_mode mode, call_options options,
                                       only_if<T> condition) const {
        static_cast<void>(detail::check_writable<T>());
        detail::write_terms terms;
        terms.only_if = std::move(condition).take();
        if constexpr (is_tracked) {
            bool const stores_all = mode == detail::write_mode::create || mode == detail::write_mode::save;
            if (!stores_all) terms.twin = detail::access::original_of(entity);
            auto writing = detail::write_entity(engine_, entity_type_of<T>(), &*entity, mode,
                                                detail::operation_options{.call = options}, std::move(terms));
            if (stores_all) return detail::noting_stored(entity, std::move(writing));
            return writing;
        } else {
            return detail::write_entity(engine_, entity_type_of<T>(), &entity, mode,
                                        detail::operation_options{.call = options}, std::move(terms));
        }
    }
    static detail::graph_spec graph_of(Form& entity, bool creates) {
        detail::graph_spec graph;
        graph.type = &entity_type_of<T>();
        graph.root = detail::hold(entity);
        graph.creates = creates;
        return graph;
    }
    template <class... Options>
    boost::asio::awaitable<void> write_graph(detail::graph_spec graph, Options... options) const {
        constexpr bool known = ((detail::is_graph_option<Options> || std::is_same_v<Options, call_options> ||
                                 std::is_same_v<Options, only_if<T>>) &&
                                ...);
        constexpr bool begins = (detail::is_along_from<T, Options>() && ...);
        static_assert(known, "dynasio: a save takes along<>, in_parts, without_autosave, only_if and call_options");
        static_assert(begins, "dynasio: along<> names a relation of another entity than the one that is saved");
        if constexpr (known && begins) (detail::apply_graph_option<T>(graph, std::move(options)), ...);
        return detail::save_graph(engine_, std::move(graph));
    }
    template <class... Options>
    boost::asio::awaitable<batch_outcome> write_many(detail::planned_write::kind what, std::vector<Form>& entities,
                                                     Options... options) const {
        constexpr bool fits = ((std::is_same_v<Options, call_options> || std::is_same_v<Options, concurrency>) && ...);
        static_assert(fits, "dynasio: writes of many entities take call_options and concurrency");
        detail::operation_options settings;
        if constexpr (fits) (detail::apply_call_option(settings, options), ...);
        std::vector<detail::planned_write> writes(entities.size());
        for (std::size_t i = 0; i < entities.size(); ++i) {
            writes[i].what = what;
            writes[i].type = &entity_type_of<T>();
            writes[i].form = detail::hold(entities[i]);
        }
        return detail::write_many(engine_, entity_type_of<T>(), std::move(writes), settings);
    }
    boost::asio::awaitable<void> save_if(Form& entity, only_if<T> condition, call_options options,
                                         [[maybe_unused]] bool touches = false) const {
        if constexpr (detail::has_autosaves<T>()) {
            auto graph = graph_of(entity, false);
            graph.touches = touches;
            return write_graph(std::move(graph), std::move(condition), options);
        } else if constexpr (is_tracked) {
            if (entity.is_new()) return write(entity, detail::write_mode::create, options, std::move(condition));
            detail::write_terms terms;
            terms.only_if = std::move(condition).take();
            terms.twin = detail::access::original_of(entity);
            return detail::noting_stored(entity, detail::write_changes(engine_, entity_type_of<T>(), &*entity, touches,
                                                                       detail::operation_options{.call = options},
                                                                       std::move(terms)));
        } else {
            return write(entity, detail::write_mode::save, options, std::move(condition));
        }
    }
    boost::asio::awaitable<bool> remove_if(form_to_remove entity, only_if<T> condition, call_options options) const {
        static_cast<void>(detail::check_writable<T>());
        entity_type const& type = entity_type_of<T>();
        T const& removed = as_read(entity);
        if constexpr (detail::has_removal_policies<T>()) {
            auto removing =
                detail::remove_owner(engine_, type, &detail::entity_of(entity), &removed, std::move(condition).take(),
                                     detail::operation_options{.call = options});
            if constexpr (is_tracked)
                return detail::noting_removed(entity, std::move(removing));
            else
                return removing;
        } else {
            auto key = key_of<T>::of(removed);
            auto version =
                type.version ? type.wire(&removed, *type.version) : std::string(); // an integer: does not throw
            auto removing = detail::remove_item(engine_, type, std::move(key).lowered(), std::move(version),
                                                detail::operation_options{.call = options}, std::move(condition).take(),
                                                &detail::entity_of(entity), &removed);
            if constexpr (is_tracked)
                return detail::noting_removed(entity, std::move(removing));
            else
                return removing;
        }
    }
    /// The entity whose key and version are those of the table.
    static T const& as_read(Form const& entity) noexcept {
        if constexpr (is_tracked) {
            if (auto const* const original = entity.original()) return *original;
        }
        return detail::entity_of(entity);
    }

    template <auto Member, class Entity> auto relation_of(Entity& entity, std::source_location where) const {
        static_cast<void>(detail::check_writable<T>());
        // related_entities<> cannot be named for a member that is no relation; check_relation() says that it is none.
        if constexpr (detail::is_relation<Member> || detail::check_relation<Member>())
            return detail::access::make<related_entities<Member>>(engine_, entity, where);
    }

    static std::vector<void*> pointers_to(std::vector<Form>& entities) {
        std::vector<void*> pointers;
        pointers.reserve(entities.size());
        for (auto& e : entities) pointers.push_back(&detail::entity_of(e));
        return pointers;
    }

    /// The elements of `keys` are key_of<T>, or values that convert to it.
    template <class Keys, class... Options>
    boost::asio::awaitable<std::vector<std::optional<Form>>> find_keys(Keys const& keys, Options&&... options) const {
        std::vector<load_node> children;
        detail::operation_options settings;
        (detail::apply_key_read_option<T>(children, settings, std::forward<Options>(options)), ...);
        detail::key_list texts(keys.size());
        for (auto const& each : keys) {
            key_of<T> const& key = each; // a temporary where the element is not a key_of<T> itself
            texts.add(key.lowered());
        }
        return detail::in_form<Form>(detail::find_all<T>(engine_, std::move(texts), std::move(children), settings));
    }

    template <class... Options>
    boost::asio::awaitable<void> load_all(std::vector<void*> entities, std::source_location where,
                                          Options&&... options) const {
        std::vector<load_node> children;
        detail::operation_options settings;
        settings.where = where;
        (detail::apply_read_option<T>(children, settings, std::forward<Options>(options)), ...);
        return detail::load_relations(engine_, entity_type_of<T>(), std::move(entities), std::move(children), settings);
    }

    template <auto Member, class... Arguments>
    static load_node count_node(detail::operation_options& settings, Arguments const&... arguments) {
        if constexpr (detail::check_relation<Member>())
            static_assert(std::is_same_v<detail::owner_of<Member>, T>,
                          "dynasio: count<> names a relation of another entity");
        return detail::split_count_arguments<Member>(settings, arguments...);
    }

    template <auto Member, class... Arguments>
    boost::asio::awaitable<void> load_into(std::vector<void*> entities, std::source_location where,
                                           Arguments&&... arguments) const {
        std::vector<load_node> children;
        detail::operation_options settings;
        settings.where = where;
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
