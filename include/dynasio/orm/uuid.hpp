#ifndef DYNASIO_ORM_UUID_HPP
#define DYNASIO_ORM_UUID_HPP

#include <dynasio/orm/detail/key_maker.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/dynamodb/attribute_type.hpp>

#include <dynasio/core/clock.hpp>
#include <dynasio/core/uuid.hpp>

#include <boost/uuid/uuid.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

// Members of type boost::uuids::uuid. Include this header above the entities that have such members; it is not included
// by any other, so that programs without them do not pay for Boost.UUID.
namespace dynasio {

namespace dynamodb {
class json_reader;
}

namespace detail {

void encode_uuid(std::string& out, uuid_bytes const& value);
[[nodiscard]] uuid_bytes decode_uuid(dynamodb::json_reader& in);
[[nodiscard]] std::string new_uuid_key(ulid_generator& ids);
[[nodiscard]] std::string new_random_uuid_key(ulid_generator& ids);
[[nodiscard]] std::optional<system_time> uuid_key_time(std::string_view text);

inline constexpr key_maker random_uuid_maker{&new_random_uuid_key, &uuid_key_time};

} // namespace detail

/// A UUID, as text (S) in its canonical form, in lower case; nil is stored as absent. Upper case, braces and
/// "urn:uuid:" are read too, except in keys: a key that is stored in another spelling than the canonical one is
/// errc::key_not_kept.
///
/// As the last part of a key it is made when the entity is saved first: of version 7, whose order is that of creation
/// and which sets created_at, unless random_uuid<> asks for version 4.
template <> struct codec<boost::uuids::uuid> {
    static constexpr auto type = dynamodb::attribute_type::string;
    using built_in = boost::uuids::uuid;
    static bool absent(boost::uuids::uuid const& value) { return value.is_nil(); }
    static void encode(std::string& out, boost::uuids::uuid const& value) {
        uuid_bytes bytes{};
        std::copy(value.begin(), value.end(), bytes.begin());
        detail::encode_uuid(out, bytes);
    }
    static void decode(dynamodb::json_reader& in, boost::uuids::uuid& value) {
        uuid_bytes const bytes = detail::decode_uuid(in);
        std::copy(bytes.begin(), bytes.end(), value.begin());
    }
    static std::string new_key(ulid_generator& ids) { return detail::new_uuid_key(ids); }
    static std::optional<system_time> key_time(std::string_view text) { return detail::uuid_key_time(text); }
};

template <auto Member> struct random_uuid_t : detail::entity_option {
    using about = detail::members<Member>;

    static consteval bool check() {
        constexpr bool fits = std::is_same_v<detail::type_of<Member>, boost::uuids::uuid>;
        static_assert(fits, "dynasio: random_uuid<> names a member of type boost::uuids::uuid");
        return fits;
    }
    template <class T> static void describe(detail::description<T>& to) {
        using key = typename detail::description<T>::key;
        constexpr bool made = detail::has_member<Member, key> &&
                              (key::size == 1 || !detail::same_member<Member, detail::first_member<key>::value>);
        static_assert(made,
                      "dynasio: random_uuid<> names a member that is not the last part of the key; no other part is "
                      "made by a save");
        to.type.attributes[detail::attribute_of<Member>()].makes_key = &detail::random_uuid_maker;
    }
};
/// Makes keys that are empty UUIDs of version 4, which tell nothing about the time of their creation.
template <auto Member> inline constexpr random_uuid_t<Member> random_uuid{};

namespace dsl {

using dynasio::random_uuid;

} // namespace dsl

} // namespace dynasio

#endif
