#ifndef DYNASIO_EXAMPLES_BLOG_DATA_HPP
#define DYNASIO_EXAMPLES_BLOG_DATA_HPP

#include <array>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model.hpp"

// What the blog says: the same in every run, apart from the ids.
namespace blog {

/// A foreign key of something that is not saved yet: an index into a list of the dataset.
struct draft_comment {
    std::size_t post, author;
    Comment comment;
};
struct membership {
    std::size_t user, role;
    int level;
};

struct dataset {
    std::vector<User> users{};
    std::vector<Role> roles{};
    std::vector<Profile> profiles{};       // of the user at the same place
    std::vector<Post> posts{};             //
    std::vector<std::size_t> authors{};    // of the post at the same place
    std::vector<draft_comment> comments{}; //
    std::vector<membership> memberships{};
};

[[nodiscard]] inline dataset make_dataset(std::size_t user_count) {
    static constexpr std::array<std::string_view, 12> first{"Ada",  "Grace", "Alan",    "Barbara", "Edsger", "Frances",
                                                            "Tony", "Radia", "Niklaus", "Hedy",    "Donald", "Joan"};
    static constexpr std::array<std::string_view, 5> last{"Marlow", "Okafor", "Lindqvist", "Sato", "Duarte"};
    static constexpr std::array<std::string_view, 5> cities{"Lisbon", "Lagos", "Uppsala", "Kyoto", "Belfast"};
    static constexpr std::array<std::string_view, 6> subjects{"Slow queues",  "Tidy headers",  "Quiet failures",
                                                              "Late packets", "Old compilers", "Warm caches"};
    static constexpr std::array<std::string_view, 4> twists{"and how we met", "in five lessons", "revisited",
                                                            "for the impatient"};
    static constexpr std::array<std::string_view, 6> remarks{
        "I had the opposite result.", "Sent this to the whole team.",
        "Part two, please!",          "The graph in the middle is upside down.",
        "Works here as well.",        "Beautiful."};
    static constexpr std::array<char const*, 4> role_names{"admin", "author", "editor", "reader"};

    // Not a distribution of <random>: their results differ between libraries.
    std::minstd_rand bits(7);
    auto const up_to = [&](std::size_t n) { return static_cast<std::size_t>(bits()) % n; };

    dataset made;
    for (auto const* const name : role_names) made.roles.push_back(Role{.name = name});
    for (std::size_t u = 0; u < user_count; ++u) {
        User user;
        user.name = std::string(first[u % first.size()]) + " " + std::string(last[u % last.size()]);
        user.email = "user" + std::to_string(u + 1) + "@example.com";
        user.status = u % 4 == 3 ? "away" : "active";
        made.users.push_back(std::move(user));
        made.profiles.push_back(
            Profile{.city = std::string(cities[up_to(cities.size())]), .about = "member no. " + std::to_string(u + 1)});
        made.memberships.push_back(membership{u, 1 + up_to(3), static_cast<int>(1 + up_to(5))});
        if (u % 5 == 0) made.memberships.push_back(membership{u, 0, 9});

        for (auto posts = 2 + up_to(5); posts > 0; --posts) {
            Post post;
            post.title =
                std::string(subjects[up_to(subjects.size())]) + " " + std::string(twists[up_to(twists.size())]);
            post.status = up_to(4) == 0 ? "draft" : "live";
            for (auto comments = up_to(5); comments > 0; --comments)
                made.comments.push_back(draft_comment{made.posts.size(), up_to(user_count),
                                                      Comment{.text = std::string(remarks[up_to(remarks.size())])}});
            made.posts.push_back(std::move(post));
            made.authors.push_back(u);
        }
    }
    return made;
}

} // namespace blog

#endif
