// expect: dynasio: a key is a std::string, an integer, a dynasio::timestamp, a number, bytes, or of a type whose
// dynasio::codec stores S, N or B
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

enum class State { off, on };
struct Thing {
    State id{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>);
}
template <> struct dynasio::codec<State> {
#ifdef DYNASIO_CONTROL
    static constexpr auto type = dynasio::dynamodb::attribute_type::number;
#else
    static constexpr auto type = dynasio::dynamodb::attribute_type::boolean;
#endif
    static void encode(std::string& out, State value);
    static void decode(dynasio::dynamodb::json_reader& in, State& value);
};
static_assert(dynasio::verify<Thing>());
