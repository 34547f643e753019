// expect: dynasio: holds<>, get_if<> and set() of a morph_to are about one of the entities that it names
#include <dynasio/orm/schema.hpp>

#include "morph_model.hpp"

#ifdef DYNASIO_CONTROL
auto use(Note const& n) { return n.about.holds<Photo>(); }
#else
auto use(Note const& n) { return n.about.holds<Note>(); }
#endif
