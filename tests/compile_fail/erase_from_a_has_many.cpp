// expect: dynasio: edit() gives the vector of a has_many for changing
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
void use(User& user) { user.posts.edit().erase(user.posts.edit().begin()); }
#else
void use(User& user) { user.posts.erase(user.posts.begin()); }
#endif
