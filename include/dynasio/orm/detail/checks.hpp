#ifndef DYNASIO_ORM_DETAIL_CHECKS_HPP
#define DYNASIO_ORM_DETAIL_CHECKS_HPP

#include <dynasio/orm/codec.hpp>
#include <dynasio/orm/schema.hpp>

#include <type_traits>

// What is known about entities at compile time, and the sentences for what is wrong. A schema is looked at only from
// the bodies of functions that are instantiated with the entity, when every entity of the model is complete.
namespace dynasio::detail {

template <class T>
concept has_schema = requires { dynasio_schema(tag<T>{}); };

template <class T> using schema_of = decltype(dynasio_schema(tag<T>{}));

// A list of member pointers as a type.
template <auto... M> struct members {
    static constexpr std::size_t size = sizeof...(M);
};
template <auto A, auto B> inline constexpr bool same_member = false;
template <auto A> inline constexpr bool same_member<A, A> = true;

// ---- keys
// ------------------------------------------------------------------------------------------------------------

template <class... M> struct join;
template <> struct join<> {
    using type = members<>;
};
template <auto... A> struct join<members<A...>> {
    using type = members<A...>;
};
template <auto... A, auto... B, class... Rest>
struct join<members<A...>, members<B...>, Rest...> : join<members<A..., B...>, Rest...> {};

template <class Option> struct partition_of {
    using type = members<>;
};
template <auto M> struct partition_of<partition_key_t<M>> {
    using type = members<M>;
};
template <class Option> struct sort_of {
    using type = members<>;
};
template <auto M> struct sort_of<sort_key_t<M>> {
    using type = members<M>;
};

template <class Schema> struct key_members;
template <class T, class... O> struct key_members<entity_schema<T, O...>> {
    using partition = typename join<typename partition_of<O>::type...>::type;
    using sort = typename join<typename sort_of<O>::type...>::type;
    using type = typename join<partition, sort>::type;
};
/// members<partition> or members<partition, sort>.
template <class T> using key_of_entity = typename key_members<schema_of<T>>::type;

template <class M> struct first_member;
template <auto A, auto... Rest> struct first_member<members<A, Rest...>> {
    static constexpr auto value = A;
};
template <class M> struct second_member;
template <auto A, auto B> struct second_member<members<A, B>> {
    static constexpr auto value = B;
};

/// An index (or the table) as types: partition key and sort key members.
template <auto Partition, auto... Sort> struct path_t {
    // Whether a Query on this path can look up these foreign key members.
    template <auto... ForeignKey> static constexpr bool serves(members<ForeignKey...>) { return false; }
    template <auto A> static constexpr bool serves(members<A>) { return same_member<A, Partition>; }
    template <auto A, auto B> static constexpr bool serves(members<A, B>) {
        return same_member<A, Partition> && (same_member<B, Sort> || ...);
    }
    template <auto Order> static constexpr bool sorted_by = (same_member<Order, Sort> || ...);
};

template <class... P> struct paths {
    template <class ForeignKey> static constexpr bool serve(ForeignKey fk) { return (P::serves(fk) || ...); }
    template <auto Order, class ForeignKey> static constexpr bool serve_sorted(ForeignKey fk) {
        return ((P::serves(fk) && P::template sorted_by<Order>) || ...);
    }
};

template <class Option, class Key> struct path_of {
    using type = paths<>;
};
template <auto P, auto... K> struct path_of<gsi<P>, members<K...>> {
    using type = paths<path_t<P, first_member<members<K...>>::value>>;
};
template <auto P, auto S, auto... K> struct path_of<gsi<P, S>, members<K...>> {
    using type = paths<path_t<P, S>>;
};
template <auto S, auto... K> struct path_of<lsi<S>, members<K...>> {
    using type = paths<path_t<first_member<members<K...>>::value, S>>;
};
template <class... P> struct join_paths;
template <class... A> struct join_paths<paths<A...>> {
    using type = paths<A...>;
};
template <class... A, class... B, class... Rest>
struct join_paths<paths<A...>, paths<B...>, Rest...> : join_paths<paths<A..., B...>, Rest...> {};

template <class Key> struct table_path;
template <auto... K> struct table_path<members<K...>> {
    using type = paths<path_t<K...>>;
};
template <class Schema> struct all_paths;
template <class T, class... O> struct all_paths<entity_schema<T, O...>> {
    using key = key_of_entity<T>;
    using type = typename join_paths<typename table_path<key>::type, typename path_of<O, key>::type...>::type;
};
template <class T> using paths_of = typename all_paths<schema_of<T>>::type;

// ---- relations
// -------------------------------------------------------------------------------------------------------

/// The relate<Member>(...) of an entity's schema, or void.
template <auto Member, class Option> struct declaration_in {
    static constexpr bool found = false;
};
template <auto Member, class... O> struct declaration_in<Member, relation_t<Member, O...>> {
    static constexpr bool found = true;
};
template <auto Member, class... O> struct find_declaration {
    using type = void;
};
template <auto Member, class First, class... Rest>
struct find_declaration<Member, First, Rest...>
    : std::conditional_t<declaration_in<Member, First>::found, std::type_identity<First>,
                         find_declaration<Member, Rest...>> {};
template <auto Member, class Schema> struct declaration_of_schema;
template <auto Member, class T, class... O>
struct declaration_of_schema<Member, entity_schema<T, O...>> : find_declaration<Member, O...> {};
template <auto Member> using declaration_of = typename declaration_of_schema<Member, schema_of<owner_of<Member>>>::type;

template <class Option> struct by_of {
    using type = members<>;
};
template <auto... M> struct by_of<by_t<M...>> {
    using type = members<M...>;
};
template <class Declaration> struct foreign_key_of;
template <auto M, class... O> struct foreign_key_of<relation_t<M, O...>> {
    using type = typename join<typename by_of<O>::type...>::type;
};

template <class Option> struct through_of {
    using type = members<>;
};
template <auto A, auto B> struct through_of<through_t<A, B>> {
    using type = members<A, B>;
};
template <class Declaration> struct steps_of;
template <auto M, class... O> struct steps_of<relation_t<M, O...>> {
    using type = typename join<typename through_of<O>::type...>::type;
};

template <class Option> struct inverse_member_of {
    using type = members<>;
};
template <auto A> struct inverse_member_of<inverse_of_t<A>> {
    using type = members<A>;
};
template <class Declaration> struct inverse_of_relation;
template <auto M, class... O> struct inverse_of_relation<relation_t<M, O...>> {
    using type = typename join<typename inverse_member_of<O>::type...>::type;
};

template <class A, class B> struct same_key_types : std::false_type {};
template <auto... A, auto... B>
    requires(sizeof...(A) == sizeof...(B))
struct same_key_types<members<A...>, members<B...>>
    : std::bool_constant<(std::is_same_v<typename optional_traits<type_of<A>>::value_type,
                                         typename optional_traits<type_of<B>>::value_type> &&
                          ...)> {};

template <class T, class Members> struct all_members_of : std::false_type {};
template <class T, auto... M>
struct all_members_of<T, members<M...>> : std::bool_constant<(std::is_same_v<owner_of<M>, T> && ...)> {};

template <auto Member>
inline constexpr bool is_relation = [] {
    if constexpr (member_pointer_traits<std::remove_cv_t<decltype(Member)>>::valid)
        return handle_traits<type_of<Member>>::is_handle;
    else
        return false;
}();

template <auto Member> using target_of = typename handle_traits<type_of<Member>>::target;

// What is wrong with an option: the members that it names must be stored and of types that serve.
template <auto M> inline constexpr bool is_stored_key = is_key_type<typename optional_traits<type_of<M>>::value_type>;
template <class Option> struct option_types {
    static constexpr bool index_keys = true;
    static constexpr bool times = true;
    static constexpr bool versions = true;
};
template <auto P, auto... S> struct option_types<gsi<P, S...>> : option_types<void> {
    static constexpr bool index_keys = is_stored_key<P> && (is_stored_key<S> && ...);
};
template <auto S> struct option_types<lsi<S>> : option_types<void> {
    static constexpr bool index_keys = is_stored_key<S>;
};
template <auto C, auto U> struct option_types<timestamps_t<C, U>> : option_types<void> {
    static constexpr bool times = std::is_same_v<type_of<C>, timestamp> && std::is_same_v<type_of<U>, timestamp>;
};
template <auto C> struct option_types<created_at_t<C>> : option_types<void> {
    static constexpr bool times = std::is_same_v<type_of<C>, timestamp>;
};
template <auto V> struct option_types<version_t<V>> : option_types<void> {
    static constexpr bool versions = std::is_integral_v<type_of<V>> && !std::is_same_v<type_of<V>, bool>;
};
template <class Schema> struct schema_types;
template <class T, class... O> struct schema_types<entity_schema<T, O...>> {
    static constexpr bool index_keys = (option_types<O>::index_keys && ...);
    static constexpr bool times = (option_types<O>::times && ...);
    static constexpr bool versions = (option_types<O>::versions && ...);
};

/// Checks T's schema alone: keys, names, types.
template <class T> consteval bool check_entity() {
    if constexpr (!has_schema<T>) {
        static_assert(has_schema<T>, "dynasio: this type has no schema; declare `constexpr auto "
                                     "dynasio_schema(dynasio::tag<T>)` in its namespace before its first use");
        return false;
    } else if constexpr (member_count<T> > max_members) {
        static_assert(member_count<T> <= max_members,
                      "dynasio: an entity has more than 128 members; group some of them in a map or a list");
        return false;
    } else {
        using key = key_of_entity<T>;
        if constexpr (key::size > 2) {
            static_assert(key::size <= 2, "dynasio: an entity has at most one sort_key");
            return false;
        } else {
            constexpr bool key_types = []<auto... M>(members<M...>) { return (is_key_type<type_of<M>> && ...); }(key{});
            static_assert(key_types, "dynasio: a key is a std::string, an integer, a dynasio::timestamp, a number or a "
                                     "binary");
            using types = schema_types<schema_of<T>>;
            static_assert(types::index_keys, "dynasio: a key of a gsi or lsi is a stored std::string, integer, "
                                             "dynasio::timestamp, number or binary, or an optional one");
            static_assert(types::times, "dynasio: timestamps<> and created_at<> name members of type "
                                        "dynasio::timestamp");
            static_assert(types::versions, "dynasio: version<> names an integer member");
            return key_types && types::index_keys && types::times && types::versions;
        }
    }
}

/// Checks one relation against both entities. Every sentence says what is wrong and what to do.
template <auto Member> consteval bool check_relation() {
    if constexpr (!is_relation<Member>) {
        static_assert(is_relation<Member>, "dynasio: this member is no relation; name a member such as has_many<Post>");
        return false;
    } else {
        using owner = owner_of<Member>;
        using target = target_of<Member>;
        if constexpr (!check_entity<owner>() || !check_entity<target>()) {
            return false;
        } else if constexpr (std::is_void_v<declaration_of<Member>>) {
            static_assert(!std::is_void_v<declaration_of<Member>>,
                          "dynasio: this relation is not declared; add relate<&T::member>(…) to its entity's schema");
            return false;
        } else {
            constexpr auto kind = handle_traits<type_of<Member>>::kind;
            using declaration = declaration_of<Member>;
            using fk = typename foreign_key_of<declaration>::type;
            if constexpr (kind == relation_kind::has_one || kind == relation_kind::has_many) {
                if constexpr (fk::size == 0) {
                    static_assert(fk::size != 0, "dynasio: has_one and has_many need their foreign key: "
                                                 "relate<&Owner::member>(by<&Target::owner_id>)");
                    return false;
                } else if constexpr (!all_members_of<target, fk>::value) {
                    static_assert(all_members_of<target, fk>::value,
                                  "dynasio: the foreign key of has_one and has_many is a member of the target entity");
                    return false;
                } else if constexpr (!same_key_types<fk, key_of_entity<owner>>::value) {
                    static_assert(same_key_types<fk, key_of_entity<owner>>::value,
                                  "dynasio: the foreign key has another type than the key it refers to (or another "
                                  "number of parts)");
                    return false;
                } else if constexpr (!paths_of<target>::serve(fk{})) {
                    static_assert(paths_of<target>::serve(fk{}),
                                  "dynasio: no index serves this relation; add gsi<&Target::owner_id>{\"name\"} to the "
                                  "target's schema (a relation never scans)");
                    return false;
                } else {
                    return true;
                }
            } else if constexpr (kind == relation_kind::belongs_to) {
                if constexpr (fk::size == 0) {
                    static_assert(fk::size != 0, "dynasio: belongs_to needs its foreign key: "
                                                 "relate<&Owner::member>(by<&Owner::target_id>)");
                    return false;
                } else if constexpr (!all_members_of<owner, fk>::value) {
                    static_assert(all_members_of<owner, fk>::value,
                                  "dynasio: the foreign key of belongs_to is a member of the entity that has it");
                    return false;
                } else if constexpr (!same_key_types<fk, key_of_entity<target>>::value) {
                    static_assert(same_key_types<fk, key_of_entity<target>>::value,
                                  "dynasio: the foreign key has another type than the key it refers to (or another "
                                  "number of parts)");
                    return false;
                } else {
                    return true;
                }
            } else if constexpr (kind == relation_kind::has_many_through) {
                using steps = typename steps_of<declaration>::type;
                if constexpr (steps::size != 2) {
                    static_assert(steps::size == 2, "dynasio: has_many_through needs its two steps: "
                                                    "relate<&Owner::member>(through<&Owner::first, &Middle::second>)");
                    return false;
                } else {
                    constexpr auto first = first_member<steps>::value;
                    constexpr auto second = second_member<steps>::value;
                    constexpr bool relations = is_relation<first> && is_relation<second>;
                    if constexpr (!relations) {
                        static_assert(relations, "dynasio: both steps of through<> are relation members");
                        return false;
                    } else {
                        constexpr auto downwards = [](relation_kind k) {
                            return k == relation_kind::has_one || k == relation_kind::has_many;
                        };
                        constexpr bool kinds = downwards(handle_traits<type_of<first>>::kind) &&
                                               downwards(handle_traits<type_of<second>>::kind);
                        constexpr bool chained = std::is_same_v<owner_of<first>, owner> &&
                                                 std::is_same_v<target_of<first>, owner_of<second>> &&
                                                 std::is_same_v<target_of<second>, target>;
                        static_assert(kinds, "dynasio: the steps of through<> are has_one or has_many relations");
                        static_assert(chained, "dynasio: the steps of through<> do not lead from this entity to the "
                                               "target: through<&Owner::first, &Middle::second>");
                        if constexpr (kinds && chained)
                            return check_relation<first>() && check_relation<second>();
                        else
                            return false;
                    }
                }
            } else {
                using inverse = typename inverse_of_relation<declaration>::type;
                if constexpr (inverse::size == 0) {
                    return true;
                } else {
                    constexpr auto other = first_member<inverse>::value;
                    if constexpr (!is_relation<other>) {
                        static_assert(is_relation<other>, "dynasio: inverse_of<> names a belongs_to_many of the other "
                                                          "entity");
                        return false;
                    } else {
                        constexpr bool agrees = handle_traits<type_of<other>>::kind == relation_kind::belongs_to_many &&
                                                std::is_same_v<target_of<other>, owner> &&
                                                std::is_same_v<owner_of<other>, target>;
                        static_assert(agrees, "dynasio: inverse_of<> names a relation that does not lead back to this "
                                              "entity");
                        return agrees;
                    }
                }
            }
        }
    }
}

template <class Schema> struct relations_of_schema;
template <class Option> struct relation_member_of {
    using type = members<>;
};
template <auto M, class... O> struct relation_member_of<relation_t<M, O...>> {
    using type = members<M>;
};
template <class T, class... O> struct relations_of_schema<entity_schema<T, O...>> {
    using type = typename join<typename relation_member_of<O>::type...>::type;
};
/// The relations that T's schema declares.
template <class T> using relations_of = typename relations_of_schema<schema_of<T>>::type;

} // namespace dynasio::detail

#endif
