#ifndef DYNASIO_ORM_ALONG_HPP
#define DYNASIO_ORM_ALONG_HPP

#include <dynasio/orm/autosave.hpp>
#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/detail/graph.hpp>
#include <dynasio/orm/detail/load_option.hpp>
#include <dynasio/orm/only_if.hpp>

#include <type_traits>
#include <utility>

// Saves of entities together with the entities in their handles.
namespace dynasio {

struct in_parts_t {};
/// Permits a save of a graph to take several transactions when it has more than 100 writes or 4 MB.
inline constexpr in_parts_t in_parts{};

struct without_autosave_t {};
/// Lets a save leave out the relations that schemas save along with autosave<>, at every level.
inline constexpr without_autosave_t without_autosave{};

namespace detail {

template <auto Member> class along_t;
template <class Argument> inline constexpr bool is_along = false;
template <auto Member> inline constexpr bool is_along<along_t<Member>> = true;

template <class Argument>
inline constexpr bool is_graph_option =
    is_along<Argument> || std::is_same_v<Argument, in_parts_t> || std::is_same_v<Argument, without_autosave_t>;

/// Whether an argument is for reads, or stands inside of along<>(…).
template <class Argument>
inline constexpr bool is_foreign_to_writes = is_load_option<Argument> || std::is_same_v<Argument, replace_missing_t>;

template <class T, class Argument> consteval bool is_along_from() {
    if constexpr (is_along<Argument>)
        return std::is_same_v<typename Argument::owner, T>;
    else
        return true;
}

/// A relation of a save, made by along<>.
template <auto Member> class along_t {
public:
    using owner = owner_of<Member>;

    // Not a constructor that takes the arguments: for a relation within itself, moving would be preferred to it.
    along_t() { node_.relation = &relation_info_of<Member>(); }
    void add(replace_missing_t) { node_.replace_missing = true; }
    template <auto Below> void add(along_t<Below> below) { node_.children.push_back(std::move(below).take()); }
    [[nodiscard]] along_node take() && { return std::move(node_); }

private:
    along_node node_{};
};

/// What along<> gives after it has refused its arguments.
struct refused_along {};
template <> inline constexpr bool is_along<refused_along> = false;

template <class T, class Option> void apply_graph_option(graph_spec& to, Option option) {
    if constexpr (is_along<Option>)
        to.along.push_back(std::move(option).take());
    else if constexpr (std::is_same_v<Option, in_parts_t>)
        to.in_parts = true;
    else if constexpr (std::is_same_v<Option, without_autosave_t>)
        to.autosaves = false;
    else if constexpr (std::is_same_v<Option, only_if<T>>)
        to.only_if = std::move(option).take();
    else
        to.options.call = option;
}

} // namespace detail

/// Saves a relation along with its owner: `users.save(user, along<&User::address>(),
/// along<&User::posts>(replace_missing, along<&Post::comments>()))`. Further along<> name relations of the target. See
/// repository::save() for what is written.
template <auto Member, class... Arguments> [[nodiscard]] auto along(Arguments... arguments) {
    constexpr bool replaces = (std::is_same_v<Arguments, replace_missing_t> || ...);
    constexpr bool fits = ((std::is_same_v<Arguments, replace_missing_t> || detail::is_along<Arguments>) && ...);
    static_assert(fits, "dynasio: along<>(…) takes replace_missing and along<> of relations of the target");
    if constexpr (!fits) {
        return detail::refused_along();
    } else if constexpr (!detail::check_along<Member, replaces>()) {
        return detail::refused_along();
    } else {
        constexpr bool chains = (detail::is_along_from<detail::target_of<Member>, Arguments>() && ...);
        static_assert(chains, "dynasio: an along<> inside of another one names a relation of another entity than that "
                              "one leads to");
        if constexpr (chains) {
            detail::along_t<Member> made;
            (made.add(std::move(arguments)), ...);
            return made;
        } else {
            return detail::refused_along();
        }
    }
}
/// Refused: a text names no relation.
template <detail::name_as_text, class... Arguments> auto along(Arguments const&...) {
    detail::refuse_name_as_text<Arguments...>();
}

namespace dsl {

using dynasio::along;
using dynasio::in_parts;
using dynasio::without_autosave;

} // namespace dsl

} // namespace dynasio

#endif
