// expect: dynasio: a has_many_through is only read
#include <dynasio/orm/repository.hpp>

#include "shelf_model.hpp"

#ifdef DYNASIO_CONTROL
void use(Shelf& shelf, std::vector<Comment> const& comments) { shelf.comments.set(comments); }
#else
void use(Shelf& shelf, std::vector<Comment> const& comments) { shelf.comments = comments; }
#endif
