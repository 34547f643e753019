#ifndef DYNASIO_ORM_DETAIL_OPERATIONS_HPP
#define DYNASIO_ORM_DETAIL_OPERATIONS_HPP

#include <dynasio/orm/bad_item.hpp>
#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/load_assumptions.hpp>
#include <dynasio/orm/load_budget.hpp>
#include <dynasio/orm/load_node.hpp>
#include <dynasio/orm/load_report.hpp>
#include <dynasio/orm/load_timeline.hpp>
#include <dynasio/orm/pivot.hpp>
#include <dynasio/orm/table_change.hpp>
#include <dynasio/orm/table_difference.hpp>
#include <dynasio/orm/table_progress.hpp>

#include <dynasio/dynamodb/call_options.hpp>
#include <dynasio/dynamodb/detail/engine.hpp>
#include <dynasio/dynamodb/expression.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dynasio {

class client;
} // namespace dynasio

// The compiled part of repositories. These are ordinary functions, not coroutines: they read the entity when they are
// called, and the awaitable that they return owns everything it needs except the entities that it fills. An error in
// the arguments is thrown when the awaitable is awaited, so that as_result() and co_spawn() see it.
namespace dynasio::detail {

using engine_ptr = std::shared_ptr<dynamodb::detail::engine>;

/// Options about a load as a whole. Few reads have any, so that options hold them behind a pointer.
struct load_settings {
    std::optional<load_assumptions> assumed{};
    load_budget budget{};
    load_timeline* timeline = nullptr;
    std::size_t max_recorded = 0; ///< The most requests that the timeline holds.
    // What other loads of the same operation have taken before, which counts against the budget.
    std::uint64_t requests_before = 0;
    double units_before = 0;
};

/// The first argument of a call about one entity, with the place of the call, which a default argument cannot give in
/// front of a pack.
template <class Entity> class at_call {
public:
    // NOLINTNEXTLINE(google-explicit-constructor)
    at_call(Entity& entity, std::source_location where = std::source_location::current()) noexcept
        : entity_(&entity), where_(where) {}
    // NOLINTNEXTLINE(google-explicit-constructor)
    at_call(std::reference_wrapper<Entity> entity,
            std::source_location where = std::source_location::current()) noexcept
        : entity_(&entity.get()), where_(where) {}
    [[nodiscard]] Entity& entity() const noexcept { return *entity_; }
    [[nodiscard]] std::source_location const& where() const noexcept { return where_; }

private:
    Entity* entity_;
    std::source_location where_;
};

/// Options of one repository operation, without their C++ types.
struct operation_options {
    call_options call{};
    load_report* report = nullptr;
    bool consistent = false;
    std::optional<std::size_t> concurrency{}; ///< Requests in flight; by default as many as the client has connections.
    bad_item_policy bad_items{};
    read_budget budget{};
    // Of a read by key: which entities it gives.
    trashed which = trashed::unsaid;
    bool everything = false;                      ///< Also what where_always() leaves out.
    bool autoloads = true;                        ///< Loads what schemas ask for with autoload<>.
    std::shared_ptr<load_settings const> whole{}; ///< Null: none. Copies of the options share it.
    std::source_location where{};                 ///< The call, where it is known.

