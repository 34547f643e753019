#ifndef DYNASIO_ORM_DETAIL_DESCRIBE_HPP
#define DYNASIO_ORM_DETAIL_DESCRIBE_HPP

#include <dynasio/orm/codec.hpp>
#include <dynasio/orm/detail/access.hpp>
#include <dynasio/orm/detail/checks.hpp>
#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/variant.hpp>

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

// Makes an entity_type from a schema. describe() runs once for each entity. Functions are instantiated once for each
// type of member and not for each member, which keeps the program small.
namespace dynasio::detail {

inline constexpr auto no_attribute = std::numeric_limits<attribute_index>::max();

// Attribute index of each member; no_attribute for handles and transient members. The attributes of a projection are
// those of its entity.
template <class T> constexpr attribute_index attribute_named(std::string_view member);
template <class T> consteval auto map_attributes() {
    return visit_types<T>([]<class... M>(M const&...) {
        using not_stored = typename schema_of<T>::not_stored;
        std::array<attribute_index, sizeof...(M)> indexes{};
        constexpr std::array<bool, sizeof...(M)> handles{handle_traits<M>::is_handle...};
        attribute_index next = 0;
        for (std::size_t i = 0; i < indexes.size(); ++i) {
            if (handles[i] || is_at(not_stored{}, i))
                indexes[i] = no_attribute;
            else if constexpr (is_projection<T>())
                indexes[i] = attribute_named<source_of<T>>(place_names<T>[i]);
            else
                indexes[i] = next++;
        }
        return indexes;
    });
}
template <class T> inline constexpr auto attribute_indexes = map_attributes<T>();

template <class T> constexpr attribute_index attribute_named(std::string_view member) {
    for (std::size_t i = 0; i < attribute_indexes<T>.size(); ++i)
        if (place_names<T>[i] == member && attribute_indexes<T>[i] != no_attribute) return attribute_indexes<T>[i];
    return no_attribute;
}

/// Whether a member of type M is stored. A type that only transient members have needs no codec.
template <class T, class M> consteval bool stores_type() {
    return visit_types<T>([]<class... All>(All const&...) {
        std::size_t i = 0;
        return ((attribute_indexes<T>[i++] != no_attribute && std::is_same_v<All, M>) || ...);
    });
}

/// How many members of T are stored.
template <class T> consteval std::size_t count_stored() {
    std::size_t count = 0;
    for (auto const i : attribute_indexes<T>) count += i != no_attribute ? 1 : 0;
    return count;
}

/// Attribute index of a member, or of the result of a function. The latter stand behind all members.
template <auto Member> consteval attribute_index attribute_of() {
    using owner = owner_of<Member>;
    if constexpr (is_function<Member>)
        return static_cast<attribute_index>(count_stored<owner>() +
                                            position_in<Member>(typename schema_of<owner>::computed{}));
    else
        return attribute_indexes<owner>[place_of_member<Member>];
}
/// Position among all members of the entity, and the functions whose results it stores behind them.
template <auto Member> consteval std::size_t position_of() {
    using owner = owner_of<Member>;
    if constexpr (is_function<Member>)
        return place_count<owner> + position_in<Member>(typename schema_of<owner>::computed{});
    else
        return place_of_member<Member>;
}
template <auto... M> std::vector<attribute_index> attributes_of(members<M...>) { return {attribute_of<M>()...}; }

template <class M> struct is_clock_type : std::false_type {};
template <class Rep, class Period> struct is_clock_type<std::chrono::duration<Rep, Period>> : std::true_type {};
template <class Clock, class Duration>
struct is_clock_type<std::chrono::time_point<Clock, Duration>> : std::true_type {};

template <class T> consteval bool is_embeddable() {
    if constexpr (has_schema<T>)
        return schema_of<T>::is_embeddable;
    else
        return false;
}

// The compiler shows the arguments of this function beside the sentence.
template <class Entity, auto Member, class Type> consteval bool check_type_of_member() {
    if constexpr (has_codec<Type>) {
        return true;
    } else {
        using value = typename optional_traits<Type>::value_type;
        constexpr bool stored = has_codec<Type>;
        if constexpr (std::is_pointer_v<value> || requires(value const& v) { *v, v.get(); })
            static_assert(stored,
                          "dynasio: a member has a type that dynasio cannot store, a pointer; hold the value or "
                          "a std::optional of it, or mark the member transient<&T::member> (`Member` and "
                          "`Type` are named beside this)");
        else if constexpr (std::is_enum_v<value>)
            static_assert(stored, "dynasio: a member has a type that dynasio cannot store, an enumeration without a "
                                  "codec; name its enumerators with `constexpr auto dynasio_names(dynasio::tag<E>) { "
                                  "return dynasio::enum_names<E>({{E::a, \"a\"}}); }` in its namespace, specialise "
                                  "dynasio::codec for it above the first use of the entity, or make the member a "
                                  "std::string or an integer (`Member` and `Type` are named beside this)");
        else if constexpr (is_clock_type<value>::value)
            static_assert(stored, "dynasio: a member has a type that dynasio cannot store, a time of std::chrono; use "
                                  "dynasio::timestamp (text), dynasio::epoch_seconds or dynasio::epoch_milliseconds "
                                  "(numbers), std::chrono::sys_days for a date, and a duration that counts in integers "
                                  "(`Member` and `Type` are named beside this)");
        else if constexpr (std::is_convertible_v<value, std::string_view>)
            static_assert(stored, "dynasio: a member has a type that dynasio cannot store, a text of another type; use "
                                  "std::string (`Member` and `Type` are named beside this)");
        else if constexpr (is_variant<value>)
            static_assert(stored, "dynasio: a member has a type that dynasio cannot store, a std::variant with an "
                                  "alternative that it cannot store; describe a plain struct with value<T>(...), or "
                                  "specialise dynasio::codec for the alternative (`Member` and `Type` are named beside "
                                  "this)");
        else if constexpr (requires { typename value::value_type; })
            static_assert(stored,
                          "dynasio: a member has a type that dynasio cannot store, a container; use a "
                          "std::vector, a std::set or a std::map<std::string, T> of types that it stores, or "
                          "specialise dynasio::codec for the elements (`Member` and `Type` are named beside this)");
        else if constexpr (is_embeddable<value>())
            static_assert(stored, "dynasio: a member has a type that is described by embeddable<T>(...); add "
                                  "embed<&T::member> to the schema (`Member` and `Type` are named beside this)");
        else if constexpr (has_schema<value>)
            static_assert(stored, "dynasio: a member has a type that dynasio cannot store, an entity; hold its key and "
                                  "declare a relation such as belongs_to<>, or describe a type of its own with "
                                  "value<T>(...) (`Member` and `Type` are named beside this)");
        else
            static_assert(stored,
                          "dynasio: a member has a type that dynasio cannot store; describe a plain struct with "
                          "`constexpr auto dynasio_schema(dynasio::tag<T>) { return dynasio::value<T>(); }` in "
                          "its namespace, specialise dynasio::codec for another type above the first use of "
                          "the entity, make it a dynasio::dynamodb::attribute_value, or mark the member "
                          "transient<&T::member> (`Member` and `Type` are named beside this)");
        return false;
    }
}
template <class T, std::size_t I, class M> consteval bool check_type_of() {
    if constexpr (attribute_indexes<T>[I] == no_attribute)
        return true;
    else if constexpr (lists_members<T> && !embeds<T>)
        return check_type_of_member<T, member_at<I>(listed_of<T>{}), M>();
    else if constexpr (lists_members<T> || embeds_listed<T>) // the address of a base's member is no template argument
        return check_type_of_member<T, I, M>();
    else
        return check_type_of_member<T, address{leaf_at<I>(place_addresses<T>())}, M>();
}
/// Whether all members that are stored have types with codecs.
template <class T> consteval bool check_types() {
    return visit_types<T>([]<class... M>(M const&...) {
        return []<std::size_t... I>(std::index_sequence<I...>) {
            return (check_type_of<T, I, M>() && ...);
        }(std::index_sequence_for<M...>{});
    });
}

template <class M> struct member_functions {
    static bool absent(void const* member) { return is_absent(*static_cast<M const*>(member)); }
    static void encode(std::string& out, void const* member) { codec<M>::encode(out, *static_cast<M const*>(member)); }
    static void decode(dynamodb::json_reader& in, void* member) { codec<M>::decode(in, *static_cast<M*>(member)); }
    static void clear(void* member) { *static_cast<M*>(member) = M{}; }
    static void show(std::string& out, void const* member) { codec<M>::show(out, *static_cast<M const*>(member)); }
};
/// Whether members of type M have values that are stored as no attribute.
template <class M> inline constexpr bool may_be_absent = requires(M const& m) { codec<M>::absent(m); };

template <class M> consteval auto clear_function() -> void (*)(void*) {
    if constexpr (optional_traits<M>::is_optional)
        return &member_functions<M>::clear;
    else
        return nullptr;
}

template <class M> consteval auto reset_function() -> void (*)(void*) {
    if constexpr (std::is_default_constructible_v<M> && std::is_move_assignable_v<M>)
        return &member_functions<M>::clear;
    else
        return nullptr;
}

template <class M> consteval auto show_function() -> void (*)(std::string&, void const*) {
    if constexpr (may_be_unknown<M>)
        return &member_functions<M>::show;
    else
        return nullptr;
}

/// Calls a function of an entity that computed<> names.
template <auto Function, class T> decltype(auto) call_computed(T const& entity) {
    if constexpr (std::is_member_function_pointer_v<decltype(Function)>)
        return (entity.*Function)();
    else
        return Function(entity);
}
/// The functions of an attribute that is computed. They take the entity in place of a member, which such an attribute
/// has at offset 0.
template <auto Function> struct computed_functions {
    using owner = owner_of<Function>;
    using result = type_of<Function>;
    // encode() writes nothing for an absent value, so that the program's function is called once and not twice.
    static bool absent(void const*) { return false; }
    static void encode(std::string& out, void const* entity) { write<purpose::storing>(out, entity); }
    static void show(std::string& out, void const* entity) { write<purpose::showing>(out, entity); }
    static void decode(dynamodb::json_reader& in, void*) { in.skip_value(); }

private:
    template <purpose For> static void write(std::string& out, void const* entity) {
        result const value = call_computed<Function>(*static_cast<owner const*>(entity));
        if (!is_absent(value)) write_value<For>(out, value);
    }
};

template <class M> inline constexpr key_maker codec_key_maker{&codec<M>::new_key, &codec<M>::key_time};
template <class M> consteval key_maker const* key_maker_of() {
    if constexpr (requires(ulid_generator& ids, std::string_view text) {
                      codec<M>::new_key(ids);
                      codec<M>::key_time(text);
                  }) {
        return &codec_key_maker<M>;
    } else {
        return nullptr;
    }
}

/// Whether codec<M> is one of the library's that throws for NULL.
template <class M>
inline constexpr bool refuses_null = !optional_traits<M>::is_optional && !reads_null<M> &&
                                     requires { requires std::same_as<typename codec<M>::built_in, M>; };

template <class Handle> struct handle_functions {
    using target = typename handle_traits<Handle>::target;
    static constexpr auto kind = handle_traits<Handle>::kind;

    static bool loaded(void const* handle) { return static_cast<Handle const*>(handle)->loaded(); }
    static read_scope& scope_of(void* handle) { return access::scope_of(*static_cast<Handle*>(handle)); }
    static void const* entity_in([[maybe_unused]] void const* handle) {
        if constexpr (kind == relation_kind::has_one || kind == relation_kind::belongs_to) {
            auto const& of = *static_cast<Handle const*>(handle);
            if (of.loaded()) return of.get();
        }
        return nullptr;
    }
    static void visit(void const* handle, void* context, void (*visitor)(void*, void const*)) {
        auto const& of = *static_cast<Handle const*>(handle);
        if (!of.loaded()) return;
        if constexpr (kind == relation_kind::has_one || kind == relation_kind::belongs_to) {
            if (of.get() != nullptr) visitor(context, of.get());
        } else {
            for (target const& entity : of) visitor(context, &entity);
        }
    }
    static constexpr bool is_single = kind == relation_kind::has_one || kind == relation_kind::belongs_to;
    using held = std::conditional_t<is_single, target,
                                    std::conditional_t<kind == relation_kind::belongs_to_many,
                                                       typename handle_traits<Handle>::links, std::vector<target>>>;
    using pivot_entity = typename handle_traits<Handle>::pivot_entity;
    /// Whether it is a belongs_to_many whose links are rows that no entity describes.
    static constexpr bool has_rows = kind == relation_kind::belongs_to_many && std::is_void_v<pivot_entity>;

    static void attach([[maybe_unused]] void* handle, [[maybe_unused]] std::shared_ptr<void> items) {
        if constexpr (kind != relation_kind::belongs_to_many)
            access::fill(*static_cast<Handle*>(handle), held_in(std::move(items)));
    }
    static void attach_links([[maybe_unused]] void* handle, [[maybe_unused]] std::vector<link<void>> links) {
        if constexpr (has_rows) access::fill(*static_cast<Handle*>(handle), held_in(std::move(links)));
    }
    static void attach_pairs([[maybe_unused]] void* handle,
                             [[maybe_unused]] std::vector<std::shared_ptr<void const>> entities,
                             [[maybe_unused]] std::shared_ptr<void> pivots) {
        if constexpr (!std::is_void_v<pivot_entity>) {
            auto& rows = *static_cast<std::vector<pivot_entity>*>(pivots.get());
            auto made = std::make_shared<held>();
            made->reserve(entities.size());
            for (std::size_t i = 0; i < entities.size(); ++i)
                made->add(std::static_pointer_cast<target const>(std::move(entities[i])), std::move(rows[i]));
            access::fill(*static_cast<Handle*>(handle), std::shared_ptr<held const>(std::move(made)));
        }
    }
    static bool as_loaded(void const* handle) {
        auto const& of = *static_cast<Handle const*>(handle);
        return access::items_of(of).is_as_loaded(access::is_filled(of));
    }
    static void visit_held(void const* handle, bool loaded, void* context,
                           void (*visitor)(void*, void const*, dynasio::pivot const*)) {
        auto const& of = *static_cast<Handle const*>(handle);
        auto const& items = access::items_of(of);
        auto const before = loaded ? items.loaded(access::is_filled(of)) : nullptr;
        held const* const all = loaded ? before.get() : items.get();
        if (all == nullptr) return;
        if constexpr (is_single) {
            visitor(context, all, nullptr);
        } else if constexpr (has_rows) {
            for (std::size_t i = 0; i < all->size(); ++i) visitor(context, &all->entity(i), &all->row(i));
        } else if constexpr (kind == relation_kind::belongs_to_many) {
            for (std::size_t i = 0; i < all->size(); ++i) visitor(context, &all->entity(i), nullptr);
        } else {
            for (target const& entity : *all) visitor(context, &entity, nullptr);
        }
    }
    static void give([[maybe_unused]] void* handle, [[maybe_unused]] std::shared_ptr<void> items,
                     [[maybe_unused]] std::shared_ptr<void> loaded) {
        if constexpr (kind != relation_kind::belongs_to_many)
            access::give(*static_cast<Handle*>(handle), held_in(std::move(items)), held_in(std::move(loaded)));
    }
    static void give_links([[maybe_unused]] void* handle, [[maybe_unused]] std::vector<link<void>> links,
                           [[maybe_unused]] std::optional<std::vector<link<void>>> loaded) {
        if constexpr (has_rows) {
            auto now = held_in(std::move(links));
            auto before = loaded ? held_in(*std::move(loaded)) : now;
            access::give(*static_cast<Handle*>(handle), std::move(now), std::move(before));
        }
    }
    static void set_count([[maybe_unused]] void* handle, [[maybe_unused]] std::uint64_t count) {
        if constexpr (is_to_many(kind)) access::set_count(*static_cast<Handle*>(handle), count);
    }

private:
    /// `items` is a std::vector<target>.
    static std::shared_ptr<held const> held_in(std::shared_ptr<void> items) {
        auto vector = std::static_pointer_cast<std::vector<target>>(std::move(items));
        if constexpr (!is_single)
            return vector;
        else if (vector && !vector->empty())
            return std::shared_ptr<target const>(vector, vector->data());
        else
            return nullptr;
    }
    static std::shared_ptr<held const> held_in(std::vector<link<void>> links) {
        auto typed = std::make_shared<held>();
        typed->reserve(links.size());
        for (auto& l : links)
            typed->add(std::static_pointer_cast<target const>(std::move(l.entity)), std::move(l.pivot));
        return typed;
    }
};

/// The functions of one type of a morph_to: the one at I.
template <class Handle, std::size_t I> struct alternative_functions {
    using target = typename type_listed<I, typename handle_traits<Handle>::targets>::type;

    static void const* entity_in(void const* handle) {
        auto const& of = *static_cast<Handle const*>(handle);
        return of.loaded() ? of.template get_if<target>() : nullptr;
    }
    static void visit(void const* handle, void* context, void (*visitor)(void*, void const*)) {
        if (void const* const entity = entity_in(handle)) visitor(context, entity);
    }
    static void attach(void* handle, std::shared_ptr<void> items) {
        auto& to = *static_cast<Handle*>(handle);
        auto const vector = std::static_pointer_cast<std::vector<target>>(std::move(items));
        if (vector && !vector->empty())
            to.set(std::shared_ptr<target const>(vector, vector->data()));
        else
            to.set(nullptr);
    }
};
/// The functions of a morph_to itself.
template <class Handle> struct morph_functions {
    static void attach(void* handle, std::shared_ptr<void>) { static_cast<Handle*>(handle)->set(nullptr); }
    static std::optional<std::size_t> alternative_in(void const* handle) {
        return [&]<class... T>(entity_types<T...>) {
            auto const& of = *static_cast<Handle const*>(handle);
            std::optional<std::size_t> found;
            std::size_t i = 0;
            ((found = of.loaded() && of.template holds<T>() ? std::optional(i) : found, ++i), ...);
            return found;
        }(typename handle_traits<Handle>::targets{});
    }
    static void visit(void const* handle, void* context, void (*visitor)(void*, void const*)) {
        auto const& of = *static_cast<Handle const*>(handle);
        if (of.loaded()) of.visit([&](auto const& entity) { visitor(context, &entity); });
    }
};

template <class T> struct vector_functions {
    using vector = std::vector<T>;
    static vector& of(void* v) { return *static_cast<vector*>(v); }
    static std::shared_ptr<void> make() { return std::make_shared<vector>(); }
    static std::size_t size(void const* v) { return static_cast<vector const*>(v)->size(); }
    static void* at(void* v, std::size_t i) { return &of(v)[i]; }
    static void* append(void* v) {
        auto& entity = of(v).emplace_back();
        name_handles(entity);
        return &entity;
    }
    static void append_copy(void* v, void const* entity) { of(v).push_back(*static_cast<T const*>(entity)); }
    static void append_move(void* v, void* entity) { of(v).push_back(std::move(*static_cast<T*>(entity))); }
    static void move_to(void* to, void* entity) { *static_cast<T*>(to) = std::move(*static_cast<T*>(entity)); }
    static void truncate(void* v, std::size_t size) {
        of(v).erase(of(v).begin() + static_cast<std::ptrdiff_t>(size), of(v).end());
    }
    static void reserve(void* v, std::size_t size) { of(v).reserve(size); }

    static void name(void* entity) { name_handles(*static_cast<T*>(entity)); }
    static void name_handles(T& entity) {
        []<auto... M>(T& e, members<M...>) {
            (access::set_name(member_in<M>(e), &handle_name<M>), ...);
        }(entity, relations_of<T>{});
    }
    template <auto M> static constexpr relation_name handle_name{type_name<T>, name_of<M>};
};

template <auto Member> relation_info const& relation_info_of();

/// Describes one relation for each type of a morph_to.
template <auto Member, class... T> void describe_alternatives(relation_info& r, entity_types<T...> types) {
    using handle = type_of<Member>;
    static std::string const path = r.path(); // what the names below refer to
    r.owner_key = attributes_of(typename declaration_of<Member>::foreign_key{});
    auto const add = [&]<class Target>(std::type_identity<Target>) {
        using functions = alternative_functions<handle, place_listed<Target, decltype(types)>>;
        relation_info& one = r.alternatives.emplace_back(relation_info{.kind = relation_kind::belongs_to,
                                                                       .name = {path, type_name<Target>},
                                                                       .owner = r.owner,
                                                                       .target = &entity_type_of<Target>});
        one.target_key = attributes_of(key_of_entity<Target>{});
        auto const first = r.owner_key.begin() + 1;
        one.owner_key.assign(first, first + static_cast<std::ptrdiff_t>(one.target_key.size()));
        one.offset = r.offset;
        one.loaded = r.loaded;
        one.scope_of = r.scope_of;
        one.entity_in = &functions::entity_in;
        one.visit = &functions::visit;
        one.attach = &functions::attach;
    };
    (add(std::type_identity<T>{}), ...);
}

// The two relations of which a belongs_to_many consists whose links are entities. They have the name of the whole and
// no handle of their own.
template <auto Member> relation_info const& links_of_entity() {
    static relation_info const made = [] {
        relation_info r{.kind = relation_kind::has_many,
                        .name = {type_name<owner_of<Member>>, name_of<Member>},
                        .owner = &entity_type_of<owner_of<Member>>,
                        .target = &entity_type_of<pivot_entity_of<Member>>};
        r.owner_key = attributes_of(key_of_entity<owner_of<Member>>{});
        r.target_key = attributes_of(near_members_of<Member>{});
        return r;
    }();
    return made;
}
template <auto Member> relation_info const& target_of_link() {
    static relation_info const made = [] {
        relation_info r{.kind = relation_kind::belongs_to,
                        .name = {type_name<owner_of<Member>>, name_of<Member>},
                        .owner = &entity_type_of<pivot_entity_of<Member>>,
                        .target = &entity_type_of<target_of<Member>>};
        r.owner_key = attributes_of(far_members_of<Member>{});
        r.target_key = attributes_of(key_of_entity<target_of<Member>>{});
        return r;
    }();
    return made;
}

// The parts of a relation_info that its kind decides.
template <auto Member, class Declaration> void describe_kind(relation_info& r, Declaration const& declared) {
    constexpr auto kind = handle_traits<type_of<Member>>::kind;
    using foreign_key = typename Declaration::foreign_key;
    if constexpr (kind == relation_kind::has_one || kind == relation_kind::has_many) {
        r.owner_key = attributes_of(referenced_by<Member>{});
        r.target_key = attributes_of(foreign_key{});
        r.refers_to_key = refers_to_key<Member>();
        r.in_item_collection = Declaration::in_item_collection;
        if constexpr (names_type_and_key<Member>) {
            constexpr auto morph = first_member<morph_back_to<Member, foreign_key>>::value;
            r.morph = &relation_info_of<morph>;
            r.morph_alternative = place_of_owner<owner_of<Member>, targets_of<morph>>();
        }
    } else if constexpr (kind == relation_kind::morph_to) {
        describe_alternatives<Member>(r, targets_of<Member>{});
        std::apply(
            [&](auto const&... option) { (option.template describe_type<targets_of<Member>>(r.alternatives), ...); },
            declared.options);
    } else if constexpr (kind == relation_kind::belongs_to) {
        r.owner_key = attributes_of(foreign_key{});
        r.target_key = attributes_of(referenced_by<Member>{});
        r.refers_to_key = refers_to_key<Member>();
    } else if constexpr (kind == relation_kind::has_many_through) {
        using steps = typename Declaration::steps;
        r.first = &relation_info_of<first_member<steps>::value>;
        r.second = &relation_info_of<second_member<steps>::value>;
    } else if constexpr (has_pivot_entity<Member>) {
        r.first = &links_of_entity<Member>;
        r.second = &target_of_link<Member>;
    } else if constexpr (Declaration::inverse::size == 1) {
        r.inverse_relation = &relation_info_of<first_member<typename Declaration::inverse>::value>;
    } else {
        // finish_description() names the rows: the option that names the entity's table may stand behind this one.
        std::apply([&](auto const&... option) { (option.describe_links(r), ...); }, declared.options);
    }
}

std::string default_attribute_name(std::string_view member);

/// The description of T under construction: what options write into.
template <class T> struct description {
    using key = key_of_entity<T>;

    entity_type& type;
    T const& probe; ///< An object of type T in which the offsets of members are measured.

    template <class Member> [[nodiscard]] std::size_t offset_of(Member const& member) const noexcept {
        return static_cast<std::size_t>(reinterpret_cast<char const*>(&member) - reinterpret_cast<char const*>(&probe));
    }

    template <auto Function, auto... From> void compute(members<From...>) {
        using functions = computed_functions<Function>;
        using result = type_of<Function>;
        std::string const name(name_of<Function>);
        type.computed.push_back({static_cast<attribute_index>(type.attributes.size()), {attribute_of<From>()...}});
        type.attributes.push_back({.name = default_attribute_name(name),
                                   .member = name,
                                   .type = codec<result>::type,
                                   .optional = optional_traits<result>::is_optional,
                                   .offset = 0,
                                   .absent = &functions::absent,
                                   .encode = &functions::encode,
                                   .decode = &functions::decode,
                                   .usual = usual_type::none,
                                   // Items that were written before the function was declared lack the attribute.
                                   .may_be_absent = true,
                                   .refuses_null = true,
                                   .clear = nullptr,
                                   .show = may_be_unknown<result> ? &functions::show : nullptr,
                                   .computed = true});
    }
    template <auto Member, class... O> void add(relation_t<Member, O...> const& declared) {
        if constexpr (check_relation<Member>()) {
            using handle = type_of<Member>;
            relation_info r{.kind = handle_traits<handle>::kind,
                            .name = {type_name<T>, name_of<Member>},
                            .owner = &entity_type_of<T>,
                            .target = nullptr};
            r.offset = offset_of(member_in<Member>(probe));
            r.loaded = &handle_functions<handle>::loaded;
            r.scope_of = &handle_functions<handle>::scope_of;
            if constexpr (is_morph_to<Member>) {
                r.visit = &morph_functions<handle>::visit;
                r.attach = &morph_functions<handle>::attach;
                r.alternative_in = &morph_functions<handle>::alternative_in;
            } else {
                r.target = &entity_type_of<target_of<Member>>;
                r.entity_in = &handle_functions<handle>::entity_in;
                r.visit = &handle_functions<handle>::visit;
                r.attach = &handle_functions<handle>::attach;
                r.attach_links = &handle_functions<handle>::attach_links;
                if constexpr (has_pivot_entity<Member>) r.attach_pairs = &handle_functions<handle>::attach_pairs;
                r.set_count = &handle_functions<handle>::set_count;
                r.as_loaded = &handle_functions<handle>::as_loaded;
                r.visit_held = &handle_functions<handle>::visit_held;
                r.give = &handle_functions<handle>::give;
                r.give_links = &handle_functions<handle>::give_links;
            }
            describe_kind<Member>(r, declared);
            type.relations.push_back(std::move(r));
        }
    }
};

/// Never called: it makes entity_type_of() compile after a failed check, so that the check's message stands alone.
entity_type const& undescribed();
std::string default_table_name(std::string_view type);
/// Throws errc::invalid_argument when two attributes have one name.
void finish_description(entity_type& t);
/// Does that for a value: finishes the attributes, which are all that it has.
void finish_attributes(entity_type& t);
/// Makes an attribute of an entity one that a projection of it has no member for.
void hide(attribute_info& a);

/// The member as messages name it: "id", or "meta.id" of an embedded struct.
template <class T> std::string member_spelling(std::size_t place) {
    std::string spelling(embedding_member<T>(place));
    if (!spelling.empty()) spelling += '.';
    return spelling += place_names<T>[place];
}

/// Adds the attributes of all stored members, and what the options say; the attributes of a projection replace its
/// entity's.
template <class T> void describe_members(entity_type& t) {
    T const probe{};
    description<T> to{t, probe};
    visit_places(probe, [&](auto const&... member) {
        std::size_t i = 0;
        [[maybe_unused]] auto const add = [&]<class M>(M const& m) {
            if constexpr (stores_type<T, M>()) {
                if (attribute_indexes<T>[i] != no_attribute) {
                    using functions = member_functions<M>;
                    attribute_info made{default_attribute_name(place_names<T>[i]),
                                        member_spelling<T>(i),
                                        codec<M>::type,
                                        optional_traits<M>::is_optional,
                                        to.offset_of(m),
                                        &functions::absent,
                                        &functions::encode,
                                        &functions::decode,
                                        usual_type_of<M>(),
                                        may_be_absent<M>,
                                        refuses_null<M>,
                                        clear_function<M>(),
                                        show_function<M>(),
                                        &shape_of<M>,
                                        key_maker_of<M>()};
                    made.reset = reset_function<M>();
                    if constexpr (is_projection<T>()) {
                        auto& shown = t.attributes[attribute_indexes<T>[i]];
                        made.name = std::move(shown.name);
                        shown = std::move(made);
                    } else {
                        t.attributes.push_back(std::move(made));
                    }
                }
            }
            ++i;
        };
        (add(member), ...);
    });
    // Options name computed attributes, so these come first.
    auto const schema = dynasio_schema(tag<T>{});
    std::apply([&](auto const&... option) { (option.describe_computed(to), ...); }, schema.options);
    std::apply([&](auto const&... option) { (option.describe(to), ...); }, schema.options);
}

/// The description of T up to finish_description().
template <class T> entity_type begin_description() {
    using storage = vector_functions<T>;
    entity_type t;
    t.name = type_name<T>;
    t.table = default_table_name(type_name<T>);
    t.storage = {&storage::make,        &storage::size,     &storage::at,      &storage::append,  &storage::append_copy,
                 &storage::append_move, &storage::truncate, &storage::reserve, &storage::move_to, &storage::name};
    if constexpr (is_projection<T>()) {
        entity_type source = begin_description<source_of<T>>();
        t.table = std::move(source.table);
        t.attributes = std::move(source.attributes);
        for (auto& a : t.attributes) hide(a);
        t.key = std::move(source.key);
        t.indexes = std::move(source.indexes);
        t.deleted_at = source.deleted_at;
        t.always = source.always;
        t.is_projection = true;
    }
    describe_members<T>(t);
    return t;
}
template <class T> entity_type describe() {
    entity_type t = begin_description<T>();
    finish_description(t);
    return t;
}

template <class T> entity_type describe_value() {
    entity_type t;
    t.name = type_name<T>;
    t.key.partition = no_attribute;
    describe_members<T>(t);
    finish_attributes(t);
    return t;
}
template <class T> entity_type const& value_type_of() {
    if constexpr (!check_value<T>()) {
        return undescribed();
    } else if constexpr (!check_types<T>()) {
        return undescribed();
    } else {
        static entity_type const described = describe_value<T>();
        return described;
    }
}

template <auto Member> relation_info const& relation_info_of() {
    return *entity_type_of<owner_of<Member>>().find_relation(name_of<Member>);
}

} // namespace dynasio::detail

namespace dynasio {

template <class T> entity_type const& entity_type_of() {
    if constexpr (!detail::check_entity<T>()) {
        return detail::undescribed();
    } else if constexpr (!detail::check_types<T>()) {
        return detail::undescribed();
    } else {
        static entity_type const described = detail::describe<T>();
        return described;
    }
}

} // namespace dynasio

#endif
