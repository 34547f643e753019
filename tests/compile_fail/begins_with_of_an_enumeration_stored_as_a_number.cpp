// expect: dynasio: begins_with is for strings and binaries, and for types that are stored as such
#include <dynasio/orm/field.hpp>

#include "model.hpp"

enum class State { off, on };
template <> struct dynasio::codec<State> {
#ifdef DYNASIO_CONTROL
    static constexpr auto type = dynasio::dynamodb::attribute_type::string;
#else
    static constexpr auto type = dynasio::dynamodb::attribute_type::number;
#endif
    static void encode(std::string& out, State value);
    static void decode(dynasio::dynamodb::json_reader& in, State& value);
};
struct Thing {
    std::string id{};
    State state{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>);
}
auto use() { return dynasio::field<&Thing::state>.begins_with("o"); }