    /// Changes what is said about the whole load, in these options and not in their copies.
    template <class Change> void change_whole(Change change) {
        auto made = whole ? std::make_shared<load_settings>(*whole) : std::make_shared<load_settings>();
        change(*made);
        whole = std::move(made);
    }
};

/// A key in wire form (`{"id":{"S":"…"}}`), or the error that prevented it. The error is thrown when the operation is
/// awaited.
class lowered_key {
public:
    lowered_key() = default;
    explicit lowered_key(std::string json) : json_(std::move(json)) {}
    explicit lowered_key(std::exception_ptr failed) : failed_(std::move(failed)) {}
    /// Throws the error when there is no key.
    [[nodiscard]] std::string const& json() const& {
        if (failed_) std::rethrow_exception(failed_);
        return json_;
    }
    [[nodiscard]] std::string json() && {
        if (failed_) std::rethrow_exception(failed_);
        return std::move(json_);
    }
    [[nodiscard]] std::exception_ptr const& failed() const noexcept { return failed_; }

private:
    std::string json_;
    std::exception_ptr failed_;
};

/// Reads the entity with this key into `*into`, a T whose handles get their names from this call. Returns false when
/// there is no such entity, or throws errc::not_found when `required`.
[[nodiscard]] boost::asio::awaitable<bool> find_one(engine_ptr engine, entity_type const& type, lowered_key key,
                                                    std::vector<load_node> children, operation_options options,
                                                    void* into, bool required);

/// find_one() in parts, for a find() without relations. The caller's coroutine awaits fetch_one() and calls read_one()
/// itself, which saves the frame of find_one()'s coroutine.
[[nodiscard]] boost::asio::awaitable<dynamodb::detail::raw_reply>
fetch_one(engine_ptr const& engine, entity_type const& type, lowered_key const& key, operation_options const& options);
[[nodiscard]] bool read_one(engine_ptr const& engine, dynamodb::detail::raw_reply const& reply, lowered_key const& key,
                            entity_type const& type, void* into);
/// Rethrows an error of fetch_one() with the entity and the table, which the engine does not know.
[[noreturn]] void rethrow_about_one(error const& e, engine_ptr const& engine, entity_type const& type);

/// Keys in wire form (`{"id":{"S":"…"}}`), one behind the other in one string.
class key_list {
public:
    key_list() = default;
    /// Reserves memory for `expected` keys that are as long as the first one.
    explicit key_list(std::size_t expected) { ends_.reserve(expected); }

