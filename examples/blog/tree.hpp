#ifndef DYNASIO_EXAMPLES_BLOG_TREE_HPP
#define DYNASIO_EXAMPLES_BLOG_TREE_HPP

#include <dynasio/dynamodb/attribute_value.hpp>

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "model.hpp"

// Prints users with everything that was loaded with them. Only reads members: nothing here can send a request, and a
// relation that was forgotten in the load throws errc::relation_not_loaded with its name.
namespace blog {

/// How much of each list is printed; the rest is counted.
struct excerpt {
    std::size_t users, posts, comments;
};
inline constexpr excerpt everything{std::size_t(-1), std::size_t(-1), std::size_t(-1)};

inline std::string counted(std::size_t n, std::string const& what) {
    return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

inline void print_roles(std::ostream& out, User const& user) {
    char const* separator = "";
    for (auto const& [role, pivot] : user.roles.with_pivot()) {
        out << separator << role.name;
        auto const* const level = pivot.find("level");
        auto const* const granted_by = pivot.find("granted_by");
        if (level && granted_by)
            out << " (level " << level->as_number().text() << ", granted by " << granted_by->as_string() << ")";
        separator = ", ";
    }
    out << '\n';
}

inline void print_post(std::ostream& out, Post const& post, bool last, std::size_t at_most) {
    out << "   │  " << (last ? "└─ " : "├─ ") << '"' << post.title << "\", " << counted(post.comments.size(), "comment")
        << '\n';
    auto const* const line = last ? "   │     " : "   │  │  ";
    std::size_t printed = 0;
    for (Comment const& comment : post.comments) {
        if (printed == at_most) break;
        ++printed;
        bool const is_last = printed == post.comments.size();
        // The author may have left: a foreign key is no promise.
        out << line << (is_last ? "└─ " : "├─ ") << (comment.author ? comment.author->name : "somebody") << ": "
            << comment.text << '\n';
    }
    if (printed < post.comments.size()) out << line << "└─ … " << post.comments.size() - printed << " more\n";
}

inline void print_user(std::ostream& out, User const& user, excerpt limits) {
    out << "   " << user.name << " <" << user.email << ">\n";
    out << "   ├─ profile   ";
    if (user.profile)
        out << user.profile->about << ", " << user.profile->city << '\n';
    else
        out << "none\n";
    out << "   ├─ roles     ";
    print_roles(out, user);
    out << "   ├─ posts     the newest " << user.posts.size() << " that are live\n";
    std::size_t printed = 0;
    for (Post const& post : user.posts) {
        if (printed == limits.posts) break;
        ++printed;
        print_post(out, post, printed == user.posts.size(), limits.comments);
    }
    if (printed < user.posts.size()) out << "   │  └─ … " << user.posts.size() - printed << " more\n";
    out << "   └─ received  " << counted(user.received.size(), "comment") << " on all posts\n";
}

inline void print_tree(std::ostream& out, std::vector<User> const& users, excerpt limits) {
    std::size_t posts = 0, comments = 0, received = 0, printed = 0;
    for (User const& user : users) {
        if (printed < limits.users) {
            print_user(out, user, limits);
            ++printed;
            continue;
        }
        posts += user.posts.size();
        received += user.received.size();
        for (Post const& post : user.posts) comments += post.comments.size();
    }
    if (printed < users.size())
        out << "   … and " << counted(users.size() - printed, "more user") << " with " << counted(posts, "post") << ", "
            << counted(comments, "comment") << " on these and " << received << " received in all\n";
}

} // namespace blog

#endif
