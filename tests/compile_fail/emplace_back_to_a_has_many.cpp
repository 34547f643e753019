// expect: dynasio: edit() gives the vector of a has_many for changing
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
void use(Post& post) { post.comments.edit().emplace_back().id = "c1"; }
#else
void use(Post& post) { post.comments.emplace_back().id = "c1"; }
#endif
