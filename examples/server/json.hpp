#ifndef DYNASIO_EXAMPLES_SERVER_JSON_HPP
#define DYNASIO_EXAMPLES_SERVER_JSON_HPP

#include <boost/json.hpp>

#include "../blog/model.hpp"

// What a user looks like outside. Written by hand on purpose: what is public is a decision, and the entities are not
// the interface. A relation that was not asked for is left out.
namespace blog {

inline boost::json::value to_json(Comment const& comment) {
    boost::json::object made{{"id", comment.id}, {"text", comment.text}};
    if (comment.author.loaded()) made["author"] = comment.author ? boost::json::value(comment.author->name) : nullptr;
    return made;
}

inline boost::json::value to_json(Post const& post) {
    boost::json::object made{{"id", post.id}, {"title", post.title}, {"created_at", post.created_at.to_string()}};
    if (post.comments.loaded()) {
        boost::json::array comments;
        for (Comment const& comment : post.comments) comments.push_back(to_json(comment));
        made["comments"] = std::move(comments);
    }
    return made;
}

inline boost::json::value to_json(User const& user) {
    boost::json::object made{{"id", user.id}, {"name", user.name}};
    if (user.profile.loaded()) {
        made["profile"] = nullptr;
        if (user.profile)
            made["profile"] = boost::json::object{{"city", user.profile->city}, {"about", user.profile->about}};
    }
    if (user.posts.loaded()) {
        boost::json::array posts;
        for (Post const& post : user.posts) posts.push_back(to_json(post));
        made["posts"] = std::move(posts);
    }
    if (user.roles.loaded()) {
        boost::json::array roles;
        for (auto const& [role, pivot] : user.roles.with_pivot())
            roles.push_back(boost::json::object{{"name", role.name}, {"since", pivot.created_at().to_string()}});
        made["roles"] = std::move(roles);
    }
    return made;
}

} // namespace blog

#endif
