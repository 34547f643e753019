// expect: dynasio: relations by a type and a key are not saved along
#include <dynasio/orm/along.hpp>
#include <dynasio/orm/repository.hpp>

#include <string>

struct Comment;
struct Post {
    std::string id{};
    dynasio::has_many<Comment> comments{};
    dynasio::has_many<Comment> replies{};
};
struct Comment {
    std::string id{};
    std::string subject_type{};
    std::string subject_id{};
    std::string reply_to{};
    dynasio::morph_to<Post> subject{};
};
constexpr auto dynasio_schema(dynasio::tag<Post>) {
    using namespace dynasio;
    return entity<Post>(partition_key<&Post::id>,
                        relate<&Post::comments>(by<&Comment::subject_type, &Comment::subject_id>),
                        relate<&Post::replies>(by<&Comment::reply_to>));
}
constexpr auto dynasio_schema(dynasio::tag<Comment>) {
    using namespace dynasio;
    return entity<Comment>(partition_key<&Comment::id>, gsi<&Comment::subject_id>{"by_subject"},
                           gsi<&Comment::reply_to>{"by_reply"},
                           relate<&Comment::subject>(by<&Comment::subject_type, &Comment::subject_id>));
}
#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Post> const& posts, Post& post) {
    return posts.save(post, dynasio::along<&Post::replies>());
}
#else
auto use(dynasio::repository<Post> const& posts, Post& post) {
    return posts.save(post, dynasio::along<&Post::comments>());
}
#endif
