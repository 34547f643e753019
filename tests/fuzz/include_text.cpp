// Texts that name relations, of any bytes: what is read is allowed and bounded, and is read again as the same.

#include <dynasio/orm/include_list.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "fuzz.hpp"
#include "unit/orm/model.hpp"

namespace {

using namespace dynasio;
using shop::Comment;
using shop::Post;
using shop::User;

constexpr std::size_t deepest = 4, most = 6;

struct shape {
    std::size_t relations = 0;
    std::size_t depth = 0;
    std::string text{}; ///< Names them again.
};
void measure(shape& to, std::vector<load_node> const& nodes, std::string const& before, std::size_t depth) {
    for (auto const& node : nodes) {
        for (auto const& other : nodes)
            fuzz::require(&node == &other || node.relation != other.relation, "a relation is there once");
        ++to.relations;
        to.depth = std::max(to.depth, depth);
        auto const path = before + std::string(node.relation->name.member);
        to.text += (to.text.empty() ? "" : ",") + path;
        measure(to, node.children, path + '.', depth + 1);
    }
}
shape shape_of(std::vector<relation_to_load<User>> const& relations) {
    std::vector<load_node> nodes;
    for (auto const& each : relations) each.append_to(nodes);
    shape made;
    measure(made, nodes, {}, 1);
    for (auto const& node : nodes)
        fuzz::require(node.relation->name.member != "posts" || node.select.limit == 20u, "constraints stay");
    return made;
}

void read(include_list<User> const& list, std::string const& text) {
    shape first, again;
    if (!fuzz::succeeds({errc::invalid_argument}, [&] { first = shape_of(list.parse(text)); })) return;
    fuzz::require(first.relations <= most && first.depth <= deepest, "bounds are kept");
    again = shape_of(list.parse(first.text));
    fuzz::require(first.text == again.text, "what was read is read again as the same");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static auto const posts = with<&User::posts>(limit(20), with<&Post::author>(),
                                                 with<&Post::comments>(with<&Comment::post>(with<&Post::editor>())));
    static include_list<User> const some(posts, with<&User::roles>(), max_depth(deepest), max_relations(most));
    static include_list<User> const all(posts, everything_allowed, max_depth(deepest), max_relations(most));
    std::string const text(fuzz::text_of(data, size));
    read(some, text);
    read(all, text);
    return 0;
}
