// expect: dynasio: a has_many_through is only read
#include <dynasio/orm/repository.hpp>

#include "shelf_model.hpp"

#ifdef DYNASIO_CONTROL
void use(Shelf& shelf, Comment const& comment) { shelf.comments.set(std::vector<Comment>(1, comment)); }
#else
void use(Shelf& shelf, Comment const& comment) { shelf.comments.insert(shelf.comments.begin(), comment); }
#endif
