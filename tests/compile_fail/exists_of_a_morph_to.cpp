// expect: dynasio: exists is for relations to one type of entity
#include <dynasio/orm/repository.hpp>

#include "morph_model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Note> const& notes, Note& n) { return notes.related<&Note::about>(n).get(); }
#else
auto use(dynasio::repository<Note> const& notes, Note& n) { return notes.related<&Note::about>(n).exists(); }
#endif
