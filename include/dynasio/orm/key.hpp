#ifndef DYNASIO_ORM_KEY_HPP
#define DYNASIO_ORM_KEY_HPP

#include <dynasio/orm/detail/describe.hpp>

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
/// Lowered when it is made: it keeps no reference to what it was made from. Throws errc::empty_key, and
/// errc::number_out_of_range for a number that the key member cannot hold.
template <class T> class key_of {
public:
    template <class K>
        requires(!std::is_same_v<std::remove_cvref_t<K>, key_of>)
    key_of(K const& k) { // NOLINT(google-explicit-constructor): find("id") reads as it should
        if constexpr (detail::check_entity<T>()) {
            using members = detail::key_of_entity<T>;
            entity_type const& type = entity_type_of<T>();
            if constexpr (members::size == 1) {
                static_assert(!detail::is_composite_key<K>, "dynasio: this entity has no sort key; give the partition "
                                                            "key alone");
                if constexpr (!detail::is_composite_key<K>)
                    type.encode_key(json_, part<detail::first_member<members>::value>(k), {});
            } else {
                static_assert(detail::is_composite_key<K>, "dynasio: this entity has a sort key; give both parts: "
                                                           "key(partition, sort)");
                if constexpr (detail::is_composite_key<K>)
                    type.encode_key(json_, part<detail::first_member<members>::value>(std::get<0>(k.parts())),
                                    part<detail::second_member<members>::value>(std::get<1>(k.parts())));
            }
        }
    }

    /// The key of an entity.
    [[nodiscard]] static key_of of(T const& entity) {
        key_of k;
        entity_type_of<T>().encode_key(k.json_, &entity);
        return k;
    }

    /// `{"id":{"S":"…"}}`
    [[nodiscard]] std::string const& json() const& noexcept { return json_; }
    [[nodiscard]] std::string json() && noexcept { return std::move(json_); }

private:
    key_of() = default;

    template <auto Member, class V> static std::string part(V const& value) {
        using wanted = detail::type_of<Member>;
        constexpr bool fits = std::is_convertible_v<V const&, wanted> &&
                              (!std::is_integral_v<wanted> || (std::is_integral_v<V> && !std::is_same_v<V, bool>));
        static_assert(fits, "dynasio: a key has another type than the key member");
        std::string out;
        if constexpr (fits && std::is_integral_v<wanted>)
            codec<wanted>::encode(out, detail::exact_number<wanted>(value));
        else if constexpr (fits)
            codec<wanted>::encode(out, static_cast<wanted>(value));
        return out;
    }

    std::string json_;
};

} // namespace dynasio

#endif
