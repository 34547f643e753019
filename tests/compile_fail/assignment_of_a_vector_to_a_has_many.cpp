// expect: dynasio: nothing is assigned to a has_many; set() replaces its entities
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
void use(User& user, std::vector<Post> const& posts) { user.posts.set(posts); }
#else
void use(User& user, std::vector<Post> const& posts) { user.posts = posts; }
#endif
