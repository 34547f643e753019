#include <dynasio/orm/er_diagram.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "../wire/pivot_rows.hpp"

namespace dynasio::detail {

namespace {

/// The text in the quotes of an entity, a label or a comment. Mermaid has no escapes there, but entity codes.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (char const c : text) {
        if (c == '"')
            out += '\'';
        else if (c == '%' || c == '\\' || c == '#' || c == '~')
            out += '_'; // which Mermaid does not take in names, or reads as the begin of something else
        else
            out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out + '"';
}

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Whether Mermaid reads the begin of a name as a mark of keys: it takes capitals for small letters, and these words
/// before names, as far as they are words: of what attribute_name() leaves, a hyphen ends one.
bool is_mark_of_keys(std::string_view name) noexcept {
    if (name.size() < 2 || (name[1] != 'k' && name[1] != 'K')) return false;
    if (std::string_view("pPfFuU").find(name[0]) == std::string_view::npos) return false;
    return name.size() == 2 || name[2] == '-';
}

/// A name as Mermaid takes it for an attribute: a letter, then letters, digits, hyphens and underscores.
std::string attribute_name(std::string_view name) {
    std::string out;
    if (name.empty() || !is_letter(name.front()) || is_mark_of_keys(name)) out = "a_";
    for (char const c : name) out += is_letter(c) || (c >= '0' && c <= '9') || c == '-' ? c : '_';
    return out;
}

std::string_view type_word(dynamodb::attribute_type type) noexcept {
    using dynamodb::attribute_type;
    switch (type) {
    case attribute_type::string:
        return "string";
    case attribute_type::number:
        return "number";
    case attribute_type::binary:
        return "binary";
    case attribute_type::boolean:
        return "boolean";
    case attribute_type::null:
        return "null";
    case attribute_type::map:
        return "map";
    case attribute_type::list:
        return "list";
    case attribute_type::string_set:
        return "strings";
    case attribute_type::number_set:
        return "numbers";
    case attribute_type::binary_set:
        return "binaries";
    }
    __builtin_unreachable(); // compilers warn of a type without a case
}

/// A line between two entities while the relations that go along it are collected.
struct er_line {
    std::string left{};  ///< The entity that the right one refers to.
    std::string right{}; ///< The entity that has the foreign key.
    bool left_is_required = false;
    bool right_is_one = false; ///< At most one entity on the right belongs to one on the left.
    bool right_is_required = false;
    bool both_are_many = false;
    bool is_dotted = false;
    std::string label{};
};

class er_writer {
public:
    explicit er_writer(std::vector<entity_type const*> const& types) {
        for (entity_type const* const type : types)
            if (std::find(types_.begin(), types_.end(), type) == types_.end()) types_.push_back(type);
        for (entity_type const* const type : types_) name_of(*type);
        for (entity_type const* const type : types_)
            for (relation_info const& relation : type->relations) add(relation);
        for (auto const& [line, relation] : behind_links_)
            if (line->label.empty()) label(*line, *relation);
    }

    [[nodiscard]] std::string text() const {
        std::string out = "erDiagram\n";
        for (entity_type const* const type : types_) append_box(out, *type);
        for (auto const& key : order_) append_line(out, lines_.at(key));
        return out;
    }

private:
    /// What tells one line from the others: the two sides, and what joins them.
    using line_key = std::vector<std::string>;

    std::string const& name_of(entity_type const& type) {
        auto const [at, is_new] = names_.try_emplace(&type);
        if (is_new) {
            std::size_t const same = ++count_of_name_[type.name];
            at->second = quoted(same == 1 ? type.name : type.name + ' ' + std::to_string(same));
        }
        return at->second;
    }

    static std::string joined(entity_type const& type, std::span<attribute_index const> attributes) {
        std::string out;
        for (auto const i : attributes) out += (out.empty() ? "" : ", ") + type[i].name;
        return out;
    }

    static bool is_required(relation_info const& r) {
        auto const& rules = r.owner().rules;
        return std::any_of(rules.begin(), rules.end(), [&](entity_rule const& rule) {
            return rule.member == r.name.member && rule.sentence == "is required";
        });
    }

    er_line& line_of(line_key key, entity_type const& left, entity_type const& right) {
        auto const [at, is_new] = lines_.try_emplace(key);
        if (is_new) {
            at->second.left = name_of(left);
            at->second.right = name_of(right);
            order_.push_back(std::move(key));
        }
        return at->second;
    }

    static void label(er_line& line, relation_info const& r, std::string_view behind = {}) {
        if (!line.label.empty()) line.label += " / ";
        line.label += r.name.member;
        line.label += behind;
    }

    /// The line of a foreign key in `right` that names an entity `left`.
    er_line& line_of_key(entity_type const& left, entity_type const& right,
                         std::span<attribute_index const> foreign_key) {
        return line_of({"key", name_of(left), name_of(right), joined(right, foreign_key)}, left, right);
    }

