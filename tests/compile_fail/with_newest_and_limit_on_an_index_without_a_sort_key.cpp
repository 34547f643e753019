// expect: dynasio: order with limit on a relation whose access path does not have this order
#include <dynasio/orm/schema.hpp>
#include <dynasio/orm/with.hpp>

#include <string>

struct Note {
    std::string id{};
    std::string author_id{};
};
struct Author {
    std::string id{};
    dynasio::has_many<Note> notes{};
};
constexpr auto dynasio_schema(dynasio::tag<Note>) {
    using namespace dynasio;
    return entity<Note>(partition_key<&Note::id>, gsi<&Note::author_id, no_sort_key>{"by_author"});
}
constexpr auto dynasio_schema(dynasio::tag<Author>) {
    using namespace dynasio;
    return entity<Author>(partition_key<&Author::id>, relate<&Author::notes>(by<&Note::author_id>));
}

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with<&Author::notes>(dynasio::newest_first, dynasio::limit(3), dynasio::client_side); }
#else
auto use() { return dynasio::with<&Author::notes>(dynasio::newest_first, dynasio::limit(3)); }
#endif
