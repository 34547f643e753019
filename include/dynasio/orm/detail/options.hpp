#ifndef DYNASIO_ORM_DETAIL_OPTIONS_HPP
#define DYNASIO_ORM_DETAIL_OPTIONS_HPP

#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/load_report.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/dynamodb/call_options.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace dynasio {

/// Reads the table with strong consistency (double the capacity). Indexes have no such reads and stay as they are.
struct consistent_t {};
inline constexpr consistent_t consistent{};

/// At most this many requests of the operation at a time; by default as many as the client has connections. None at all
/// is errc::invalid_argument.
class concurrency {
public:
    explicit constexpr concurrency(std::size_t n) noexcept : n_(n) {}
    [[nodiscard]] constexpr std::size_t value() const noexcept { return n_; }

private:
    std::size_t n_;
};

namespace detail {

template <class Option>
inline constexpr bool is_call_option = std::is_same_v<Option, call_options> || std::is_same_v<Option, report_to> ||
                                       std::is_same_v<Option, consistent_t> || std::is_same_v<Option, concurrency>;

inline void apply(operation_options& to, call_options const& o) { to.call = o; }
inline void apply(operation_options& to, report_to const& o) { to.report = o.get(); }
inline void apply(operation_options& to, consistent_t) { to.consistent = true; }
inline void apply(operation_options& to, concurrency o) { to.concurrency = o.value(); }

/// Sorts arguments of reads into relations and options.
template <class T, class Option>
void apply_read_option(std::vector<load_node>& children, operation_options& options, Option&& option) {
    using plain = std::remove_cvref_t<Option>;
    if constexpr (include_traits<plain>::is_include) {
        static_assert(
            std::is_same_v<typename include_traits<plain>::owner, T>,
            "dynasio: with<> names a relation of another entity; nest it below the relation that leads to its "
            "entity");
        children.push_back(std::forward<Option>(option).node());
    } else {
        static_assert(is_call_option<plain>,
                      "dynasio: this operation takes with<>, call_options, report_to, consistent "
                      "and concurrency");
        if constexpr (is_call_option<plain>) apply(options, option);
    }
}

template <class T, class Option> void apply_query_option(query_spec& plan, Option&& option) {
    using plain = std::remove_cvref_t<Option>;
    if constexpr (include_traits<plain>::is_include || is_call_option<plain>) {
        apply_read_option<T>(plan.children, plan.options, std::forward<Option>(option));
    } else {
        constexpr bool known = is_load_argument<plain> && !std::is_same_v<plain, reload_t>;
        static_assert(known,
                      "dynasio: a query takes conditions, oldest_first, newest_first, ascending<>, descending<>, "
                      "limit, client_side, with<>, call_options, report_to, consistent and concurrency");
        static_assert(is_about<plain, T>, "dynasio: a condition or an order of a query is about another entity");
        if constexpr (known && is_about<plain, T>) {
            load_node node;
            node.select = std::move(plan.select);
            apply(node, std::forward<Option>(option));
            plan.select = std::move(node.select);
        }
    }
}

template <class T, class... Options> void apply_options(query_spec& plan, Options&&... options) {
    (apply_query_option<T>(plan, std::forward<Options>(options)), ...);
}

/// The arguments of load<Member>(…) are those of with<Member>(…) and options of the call, which say nothing about the
/// relation: one that is always allowed stands for them.
template <auto Member, class... Arguments> consteval bool check_load() {
    return check_with<Member, std::conditional_t<is_call_option<Arguments>, reload_t, Arguments>...>();
}

/// Sorts the arguments of load<Member>(…) into the relation's constraints and options of the call.
template <auto Member, class... Arguments>
load_node split_load_arguments(operation_options& options, Arguments&&... arguments) {
    load_node node;
    node.relation = &relation_info_of<Member>();
    auto const one = [&]<class A>(A&& argument) {
        using plain = std::remove_cvref_t<A>;
        if constexpr (is_call_option<plain>) {
            apply(options, argument);
        } else {
            apply(node, std::forward<A>(argument));
        }
    };
    if constexpr (check_load<Member, std::remove_cvref_t<Arguments>...>())
        (one(std::forward<Arguments>(arguments)), ...);
    return node;
}

} // namespace detail

} // namespace dynasio

#endif