    void add(relation_info const& r) {
        entity_type const& owner = r.owner();
        switch (r.kind) {
        case relation_kind::has_one:
        case relation_kind::has_many: {
            er_line& line = line_of_key(owner, r.target(), r.target_key);
            label(line, r);
            // A has_many beside a has_one by the same key says that there can be several.
            if (r.kind == relation_kind::has_many)
                many_.insert(&line);
            else
                line.right_is_required = line.right_is_required || is_required(r);
            line.right_is_one = r.kind == relation_kind::has_one || line.right_is_one;
            if (many_.contains(&line)) line.right_is_one = false;
            break;
        }
        case relation_kind::belongs_to: {
            er_line& line = line_of_key(r.target(), owner, r.owner_key);
            label(line, r);
            line.left_is_required = line.left_is_required || is_required(r);
            break;
        }
        case relation_kind::morph_to:
            for (relation_info const& each : r.alternatives) {
                // As the relations that lead back have it: the type, and the key of this type of entity.
                std::vector<attribute_index> key(1, r.owner_key.front());
                key.insert(key.end(), each.owner_key.begin(), each.owner_key.end());
                er_line& line = line_of_key(each.target(), owner, key);
                label(line, r);
            }
            break;
        case relation_kind::belongs_to_many: {
            if (r.has_pivot_entity()) {
                add_through_links(r);
                break;
            }
            pivot_rows const rows(r);
            relation_info const& declared = r.inverse_relation != nullptr ? r.inverse_relation() : r;
            er_line& line = line_of({"links", declared.path()}, declared.owner(), declared.target());
            label(line, r);
            line.both_are_many = true;
            if (links_.insert(&line).second) pivots_[&line] = std::string(rows.table());
            break;
        }
        case relation_kind::has_many_through: {
            er_line& line = line_of({"through", r.path()}, owner, r.target());
            label(line, r, " through " + std::string(r.first().name.member));
            line.is_dotted = true;
            break;
        }
        }
    }

    /// A line to the entity that the links are, and from there to the entities behind them, which has the name of the
    /// other side's relation when that is declared.
    void add_through_links(relation_info const& r) {
        entity_type const& links = r.first().target();
        er_line& line = line_of_key(r.owner(), links, r.first().target_key);
        label(line, r);
        many_.insert(&line);
        line.right_is_one = false;
        behind_links_.emplace_back(&line_of_key(r.target(), links, r.second().owner_key), &r);
    }

    static void append_box(std::string& out, std::string const& name, std::string const& attributes) {
        out += "    " + name + " {\n" + attributes + "    }\n";
    }

    void append_box(std::string& out, entity_type const& type) const {
        std::set<attribute_index> foreign;
        for (relation_info const& r : type.relations)
            if (r.kind == relation_kind::belongs_to || r.kind == relation_kind::morph_to)
                foreign.insert(r.owner_key.begin(), r.owner_key.end());
        // A foreign key may be declared by the other side alone.
        for (entity_type const* const other : types_)
            for (relation_info const& r : other->relations)
                if ((r.kind == relation_kind::has_one || r.kind == relation_kind::has_many) && &r.target() == &type) {
                    foreign.insert(r.target_key.begin(), r.target_key.end());
                } else if (r.has_pivot_entity() && &r.first().target() == &type) {
                    foreign.insert(r.first().target_key.begin(), r.first().target_key.end());
                    foreign.insert(r.second().owner_key.begin(), r.second().owner_key.end());
                }
        std::string attributes;
        for (std::size_t i = 0; i < type.attributes.size(); ++i)
            if (!type.attributes[i].hidden)
                append_attribute(attributes, type, static_cast<attribute_index>(i), foreign);
        append_box(out, names_.at(&type), attributes);
    }

    static void append_attribute(std::string& out, entity_type const& type, attribute_index i,
                                 std::set<attribute_index> const& foreign) {
        attribute_info const& a = type[i];
        std::vector<std::string> keys;
        std::vector<std::string> notes;
        std::string const name = attribute_name(a.name);
        if (name != a.name) notes.push_back(a.name);
        if (type.is_key(i)) keys.emplace_back("PK");
        if (foreign.contains(i)) keys.emplace_back("FK");
        bool const is_unique = std::any_of(type.uniques.begin(), type.uniques.end(), [&](unique_info const& u) {
            return std::find(u.attributes.begin(), u.attributes.end(), i) != u.attributes.end();
        });
        if (is_unique) keys.emplace_back("UK");
        if (type.key.sort == i) notes.emplace_back("sort key");
        // That the table's key sorts an index, or divides a local one, says nothing new.
        for (index_info const& index : type.indexes)
            if (index.is_key(i) && !(type.is_key(i) && (index.local || index.partition != i)))
                notes.push_back("index " + index.name);
        if (a.computed) notes.emplace_back("computed");
        out += "        ";
        out += type_word(a.type);
        out += ' ' + name;
        for (std::size_t k = 0; k < keys.size(); ++k) out += (k == 0 ? " " : ", ") + keys[k];
        if (!notes.empty()) {
            std::string all;
            for (auto const& note : notes) all += (all.empty() ? "" : ", ") + note;
            out += ' ' + quoted(all);
        }
        out += '\n';
    }

    void append_line(std::string& out, er_line const& line) const {
        out += "    " + line.left + ' ';
        out += line.both_are_many ? "}o" : line.left_is_required || line.is_dotted ? "||" : "|o";
        out += line.is_dotted ? ".." : "--";
        out += line.right_is_one ? line.right_is_required ? "||" : "o|" : "o{";
        auto const pivot = pivots_.find(&line);
        std::string const text = pivot == pivots_.end() ? line.label : line.label + " (" + pivot->second + ')';
        out += ' ' + line.right + " : " + quoted(text) + '\n';
    }

    std::vector<entity_type const*> types_{};
    std::map<entity_type const*, std::string> names_{};
    std::map<std::string, std::size_t> count_of_name_{};
    std::map<line_key, er_line> lines_{}; // elements stay where they are
    std::vector<line_key> order_{};
    std::set<er_line const*> many_{};
    std::vector<std::pair<er_line*, relation_info const*>> behind_links_{};
    std::set<er_line const*> links_{};
    std::map<er_line const*, std::string> pivots_{};
};

} // namespace

std::string er_diagram_of(std::vector<entity_type const*> const& types) { return er_writer(types).text(); }

} // namespace dynasio::detail
