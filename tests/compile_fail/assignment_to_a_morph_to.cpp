// expect: dynasio: nothing is assigned to a morph_to; to refer to another entity, set the members
#include <dynasio/orm/repository.hpp>

#include "morph_model.hpp"

#ifdef DYNASIO_CONTROL
void use(Note& note, Photo const& photo) {
    note.about.set(photo);
    note.about = Note(note).about;
}
#else
void use(Note& note, Photo const& photo) { note.about = photo; }
#endif
