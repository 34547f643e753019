#ifndef DYNASIO_ORM_DETAIL_OPTIONS_HPP
#define DYNASIO_ORM_DETAIL_OPTIONS_HPP

#include <dynasio/orm/bad_item.hpp>
#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/load_report.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/dynamodb/call_options.hpp>

#include <dynasio/core/concurrency.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace dynasio {

struct consistent_t {};
/// Reads the table and its local secondary indexes with strong consistency, at double the capacity. Global secondary
/// indexes have no consistent reads; they are still read eventually consistent, without an error.
inline constexpr consistent_t consistent{};

/// The query of an operation sends at most this many requests, each of which reads up to 1 MB. This bounds a condition
/// that next to nothing satisfies. Relations that the operation loads are not counted.
///
/// A page() that reaches the bound returns the entities that it has, which may be none, with the cursor of the place
/// where it stopped. all(), first() and count(), which have no cursor, throw errc::budget_exhausted;
/// diagnostics::cursor is the place for a page() of the same query. max_requests(0) is errc::invalid_argument. Reads by
/// key do not take the option, because their keys bound them.
class max_requests {
public:
    explicit constexpr max_requests(std::uint64_t n) noexcept : n_(n) {}
    [[nodiscard]] constexpr std::uint64_t value() const noexcept { return n_; }

private:
    std::uint64_t n_;
};

/// The query of an operation stops, in the same way, after the request with which it has read this many capacity units.
/// The last request may exceed the bound by what one request reads, at most 128 units (256 with `consistent`). The
/// bound must be greater than 0, else errc::invalid_argument is thrown. Servers that report no capacity are not
/// bounded.
class max_read_units {
public:
    explicit constexpr max_read_units(double units) noexcept : units_(units) {}
    [[nodiscard]] constexpr double value() const noexcept { return units_; }

private:
    double units_;
};

