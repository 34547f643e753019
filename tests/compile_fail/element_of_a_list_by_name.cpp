// expect: dynasio: an element of a list is named by its position, one of a map by its name
#include <dynasio/orm/field.hpp>

#include <string>
#include <vector>

struct Note {
    std::string id{};
    std::vector<std::string> tags{};
};
constexpr auto dynasio_schema(dynasio::tag<Note>) { return dynasio::entity<Note>(dynasio::partition_key<&Note::id>); }

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::field<&Note::tags>.at(0) == "x"; }
#else
auto use() { return dynasio::field<&Note::tags>.at("first") == "x"; }
#endif
