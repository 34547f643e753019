#include <dynasio/orm/include_list.hpp>
#include <dynasio/orm/names.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "relation_tree.hpp"

namespace dynasio::detail {

namespace {

/// Compares without making the name, because texts of strangers may name a relation many times.
bool is_in_snake_case(std::string_view name, std::string_view member) {
    std::size_t at = 0;
    bool equal = true;
    write_snake_case(member, [&](char c) { equal = equal && at < name.size() && name[at++] == c; });
    return equal && at == name.size();
}

// A text names relations to load. What with_count<> counts comes with the place that it stands at.
bool can_be_named(relation_info const&) noexcept { return true; }
bool can_be_named(load_node const& node) noexcept { return !node.counts; }

/// The one of several relations that has this name: the member of the name, or else the one that JSON names so.
template <class Range, class RelationOf>
auto const* find_named(Range const& all, std::string_view name, RelationOf const& relation_of) {
    auto const find = [&](auto const& has_name) {
        auto const found = std::find_if(all.begin(), all.end(), [&](auto const& each) {
            return can_be_named(each) && has_name(name, relation_of(each).name.member);
        });
        return found != all.end() ? &*found : nullptr;
    };
    auto const* const exact = find([](std::string_view a, std::string_view b) { return a == b; });
    return exact != nullptr ? exact : find(&is_in_snake_case);
}

/// The node of a relation; null when there is none.
template <class Nodes> auto* relation_in(Nodes& all, relation_info const* relation) {
    auto const found = std::find_if(all.begin(), all.end(),
                                    [&](load_node const& n) { return can_be_named(n) && n.relation == relation; });
    return found != all.end() ? &*found : nullptr;
}

void add_counts(std::vector<load_node>& to, std::vector<load_node> const& allowed) {
    std::copy_if(allowed.begin(), allowed.end(), std::back_inserter(to), [](load_node const& n) { return n.counts; });
}

/// Gives a relation that the text names what the list says about it. What when<>() says about a type of a morph_to
/// holds whether the text names the type or not.
void take_constraints(load_node& here, load_node const& allowed) {
    here.select = allowed.select;
    here.reload = allowed.reload;
    here.autoloads = allowed.autoloads;
    add_counts(here.children, allowed.children);
    if (here.relation->kind != relation_kind::morph_to) return;
    for (load_node const& branch : allowed.children) {
        load_node& made = here.children.emplace_back();
        made.relation = branch.relation;
        take_constraints(made, branch);
    }
}

/// A part of the text for an error: no longer than a name, and without what could confuse a reader or a terminal.
std::string quoted_part(std::string_view text) {
    constexpr std::size_t longest = 64;
    std::string out = "\"";
    for (char const c : text.substr(0, longest)) out += c >= ' ' && c <= '~' && c != '"' ? c : '?';
    return out += text.size() > longest ? "…\"" : "\"";
}

class include_reader {
public:
    include_reader(entity_type const& root, include_rules const& rules, std::string_view text) noexcept
        : root_(root), rules_(rules), text_(text) {}

    std::vector<load_node> read() {
        if (text_.size() > rules_.max_text_size)
            fail("the text has " + std::to_string(text_.size()) + " bytes, and may have " +
                 std::to_string(rules_.max_text_size));
        add_counts(named_, rules_.allowed);
        skip_spaces();
        if (at_ == text_.size()) return std::move(named_);
        for (;;) {
            read_path();
            if (at_ == text_.size()) return std::move(named_);
            ++at_; // the comma
        }
    }

private:
    /// Where the path has led so far.
    struct place {
        std::vector<relation_info> const* relations;
        std::vector<load_node> const* allowed; ///< Null when nothing is allowed by name here.
        std::vector<load_node>* into;
        std::string path;
    };

