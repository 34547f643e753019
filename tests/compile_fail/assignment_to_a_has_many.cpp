// expect: dynasio: nothing is assigned to a has_many; set() replaces its entities
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
void use(User& user, Post const& post) {
    user.posts.set(std::vector<Post>{post});
    user.posts = {};
    user.posts = User().posts;
}
#else
void use(User& user, Post const& post) { user.posts = {post}; }
#endif
