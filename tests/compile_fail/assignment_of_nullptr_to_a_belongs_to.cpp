// expect: dynasio: nothing is assigned to a belongs_to; to refer to another entity, set the foreign key and save
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
void use(Post& post) {
    post.author.set(nullptr);
    post.author = {};
}
#else
void use(Post& post) { post.author = nullptr; }
#endif
