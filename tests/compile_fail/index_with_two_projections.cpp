// expect: dynasio: an index is declared with keys_only() or with include<…>(), and once
#include <dynasio/orm/verify.hpp>

#include <string>

using namespace dynasio::dsl;

struct Note {
    std::string id{}, author{}, text{};
};
constexpr auto dynasio_schema(tag<Note>) {
#ifdef DYNASIO_CONTROL
    return entity<Note>(partition_key<&Note::id>, gsi<&Note::author>{"by_author"}.include<&Note::text>());
#else
    return entity<Note>(partition_key<&Note::id>, gsi<&Note::author>{"by_author"}.keys_only().include<&Note::text>());
#endif
}
static_assert(dynasio::verify<Note>());
