// expect: dynasio: a gsi names a member as its partition key; no_sort_key stands behind it, in place of a sort key
#include <dynasio/orm/verify.hpp>

#include <string>

using namespace dynasio::dsl;

struct Note {
    std::string id{}, author{};
};
constexpr auto dynasio_schema(tag<Note>) {
#ifdef DYNASIO_CONTROL
    return entity<Note>(partition_key<&Note::id>, gsi<&Note::author, no_sort_key>{"by_author"});
#else
    return entity<Note>(partition_key<&Note::id>, gsi<no_sort_key>{"by_author"});
#endif
}
static_assert(dynasio::verify<Note>());
