// expect: dynasio: include<> names the members that the index projects besides the keys
#include <dynasio/orm/verify.hpp>

#include <string>

struct Note {
    std::string id{};
    std::string author_id{};
};
constexpr auto dynasio_schema(dynasio::tag<Note>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Note>(partition_key<&Note::id>, gsi<&Note::author_id>{"by_author"}.keys_only());
#else
    return entity<Note>(partition_key<&Note::id>, gsi<&Note::author_id>{"by_author"}.include<>());
#endif
}
static_assert(dynasio::verify<Note>());
