#ifndef DYNASIO_ORM_KEY_HPP
#define DYNASIO_ORM_KEY_HPP

#include <dynasio/orm/detail/access.hpp>
#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/detail/operations.hpp>

#include <dynasio/core/error.hpp>

#include <exception>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace dynasio {

/// The parts of a composite key in order: key("post-1", "comment-7").
template <class Partition, class Sort> class composite_key {
public:
    composite_key(Partition partition, Sort sort) : parts_(std::move(partition), std::move(sort)) {}
    [[nodiscard]] std::tuple<Partition, Sort> const& parts() const noexcept { return parts_; }

private:
    std::tuple<Partition, Sort> parts_;
};
template <class Partition, class Sort> [[nodiscard]] auto key(Partition partition, Sort sort) {
    return composite_key<Partition, Sort>(std::move(partition), std::move(sort));
}

namespace detail {

template <class K> inline constexpr bool is_composite_key = false;
template <class P, class S> inline constexpr bool is_composite_key<composite_key<P, S>> = true;

} // namespace detail

/// A key of T, made from a value of the partition key's type, or from key(partition, sort) when T has a sort key.
/// The constructor encodes the value at once, so a key_of keeps no reference to what it was made from. It does not
/// throw dynasio::error: an empty key (errc::empty_key) or a number that the key member cannot hold
/// (errc::number_out_of_range) is thrown when the operation that takes the key is awaited.
template <class T> class key_of {
public:
    template <class K>
        requires(!std::is_same_v<std::remove_cvref_t<K>, key_of>)
    key_of(K const& k) { // NOLINT(google-explicit-constructor): implicit, so that find("id") compiles
        if constexpr (detail::check_entity<T>()) {
            try {
                key_ = detail::lowered_key(lower(k));
            } catch (error const&) {
                key_ = detail::lowered_key(std::current_exception());
            }
        }
    }

    /// The key of an entity.
    [[nodiscard]] static key_of of(T const& entity) {
        key_of k;
        try {
            std::string json;
            entity_type_of<T>().encode_key(json, &entity);
            k.key_ = detail::lowered_key(std::move(json));
        } catch (error const&) {
            k.key_ = detail::lowered_key(std::current_exception());
        }
        return k;
    }

    /// `{"id":{"S":"…"}}`. Throws errc::empty_key, or errc::number_out_of_range for a number that the member cannot
    /// hold.
    [[nodiscard]] std::string const& json() const& { return key_.json(); }
    [[nodiscard]] detail::lowered_key const& lowered() const& noexcept { return key_; }
    [[nodiscard]] detail::lowered_key lowered() && noexcept { return std::move(key_); }

private:
    friend struct detail::access;
    key_of() = default;

    static key_of as_told(std::string json) {
        key_of k;
        k.key_ = detail::lowered_key(std::move(json));
        return k;
    }

    template <class K> static std::string lower(K const& k) {
        using members = detail::key_of_entity<T>;
        entity_type const& type = entity_type_of<T>();
        std::string json;
        json.reserve(96);
        if constexpr (members::size == 1) {
            static_assert(!detail::is_composite_key<K>, "dynasio: this entity has no sort key; give the partition "
                                                        "key alone");
            if constexpr (!detail::is_composite_key<K>)
                append_part<detail::first_member<members>::value>(json, type, type.key.partition, k);
        } else {
            static_assert(detail::is_composite_key<K>, "dynasio: this entity has a sort key; give both parts: "
                                                       "key(partition, sort)");
            if constexpr (detail::is_composite_key<K>) {
                append_part<detail::first_member<members>::value>(json, type, type.key.partition,
                                                                  std::get<0>(k.parts()));
                append_part<detail::second_member<members>::value>(json, type, *type.key.sort, std::get<1>(k.parts()));
            }
        }
        return json;
    }

    /// Appends nothing for a value that is stored as no attribute, so that it is an empty key.
    template <class V> static void append_present(std::string& out, V const& value) {
        if (!detail::is_absent(value)) codec<V>::encode(out, value);
    }
    template <auto Member, class V>
    static void append_part(std::string& out, entity_type const& type, std::uint16_t attribute, V const& value) {
        using wanted = detail::type_of<Member>;
        constexpr bool fits = std::is_convertible_v<V const&, wanted> &&
                              (!std::is_integral_v<wanted> || (std::is_integral_v<V> && !std::is_same_v<V, bool>));
        static_assert(fits, "dynasio: a key has another type than the key member");
        auto const begin = type.begin_key_part(out, attribute);
        if constexpr (fits) {
            try {
                if constexpr (std::is_same_v<wanted, V>)
                    append_present(out, value);
                else if constexpr (std::is_integral_v<wanted>)
                    codec<wanted>::encode(out, detail::exact_number<wanted>(value));
                else
                    append_present(out, static_cast<wanted>(value));
            } catch (error const&) {
                detail::rethrow_about_member(type.name, type[attribute].name);
            }
        }
        type.end_key_part(out, attribute, begin);
    }

    detail::lowered_key key_;
};

namespace dsl {

using dynasio::key;
using dynasio::key_of;

} // namespace dsl

} // namespace dynasio

#endif
