// expect: dynasio: edit() gives the vector of a has_many for changing
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
void use(User& user, Post const& post) { user.posts.edit().push_back(post); }
#else
void use(User& user, Post const& post) { user.posts.push_back(post); }
#endif
