#ifndef DYNASIO_EXAMPLES_SERVER_JSON_HPP
#define DYNASIO_EXAMPLES_SERVER_JSON_HPP

#include <boost/json.hpp>

#include "../blog/model.hpp"

// What a user looks like outside. Written by hand on purpose: what is public is a decision, and the entities are not
// the interface.
namespace blog {

inline boost::json::value to_json(Comment const& comment) {
    boost::json::object made{{"id", comment.id}, {"text", comment.text}, {"author", nullptr}};
    if (comment.author) made["author"] = comment.author->name;
    return made;
}

inline boost::json::value to_json(Post const& post) {
    boost::json::array comments;
    for (Comment const& comment : post.comments) comments.push_back(to_json(comment));
    return boost::json::object{{"id", post.id},
                               {"title", post.title},
                               {"created_at", post.created_at.to_string()},
                               {"comments", std::move(comments)}};
}

inline boost::json::value to_json(User const& user) {
    boost::json::array posts, roles;
    for (Post const& post : user.posts) posts.push_back(to_json(post));
    for (auto const& [role, pivot] : user.roles.with_pivot())
        roles.push_back(boost::json::object{{"name", role.name}, {"since", pivot.created_at().to_string()}});
    boost::json::object made{{"id", user.id}, {"name", user.name}, {"profile", nullptr}};
    if (user.profile)
        made["profile"] = boost::json::object{{"city", user.profile->city}, {"about", user.profile->about}};
    made["posts"] = std::move(posts);
    made["roles"] = std::move(roles);
    return made;
}

} // namespace blog

#endif