    void add(lowered_key const& key) {
        if (key.failed()) {
            failed_ = key.failed();
            return;
        }
        if (ends_.empty()) text_.reserve((key.json().size() + 2) * ends_.capacity());
        text_ += key.json();
        ends_.push_back(text_.size());
    }
    /// Throws the error of a key that could not be made.
    void check() const {
        if (failed_) std::rethrow_exception(failed_);
    }
    [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }
    [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
        std::size_t const begin = i == 0 ? 0 : ends_[i - 1];
        return std::string_view(text_).substr(begin, ends_[i] - begin);
    }

private:
    std::string text_;
    std::vector<std::size_t> ends_;
    std::exception_ptr failed_;
};

/// Functions on the vector that entities are read into by key: a `std::vector<std::optional<T>>` with one place for
/// each key.
struct key_places {
    void* places;
    /// Makes an empty entity at `i` and returns it for decoding. An item that arrives in the order of the keys is
    /// decoded in its final place and never moved.
    void* (*make)(void* places, std::size_t i);
    void (*move)(void* places, std::size_t from, std::size_t to);
    void (*copy)(void* places, std::size_t from, std::size_t to);
    /// Puts `*entity` at `i`. It is moved from when `last` says that the load needs it for nothing else, else copied.
    void (*put)(void* places, std::size_t i, void* entity, bool last);
    /// The entity at `i`, or null.
    void const* (*at)(void const* places, std::size_t i);
    void (*drop)(void* places, std::size_t i);
};
/// Reads entities by key. The places of keys without an entity stay empty. When the operation throws, the contents of
/// the places are unspecified.
[[nodiscard]] boost::asio::awaitable<void> find_many(engine_ptr engine, entity_type const& type, key_list keys,
                                                     std::vector<load_node> children, operation_options options,
                                                     key_places places);

/// What a query asks for, before it is planned.
struct query_spec {
    entity_type const* type = nullptr;
    selection select{};
    bool scan = false;                     ///< Reads the whole table with Scan, whatever the condition is.
    bool from_end = false;                 ///< Reads in the reverse of its order.
    std::optional<std::size_t> segments{}; ///< The parts of a scan that are read at the same time.
    std::optional<std::size_t> segment{};  ///< The one of these parts that is read.
    /// The planned condition as if the time were always the same; only when the condition depends on the time.
    std::optional<dynamodb::condition> timeless{};
    std::vector<load_node> children{};
    std::vector<related_filter> related{}; ///< All of them must hold.
    operation_options options{};
};
struct query_outcome {
    std::shared_ptr<void> items; ///< vector<T>
    std::string cursor;          ///< Text for the next page; empty after the last one.
};
[[nodiscard]] boost::asio::awaitable<query_outcome> run_query(engine_ptr engine, query_spec query);
/// The next `size` entities behind `cursor`, which is the text of a cursor or empty for the first page.
[[nodiscard]] boost::asio::awaitable<query_outcome> run_page(engine_ptr engine, query_spec query, std::size_t size,
                                                             std::string cursor);
/// The last entity in the query's order, if there is one.
[[nodiscard]] boost::asio::awaitable<query_outcome> run_last(engine_ptr engine, query_spec query);
/// The one entity that there is. Throws errc::not_found or errc::more_than_one.
[[nodiscard]] boost::asio::awaitable<query_outcome> run_only(engine_ptr engine, query_spec query);
[[nodiscard]] boost::asio::awaitable<bool> run_exists(engine_ptr engine, query_spec query);
[[nodiscard]] boost::asio::awaitable<std::uint64_t> run_count(engine_ptr engine, query_spec query);
/// The plan as text. Sends nothing. Throws the errors that running the query would throw before its first request.
[[nodiscard]] std::string explain_query(engine_ptr const& engine, query_spec const& query);
/// The plan of a load of relations for `owners` entities that are there.
[[nodiscard]] std::string explain_relations(engine_ptr const& engine, entity_type const& type, std::size_t owners,
                                            std::vector<load_node> children, operation_options const& options);

/// A PartiQL statement with its values in wire form.
struct statement_spec {
    std::string text{};
    std::vector<std::string> values{};
    std::exception_ptr failed{};       ///< The error of a value that could not be made.
    std::optional<std::size_t> page{}; ///< One page of this many items; else all pages.
    std::string token{};               ///< The place where it begins.
    operation_options options{};
};
/// The entities that a statement selects; the cursor of the outcome is the service's token.
[[nodiscard]] boost::asio::awaitable<query_outcome> run_statement(engine_ptr engine, entity_type const& type,
                                                                  statement_spec spec);

/// Loads relations of entities. The entities must stay where they are until the operation completes.
[[nodiscard]] boost::asio::awaitable<void> load_relations(engine_ptr engine, entity_type const& type,
                                                          std::vector<void*> entities, std::vector<load_node> children,
                                                          operation_options options);

/// Counts the entities of a relation for each of `owners`, which are entities of `type`, in their order. The owners are
/// read by this call alone. `what` is a load_node with `counts`.
[[nodiscard]] boost::asio::awaitable<std::vector<std::uint64_t>>
count_related(engine_ptr engine, entity_type const& type, std::vector<void const*> owners, load_node what,
              operation_options options);
/// The same for one owner.
[[nodiscard]] boost::asio::awaitable<std::uint64_t> count_related_to(engine_ptr engine, entity_type const& type,
                                                                     void const* owner, load_node what,
                                                                     operation_options options);

/// What a write asks besides its mode.
struct write_terms {
    dynamodb::condition only_if{}; ///< The caller's own condition.
    /// A copy of the entity as it was read, which receives what the write assigns to the entity.
    void* twin = nullptr;
};

/// Stores an entity, which must stay where it is until the operation completes. Its key, times and version are assigned
/// on success only.
enum class write_mode : unsigned char { create, save, trash, restore };
[[nodiscard]] boost::asio::awaitable<void> write_entity(engine_ptr engine, entity_type const& type, void* entity,
                                                        write_mode mode, operation_options options,
                                                        write_terms terms = {});
/// Stores what has changed since the entity was read; `terms.twin` is how it was then. Sends nothing when nothing has
/// changed, unless `touches`.
[[nodiscard]] boost::asio::awaitable<void> write_changes(engine_ptr engine, entity_type const& type, void* entity,
                                                         bool touches, operation_options options, write_terms terms);
/// Deletes by key. A `version` (wire form) that is not empty guards the delete. Returns whether there was an item. The
/// hooks of `entity` are called when there is one; `read` is how it was read.
[[nodiscard]] boost::asio::awaitable<bool> remove_item(engine_ptr engine, entity_type const& type, lowered_key key,
                                                       std::string version, operation_options options,
                                                       dynamodb::condition only_if = {}, void const* entity = nullptr,
                                                       void const* read = nullptr);

/// One change of a stored item.
struct update_step {
    enum class action : unsigned char { set, set_if_absent, add, take, remove, append, prepend };
    attribute_index attribute = 0;
    action what = action::remove;
    std::string operand{}; ///< In wire form; empty for remove, and for a value that is stored as no attribute.
};
struct update_spec {
    std::vector<update_step> steps{};
    dynamodb::condition only_if{};
    bool creates = false; ///< Makes an item where there is none.
    call_options call{};
};
/// Changes one item and reads the result into `*into`, a T.
[[nodiscard]] boost::asio::awaitable<void> update_item(engine_ptr engine, entity_type const& type, lowered_key key,
                                                       update_spec what, void* into);

/// A link that an operation is to make or to end.
struct wanted_link {
    lowered_key far{};
    std::optional<dynasio::pivot> data{};
    /// What a link that is an entity is to be: a std::vector of one; null when nobody says.
    std::shared_ptr<void> entity{};
};
/// What an operation has done to links, by the keys of the far side in wire form.
struct link_outcome {
    std::vector<std::string> attached{};
    std::vector<std::string> detached{};
    std::vector<std::string> kept{};
};
// Operations on the links of one entity of a belongs_to_many.
[[nodiscard]] boost::asio::awaitable<void> attach_link(engine_ptr engine, relation_info const& relation,
                                                       void const* owner, wanted_link link, operation_options options);
/// Returns whether they were linked.
[[nodiscard]] boost::asio::awaitable<bool> detach_link(engine_ptr engine, relation_info const& relation,
                                                       void const* owner, lowered_key far, operation_options options);
/// Makes the links exactly these.
[[nodiscard]] boost::asio::awaitable<link_outcome> replace_links(engine_ptr engine, relation_info const& relation,
                                                                 void const* owner, std::vector<wanted_link> links,
                                                                 operation_options options);
[[nodiscard]] boost::asio::awaitable<link_outcome> toggle_links(engine_ptr engine, relation_info const& relation,
                                                                void const* owner, std::vector<wanted_link> links,
                                                                operation_options options);

/// The number of links, whatever has become of the entities on the other side.
[[nodiscard]] boost::asio::awaitable<std::uint64_t> count_links(engine_ptr engine, relation_info const& relation,
                                                                void const* owner, operation_options options);
/// Whether the one link of the operation was attached.
[[nodiscard]] boost::asio::awaitable<bool> was_attached(boost::asio::awaitable<link_outcome> changing);

/// Whether a relation of an entity leads to any entity that `select` gives.
[[nodiscard]] boost::asio::awaitable<bool> has_related(engine_ptr engine, relation_info const& relation,
                                                       void const* owner, selection select, operation_options options);

/// Creates the tables of these entities and their pivot tables where they are missing, and waits until all are ACTIVE.
[[nodiscard]] boost::asio::awaitable<void> create_tables(client db, std::vector<entity_type const*> types,
                                                         operation_options options, table_progress_handler progress);
/// How these tables are brought to the entities' schemas. `drop` asks for indexes to be dropped that no schema names.
[[nodiscard]] boost::asio::awaitable<std::vector<table_change>>
plan_tables(client db, std::vector<entity_type const*> types, bool drop, operation_options options);
/// Does so, and waits until all tables and indexes are ACTIVE.
[[nodiscard]] boost::asio::awaitable<void> update_tables(client db, std::vector<entity_type const*> types, bool drop,
                                                         operation_options options, table_progress_handler progress);
/// What of these tables is not as the entities' schemas say.
[[nodiscard]] boost::asio::awaitable<std::vector<table_difference>>
compare_tables(client db, std::vector<entity_type const*> types, operation_options options);
/// Deletes them where they exist, and waits until they are gone.
[[nodiscard]] boost::asio::awaitable<void> drop_tables(client db, std::vector<entity_type const*> types,
                                                       operation_options options, table_progress_handler progress);

} // namespace dynasio::detail

#endif
