#ifndef DYNASIO_TESTS_INTEGRATION_BLOG_TEST_HPP
#define DYNASIO_TESTS_INTEGRATION_BLOG_TEST_HPP

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "integration/database_test.hpp"
#include "integration/model.hpp"

namespace dynasio::test {

/// A blog that is stored already, and questions about the requests that reading it took.
class blog_test : public database_test {
protected:
    using database_test::database_test;

    [[nodiscard]] testing::match query_on(std::string const& table) const {
        return testing::match("Query").table(prefix + table);
    }
    [[nodiscard]] testing::match batch_on(std::string const& table) const {
        return testing::match("BatchGetItem").table(prefix + table);
    }
    [[nodiscard]] std::size_t queries(std::string const& table) const {
        return endpoint.count("Query", prefix + table);
    }
    [[nodiscard]] std::size_t batches(std::string const& table) const {
        return endpoint.count("BatchGetItem", prefix + table);
    }
    [[nodiscard]] std::vector<std::size_t> keys_of_batches() const {
        std::vector<std::size_t> sizes;
        for (auto const& r : endpoint.requests())
            if (r.operation == "BatchGetItem") sizes.push_back(r.keys.size());
        std::sort(sizes.begin(), sizes.end());
        return sizes;
    }

    /// `authors` users with `each` posts, and `below` comments below each post, written by the users in turn.
    void make_blog(std::size_t authors, std::size_t each, std::size_t below) {
        create_tables<blog::User, blog::Post, blog::Comment, blog::Profile, blog::Role>();
        for (std::size_t a = 0; a < authors; ++a) {
            blog::User u;
            u.id = numbered("user-", a);
            u.email = u.id + "@b.c";
            u.name = "name of " + u.id;
            users.push_back(u);
            blog::Profile f;
            f.id = numbered("profile-", a);
            f.user_id = u.id;
            f.bio = "bio of " + u.id;
            profiles.push_back(f);
            for (std::size_t p = 0; p < each; ++p) {
                blog::Post post;
                post.id = numbered("post-", posts.size());
                post.author_id = u.id;
                post.title = "title of " + post.id;
                post.status = p % 2 ? "live" : "draft";
                post.score = static_cast<int>(p);
                posts.push_back(post);
                for (std::size_t c = 0; c < below; ++c) {
                    blog::Comment comment;
                    comment.id = numbered("comment-", comments.size());
                    comment.post_id = post.id;
                    comment.author_id = numbered("user-", (a + c + 1) % authors);
                    comment.text = "text of " + comment.id;
                    comments.push_back(comment);
                }
            }
        }
        save_all(users);
        save_all(profiles);
        save_all(posts);
        save_all(comments);
    }

    std::vector<blog::User> users;
    std::vector<blog::Profile> profiles;
    std::vector<blog::Post> posts;
    std::vector<blog::Comment> comments;
};

} // namespace dynasio::test

#endif
