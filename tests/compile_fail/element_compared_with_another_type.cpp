// expect: dynasio: a condition compares this member with a value of another type
#include <dynasio/orm/field.hpp>

#include <map>
#include <string>

struct Note {
    std::string id{};
    std::map<std::string, int> marks{};
};
constexpr auto dynasio_schema(dynasio::tag<Note>) { return dynasio::entity<Note>(dynasio::partition_key<&Note::id>); }

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::field<&Note::marks>.at("maths") == 1; }
#else
auto use() { return dynasio::field<&Note::marks>.at("maths") == "one"; }
#endif
