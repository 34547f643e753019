// expect: dynasio: a key of a gsi or lsi is a stored std::string, integer, dynasio::timestamp, number, bytes, or of a
// type whose dynasio::codec stores S, N or B
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Address {
    std::string city{};
};
struct Thing {
    std::string id{};
    std::optional<Address> address{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::address>{"by_address"});
}
template <> struct dynasio::codec<Address> {
#ifdef DYNASIO_CONTROL
    static constexpr auto type = dynasio::dynamodb::attribute_type::string;
#else
    static constexpr auto type = dynasio::dynamodb::attribute_type::map;
#endif
    static void encode(std::string& out, Address const& value);
    static void decode(dynasio::dynamodb::json_reader& in, Address& value);
};
static_assert(dynasio::verify<Thing>());