    void read_path() {
        place at{&root_.relations, &rules_.allowed, &named_, root_.name};
        for (std::size_t depth = 1;; ++depth) {
            skip_spaces();
            std::size_t const begin = at_;
            std::string_view const name = read_name();
            if (depth > rules_.max_depth)
                fail_at(begin, "a path has at most " + std::to_string(rules_.max_depth) +
                                   (rules_.max_depth == 1 ? " name" : " names"));
            enter(at, name, begin);
            skip_spaces();
            if (at_ == text_.size() || text_[at_] == ',') return;
            if (text_[at_] != '.') fail_at(at_, "there is neither a comma nor a dot behind " + quoted_part(name));
            ++at_;
        }
    }

    std::string_view read_name() {
        std::size_t const begin = at_;
        at_ = std::min(text_.find_first_of(",. \t", at_), text_.size());
        if (at_ == begin) fail_at(begin, "a name is missing");
        return text_.substr(begin, at_ - begin);
    }
    void skip_spaces() noexcept { at_ = std::min(text_.find_first_not_of(" \t", at_), text_.size()); }

    /// Adds the relation at the place, unless it is there, and goes on to the entities that it leads to.
    void enter(place& at, std::string_view name, std::size_t begin) {
        relation_info const* relation = nullptr;
        load_node const* allowed = nullptr;
        if (rules_.everything)
            relation = find_named(*at.relations, name, [](relation_info const& r) -> auto const& { return r; });
        if (at.allowed != nullptr) {
            if (rules_.everything)
                allowed = relation_in(*at.allowed, relation);
            else
                allowed = find_named(*at.allowed, name, [](load_node const& n) -> auto const& { return *n.relation; });
        }
        if (allowed != nullptr) relation = allowed->relation;
        if (relation == nullptr) refuse(at, name, begin);

        load_node* here = relation_in(*at.into, relation);
        if (here == nullptr) {
            if (++count_ > rules_.max_relations)
                fail_at(begin, "the text names more than " + std::to_string(rules_.max_relations) +
                                   (rules_.max_relations == 1 ? " relation" : " relations"));
            here = &at.into->emplace_back();
            here->relation = relation;
            if (allowed != nullptr) take_constraints(*here, *allowed);
        }
        at.path += '.';
        at.path += relation->name.member;
        // Behind a morph_to stands the name of a type, and then what is loaded below entities of that type.
        at.relations =
            relation->kind == relation_kind::morph_to ? &relation->alternatives : &relation->target().relations;
        at.allowed = allowed != nullptr ? &allowed->children : nullptr;
        at.into = &here->children;
    }

    [[noreturn]] void refuse(place const& at, std::string_view name, std::size_t begin) const {
        std::string known;
        auto const add = [&](relation_info const& r) {
            known += (known.empty() ? "" : ", ") + snake_case(r.name.member);
        };
        if (rules_.everything)
            for (auto const& each : *at.relations) add(each);
        else if (at.allowed != nullptr)
            for (auto const& each : *at.allowed)
                if (can_be_named(each)) add(*each.relation);
        fail_at(begin, quoted_part(name) + " cannot be included in " + at.path + ", where " +
                           (known.empty() ? "nothing can" : "there can be: " + known));
    }
    [[noreturn]] void fail_at(std::size_t at, std::string const& what) const {
        fail(what + ", at character " + std::to_string(at + 1));
    }
    [[noreturn]] void fail(std::string const& what) const {
        diagnostics d;
        d.entity = root_.name;
        d.message = "relations to include: " + what;
        throw_error(errc::invalid_argument, std::move(d));
    }

    entity_type const& root_;
    include_rules const& rules_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t count_ = 0;
    std::vector<load_node> named_{};
};

} // namespace

void check_include_rules(include_rules& rules) {
    merge_relations(rules.allowed);
    if (rules.max_depth == 0 || rules.max_relations == 0)
        throw_error(errc::invalid_argument, "max_depth and max_relations must be greater than 0");
    if (rules.max_depth > max_nested_relations)
        throw_error(errc::invalid_argument, "max_depth is at most " + std::to_string(max_nested_relations) +
                                                ", as deep as relations can be nested in a load");
}

std::vector<load_node> relations_of_text(entity_type const& type, include_rules const& rules, std::string_view text) {
    return include_reader(type, rules, text).read();
}

} // namespace dynasio::detail
