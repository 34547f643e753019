// expect: dynasio: inverse_of<> names a relation of a kind that does not lead back
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Note;
struct Thing {
    std::string id{};
    dynasio::has_many<Note> notes{};
};
struct Note {
    std::string id{};
    std::string about_type{};
    std::string about_id{};
    dynasio::morph_to<Thing> about{};
    dynasio::belongs_to<Thing> thing{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>,
                         relate<&Thing::notes>(by<&Note::about_type, &Note::about_id>, inverse_of<&Note::about>));
#else
    return entity<Thing>(partition_key<&Thing::id>,
                         relate<&Thing::notes>(by<&Note::about_type, &Note::about_id>, inverse_of<&Note::thing>));
#endif
}
constexpr auto dynasio_schema(dynasio::tag<Note>) {
    using namespace dynasio;
    return entity<Note>(partition_key<&Note::id>, gsi<&Note::about_id, &Note::about_type>{"by_subject"},
                        relate<&Note::about>(by<&Note::about_type, &Note::about_id>),
                        relate<&Note::thing>(by<&Note::about_id>));
}
static_assert(dynasio::verify<Thing, Note>());
