// expect: dynasio: nothing is assigned to a belongs_to; to refer to another entity, set the foreign key and save
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
void use(Post& post, User const& user) {
    post.author_id = user.id;
    post.author.set(user);
}
#else
void use(Post& post, User const& user) { post.author = user; }
#endif