namespace detail {

// A type is an option of a call when one of these overloads takes it.
inline void apply_call_option(operation_options& to, call_options const& o) { to.call = o; }
inline void apply_call_option(operation_options& to, report_to const& o) { to.report = o.get(); }
inline void apply_call_option(operation_options& to, consistent_t) { to.consistent = true; }
inline void apply_call_option(operation_options& to, concurrency o) { to.concurrency = o.value(); }
inline void apply_call_option(operation_options& to, without_autoload_t) { to.autoloads = false; }
inline void apply_call_option(operation_options& to, on_bad_item o) { to.bad_items = {true, o.into()}; }

template <class Option>
concept call_option = requires(operation_options& to, Option const& option) { apply_call_option(to, option); };

// The same for options about a load as a whole.
inline void apply_whole_option(operation_options& to, load_assumptions const& o) {
    to.change_whole([&](load_settings& whole) { whole.assumed = o; });
}
inline void apply_whole_option(operation_options& to, load_budget const& o) {
    to.change_whole([&](load_settings& whole) { whole.budget = o; });
}
inline void apply_whole_option(operation_options& to, timeline_to const& o) {
    to.change_whole([&](load_settings& whole) {
        whole.timeline = o.get();
        whole.max_recorded = o.at_most();
    });
}

template <class Option>
concept whole_option = requires(operation_options& to, Option const& option) { apply_whole_option(to, option); };

/// An option of a read that is not about what is read.
template <class Option>
concept read_setting = call_option<Option> || whole_option<Option>;

template <class Option> void apply_read_setting(operation_options& to, Option const& option) {
    if constexpr (call_option<Option>)
        apply_call_option(to, option);
    else
        apply_whole_option(to, option);
}

// The same for options that bound the query of an operation.
inline void apply_query_bound(operation_options& to, max_requests o) { to.budget.requests = o.value(); }
inline void apply_query_bound(operation_options& to, max_read_units o) { to.budget.units = o.value(); }

template <class Option>
concept query_bound = requires(operation_options& to, Option const& option) { apply_query_bound(to, option); };

/// Sorts arguments of reads into relations and options.
template <class T, class Option>
void apply_read_option(std::vector<load_node>& children, operation_options& options, Option&& option) {
    using plain = load_argument_t<std::remove_cvref_t<Option>>;
    if constexpr (is_relation_to_load<plain>) {
        static_assert(
            is_about<plain, T>,
            "dynasio: with<> names a relation of another entity; nest it below the relation that leads to its "
            "entity");
        plain(std::forward<Option>(option)).append_to(children);
    } else {
        static_assert(read_setting<plain>,
                      "dynasio: this operation takes with<>, with_count<>, without_autoload, call_options, report_to, "
                      "consistent, concurrency, on_bad_item, load_budget, load_assumptions and timeline_to");
        if constexpr (read_setting<plain>) apply_read_setting(options, option);
    }
}

/// The same for reads by key, which also take the words about which entities are given.
template <class T, class Option>
void apply_key_read_option(std::vector<load_node>& children, operation_options& options, Option&& option) {
    using plain = std::remove_cvref_t<Option>;
    if constexpr (is_trash_word<plain>) {
        static_assert(can_be_trashed<T>(), "dynasio: with_trashed, only_trashed and without_trashed are for entities "
                                           "with soft_delete<>");
        options.which = plain::scope;
    } else if constexpr (std::is_same_v<plain, without_default_scope_t>) {
        static_assert(has_default_scope<T>(),
                      "dynasio: without_default_scope is for entities whose schema has where_always()");
        options.everything = true;
    } else {
        apply_read_option<T>(children, options, std::forward<Option>(option));
    }
}

template <class T, class Option> void apply_query_option(query_spec& plan, Option&& option) {
    using plain = std::remove_cvref_t<Option>;
    if constexpr (is_relation_to_load<load_argument_t<plain>> || read_setting<plain>) {
        apply_read_option<T>(plan.children, plan.options, std::forward<Option>(option));
    } else if constexpr (query_bound<plain>) {
        apply_query_bound(plan.options, option);
    } else if constexpr (is_related_condition<plain>) {
        constexpr bool about_it = std::is_same_v<plain, related_condition<T>>;
        static_assert(about_it, "dynasio: where_has<> of a query names a relation of another entity");
        if constexpr (about_it) plan.related.push_back(plain(std::forward<Option>(option)).take());
    } else if constexpr (!is_selection_option<plain>) {
        static_assert(is_selection_option<plain>,
                      "dynasio: a query takes conditions, oldest_first, newest_first, ascending<>, descending<>, "
                      "limit, offset, client_side, with_trashed, only_trashed, without_trashed, without_expired, "
                      "without_default_scope, without_autoload, with<>, with_count<>, where_has<>, where_has_no<>, "
                      "call_options, report_to, consistent, concurrency, on_bad_item, max_requests, max_read_units, "
                      "load_budget, load_assumptions and timeline_to");
    } else if constexpr (plain::is_about_ttl && !has_ttl<T>()) {
        static_assert(has_ttl<T>(), "dynasio: without_expired is for entities with ttl<>");
    } else if constexpr (plain::is_about_default_scope && !has_default_scope<T>()) {
        static_assert(has_default_scope<T>(),
                      "dynasio: without_default_scope is for entities whose schema has where_always()");
    } else if constexpr (plain::is_about_between) {
        static_assert(!plain::is_about_between, "dynasio: through_trashed is for with<> of a has_many_through");
    } else if constexpr (plain::is_about_trash && !can_be_trashed<T>()) {
        static_assert(can_be_trashed<T>(), "dynasio: with_trashed, only_trashed and without_trashed are for entities "
                                           "with soft_delete<>");
    } else {
        constexpr bool about_it = is_about_entity<plain, T>();
        static_assert(about_it, "dynasio: a condition or an order of a query is about another entity");
        if constexpr (about_it) option.apply(plan.select);
    }
}

template <class T, class... Options> void apply_options(query_spec& plan, Options&&... options) {
    (apply_query_option<T>(plan, std::forward<Options>(options)), ...);
}

/// Checks the arguments of load<Member>(…): those of with<Member>(…), and options of the call. Options of the call say
/// nothing about the relation, so check_with() sees a reload_t, which is always allowed, in place of each.
template <auto Member, class... Arguments> consteval bool check_load() {
    return check_with<Member, std::conditional_t<read_setting<Arguments>, reload_t, load_argument_t<Arguments>>...>();
}

/// Sorts the arguments of load<Member>(…) into the relation's constraints and options of the call.
template <auto Member, class... Arguments>
load_node split_load_arguments(operation_options& options, Arguments&&... arguments) {
    load_node node;
    node.relation = &relation_info_of<Member>();
    auto const one = [&]<class A>(A&& argument) {
        using plain = std::remove_cvref_t<A>;
        if constexpr (read_setting<plain>)
            apply_read_setting(options, argument);
        else
            apply_load_option(node, load_argument_t<plain>(std::forward<A>(argument)));
    };
    if constexpr (check_load<Member, std::remove_cvref_t<Arguments>...>())
        (one(std::forward<Arguments>(arguments)), ...);
    return node;
}

/// Checks the arguments of count<Member>(…): those of with_count<Member>(…), and options of the call, in whose place
/// check_count() sees an argument that says nothing.
template <auto Member, class... Arguments> consteval bool check_counting() {
    return check_count<Member, std::conditional_t<read_setting<Arguments>, selection_option, Arguments>...>();
}

/// Sorts the arguments of count<Member>(…) into the relation's conditions and options of the call.
template <auto Member, class... Arguments>
load_node split_count_arguments(operation_options& options, Arguments const&... arguments) {
    load_node node;
    node.counts = true;
    if constexpr (check_counting<Member, Arguments...>()) {
        node.relation = &relation_info_of<Member>();
        auto const one = [&]<class A>(A const& argument) {
            if constexpr (read_setting<A>)
                apply_read_setting(options, argument);
            else
                argument.apply(node.select);
        };
        (one(arguments), ...);
    }
    return node;
}

} // namespace detail

namespace dsl {

using dynasio::call_options;
using dynasio::consistent;
using dynasio::max_read_units;
using dynasio::max_requests;

} // namespace dsl

} // namespace dynasio

#endif
