// expect: dynasio: a has_many_through is only read
#include <dynasio/orm/repository.hpp>

#include "shelf_model.hpp"

#ifdef DYNASIO_CONTROL
void use(Shelf& shelf, Comment const& comment) { shelf.posts.edit().front().comments.edit().push_back(comment); }
#else
void use(Shelf& shelf, Comment const& comment) { shelf.comments.edit().push_back(comment); }
#endif
