#include "schema_sketch.hpp"

#include <dynasio/orm/detail/reflect.hpp>
#include <dynasio/orm/names.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/timestamp.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "../../core/ascii.hpp"

namespace dynasio::detail {

using dynamodb::attribute_type;
using dynamodb::attribute_value;
using dynamodb::item;
using dynamodb::key_schema_element;

namespace {

constexpr std::string_view any_value = "dynasio::dynamodb::attribute_value";

// Names

bool is_alphanumeric(char c) { return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z'); }

/// Words that are no names of members: keywords, and macros of the usual headers and compilers.
bool is_reserved(std::string_view word) {
    static std::set<std::string_view> const words{
        "alignas",       "alignof",     "and",       "and_eq",       "asm",          "assert",
        "auto",          "bitand",      "bitor",     "bool",         "break",        "case",
        "catch",         "char",        "char16_t",  "char32_t",     "char8_t",      "class",
        "co_await",      "co_return",   "co_yield",  "compl",        "concept",      "const",
        "const_cast",    "consteval",   "constexpr", "constinit",    "continue",     "decltype",
        "default",       "delete",      "do",        "double",       "dynamic_cast", "else",
        "enum",          "errno",       "explicit",  "export",       "extern",       "false",
        "float",         "for",         "friend",    "goto",         "if",           "inline",
        "int",           "linux",       "long",      "mutable",      "namespace",    "new",
        "noexcept",      "not",         "not_eq",    "nullptr",      "operator",     "or",
        "or_eq",         "private",     "protected", "public",       "register",     "reinterpret_cast",
        "requires",      "return",      "short",     "signed",       "sizeof",       "static",
        "static_assert", "static_cast", "stderr",    "stdin",        "stdout",       "struct",
        "switch",        "template",    "this",      "thread_local", "throw",        "true",
        "try",           "typedef",     "typeid",    "typename",     "union",        "unix",
        "unsigned",      "using",       "virtual",   "void",         "volatile",     "wchar_t",
        "while",         "xor",         "xor_eq"};
    return words.contains(word);
}

/// A name for the member of an attribute: in snake case, so that most members are stored under their own names.
std::string member_name(std::string_view attribute) {
    std::string out;
    for (char const c : snake_case(attribute)) {
        char const kept = is_alphanumeric(c) ? c : '_';
        if (kept != '_' || (!out.empty() && out.back() != '_')) out += kept;
    }
    while (!out.empty() && out.back() == '_') out.pop_back();
    if (out.empty() || is_digit(out.front())) out = out.empty() ? "attribute" : "attribute_" + out;
    if (is_reserved(out)) out += '_';
    return out;
}

/// "BlogPost" for "blog_posts" and "blog-posts".
std::string camel_case(std::string_view text) {
    std::string out;
    bool begins = true;
    for (char const c : text) {
        bool const belongs = is_alphanumeric(c);
        if (belongs) out += begins && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        begins = !belongs;
    }
    return out.empty() || is_digit(out.front()) ? "Table" + out : out;
}

/// The type whose default table has this name; else one that is like it.
std::string struct_name(std::string const& table) {
    auto const ends = [&](std::string_view ending) { return table.ends_with(ending); };
    auto const without = [&](std::size_t n) { return table.substr(0, table.size() - n); };
    std::string singular = table;
    if (ends("ies"))
        singular = without(3) + "y";
    else if (ends("sses") || ends("xes") || ends("zes") || ends("ches") || ends("shes"))
        singular = without(2);
    else if (ends("s"))
        singular = without(1);
    std::string type = camel_case(singular);
    return table_name_of(type) == table ? type : camel_case(table);
}

/// The text as a string literal, on one line.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += {'\\', c};
        } else if (byte < 0x20 || byte == 0x7f) {
            out += '\\';
            for (int const shift : {6, 3, 0}) out += static_cast<char>('0' + ((byte >> shift) & 7));
        } else {
            out += c;
        }
    }
    return out + '"';
}

// Types

bool is_whole(dynamodb::number const& n) {
    try {
        static_cast<void>(n.to_int64());
    } catch (error const&) {
        return false;
    }
    return true;
}
/// A time as dynasio::timestamp writes it, so that nothing is lost in one.
bool is_time(std::string const& text) {
    auto const time = timestamp::parse(text);
    return time && time->is_set() && time->to_string() == text;
}

using values = std::vector<attribute_value const*>;

/// The one type that takes all these values; nothing when there is none. Texts that are keys stay texts, because no
/// other type keeps every spelling.
std::optional<std::string> shown_type(values const& all, bool is_key = false);

std::string element_type(values const& elements) {
    bool const strict = std::none_of(elements.begin(), elements.end(), [](auto const* e) { return e->is_null(); });
    auto const one = strict ? shown_type(elements) : std::nullopt;
    return one && *one != "bool" ? *one : std::string(any_value); // std::vector<bool> has no elements
}

std::optional<std::string> shown_type(values const& all, bool is_key) {
    if (all.empty()) return std::nullopt;
    auto const type = all.front()->type();
    if (std::any_of(all.begin(), all.end(), [&](auto const* v) { return v->type() != type; })) return std::nullopt;
    auto const each = [&](auto const& holds) {
        return std::all_of(all.begin(), all.end(), [&](auto const* v) { return holds(*v); });
    };
    values elements;
    switch (type) {
    case attribute_type::string:
        if (!is_key && each([](auto const& v) { return is_time(v.as_string()); })) return "dynasio::timestamp";
        return "std::string";
    case attribute_type::number:
        if (each([](auto const& v) { return is_whole(v.as_number()); })) return "std::int64_t";
        return "dynasio::dynamodb::number";
    case attribute_type::binary:
        return "std::vector<std::byte>";
    case attribute_type::boolean:
        return "bool";
    case attribute_type::null:
        return std::nullopt;
    case attribute_type::list:
        for (auto const* v : all)
            for (auto const& e : v->as_list()) elements.push_back(&e);
        return "std::vector<" + element_type(elements) + ">";
    case attribute_type::map:
        for (auto const* v : all)
            for (auto const& [name, e] : v->as_map()) elements.push_back(&e);
        return "std::map<std::string, " + element_type(elements) + ">";
    case attribute_type::string_set:
        return "std::set<std::string>";
    case attribute_type::number_set:
        if (each([](auto const& v) {
                auto const& members = v.as_number_set().members;
                return std::all_of(members.begin(), members.end(), is_whole);
            }))
            return "std::set<std::int64_t>";
        return std::nullopt;
    case attribute_type::binary_set:
        return "std::set<std::vector<std::byte>>";
    }
    return std::nullopt;
}

struct member {
    std::string attribute;
    std::string name{};
    std::string type{};
    std::string comment{};
};

/// The one attribute of this part of a key, or nothing when there are none or several.
std::optional<std::string> part_of(std::vector<key_schema_element> const& key, dynamodb::key_type part) {
    std::optional<std::string> found;
    for (auto const& e : key)
        if (e.key_type == part) found = e.attribute_name;
    return found;
}
bool is_declarable(std::vector<key_schema_element> const& key) {
    auto const count = [&](dynamodb::key_type part) {
        return std::count_if(key.begin(), key.end(), [&](auto const& e) { return e.key_type == part; });
    };
    return count(dynamodb::key_type::hash) == 1 && count(dynamodb::key_type::range) <= 1;
}

class sketcher {
public:
    sketcher(std::string const& table, dynamodb::table_description const& description, std::string const& ttl,
             std::vector<item> const& items)
        : table_(table), description_(description), ttl_(ttl), items_(items), type_(struct_name(table)) {
        choose_attributes();
        for (auto& one : members_) fill(one);
    }

    [[nodiscard]] std::string text() const {
        std::string const body = text_of_struct();
        std::string const count =
            (items_.empty() ? "no" : std::to_string(items_.size())) + (items_.size() == 1 ? " item" : " items");
        return "// Sketched from the table " + table_ + " and " + count +
               " of it. Types, and what may be absent, are as these items show.\n" + text_of_includes(body) + "\n" +
               body + "\n" + text_of_schema();
    }

private:
    // Which attributes there are

    void choose(std::string const& attribute) {
        if (index_.contains(attribute)) return;
        if (members_.size() == max_members) {
            left_out_.insert(attribute);
            return;
        }
        index_.emplace(attribute, members_.size());
        members_.push_back(member{attribute});
    }
    void choose(std::optional<std::vector<key_schema_element>> const& key) {
        if (!key) return;
        for (auto const part : {dynamodb::key_type::hash, dynamodb::key_type::range})
            for (auto const& e : *key)
                if (e.key_type == part) choose(e.attribute_name);
    }
    /// Keys first: should there be too many attributes, the others are left out.
    void choose_attributes() {
        choose(description_.key_schema);
        auto const of_indexes = [&](auto const& all, auto const& take) {
            if (all)
                for (auto const& index : *all) take(index);
        };
        auto const keys = [&](auto const& index) {
            if (index.key_schema && is_declarable(*index.key_schema)) choose(index.key_schema);
        };
        auto const included = [&](auto const& index) {
            if (index.projection && index.projection->non_key_attributes)
                for (auto const& name : *index.projection->non_key_attributes) choose(name);
        };
        of_indexes(description_.local_secondary_indexes, keys);
        of_indexes(description_.global_secondary_indexes, keys);
        if (!ttl_.empty()) choose(ttl_);
        of_indexes(description_.local_secondary_indexes, included);
        of_indexes(description_.global_secondary_indexes, included);
        std::set<std::string> names;
        for (auto const& one : items_)
            for (auto const& [name, value] : one) names.insert(name);
        for (auto const& name : names) choose(name);
    }

    // What a member is

    [[nodiscard]] bool is_table_key(std::string const& attribute) const {
        auto const& key = description_.key_schema;
        return key &&
               std::any_of(key->begin(), key->end(), [&](auto const& e) { return e.attribute_name == attribute; });
    }
    /// "S", "N" or "B" for a key of the table or an index.
    [[nodiscard]] std::string_view key_type_of(std::string const& attribute) const {
        if (description_.attribute_definitions)
            for (auto const& one : *description_.attribute_definitions)
                if (one.attribute_name == attribute) return one.attribute_type.text();
        return {};
    }

    void fill(member& one) {
        std::string const base = member_name(one.attribute);
        one.name = base;
        for (std::size_t n = 2; !names_.insert(one.name).second; ++n) one.name = base + "_" + std::to_string(n);

        values seen;
        for (auto const& i : items_)
            if (auto const found = i.find(one.attribute); found != i.end()) seen.push_back(&found->second);
        std::size_t const present = seen.size();
        std::erase_if(seen, [](auto const* v) { return v->is_null(); });
        bool const always = !items_.empty() && seen.size() == items_.size();
        auto const key = key_type_of(one.attribute);
        auto const usual = shown_type(seen, !key.empty());
        one.type = usual.value_or(std::string(any_value));
        if (key == "S") one.type = "std::string";
        if (key == "B") one.type = "std::vector<std::byte>";
        if (key == "N") one.type = usual == "std::int64_t" ? *usual : "dynasio::dynamodb::number";
        if (one.attribute == ttl_ && (usual == "std::int64_t" || (seen.empty() && (key.empty() || key == "N")))) {
            one.type = "dynasio::epoch_seconds";
            has_ttl_ = true;
        }
        if (!is_table_key(one.attribute) && !always) one.type = "std::optional<" + one.type + ">";
        one.comment = comment_on(seen, present, is_table_key(one.attribute));
    }
    [[nodiscard]] std::string comment_on(values const& seen, std::size_t present, bool is_table_key) const {
        std::string comment;
        std::set<std::string_view> types;
        for (auto const* v : seen) types.insert(to_string(v->type()));
        if (types.size() > 1) {
            for (auto const type : types) comment += (comment.empty() ? "" : " or ") + std::string(type);
            comment += "; ";
        }
        if (!is_table_key && present < items_.size())
            comment += "in " + std::to_string(present) + " of " + std::to_string(items_.size()) + " items; ";
        if (present > seen.size()) comment += "NULL in " + std::to_string(present - seen.size()) + "; ";
        if (!comment.empty()) comment.resize(comment.size() - 2);
        return comment;
    }

    // What is printed

    [[nodiscard]] std::string text_of_struct() const {
        std::string out = "struct " + type_ + " {\n";
        for (auto const& one : members_) {
            out += "    " + one.type + " " + one.name + "{};";
            if (!one.comment.empty()) out += " // " + one.comment;
            out += '\n';
        }
        if (!left_out_.empty()) {
            out += "    // An entity has at most " + std::to_string(max_members) + " members. Left out:\n";
            for (auto const& name : left_out_) out += "    //   " + quoted(name) + ",\n";
        }
        return out + "};\n";
    }

    [[nodiscard]] static std::string text_of_includes(std::string const& body) {
        std::string out = "#include <dynasio/orm/codec.hpp>\n#include <dynasio/orm/schema.hpp>\n\n";
        for (auto const& [name, header] :
             std::initializer_list<std::pair<std::string_view, std::string_view>>{{"std::byte", "cstddef"},
                                                                                  {"std::int64_t", "cstdint"},
                                                                                  {"std::map<", "map"},
                                                                                  {"std::optional<", "optional"},
                                                                                  {"std::set<", "set"},
                                                                                  {"std::string", "string"},
                                                                                  {"std::vector<", "vector"}})
            if (body.find(name) != std::string::npos) out += "#include <" + std::string(header) + ">\n";
        return out;
    }

    [[nodiscard]] std::string pointer_to(std::string const& attribute) const {
        return "&" + type_ + "::" + members_[index_.at(attribute)].name;
    }

    [[nodiscard]] std::string text_of_schema() const {
        std::vector<std::string> options;
        std::string remarks;
        if (table_name_of(type_) != table_) options.push_back("table{" + quoted(table_) + "}");
        add_key(options);
        if (description_.global_secondary_indexes)
            for (auto const& index : *description_.global_secondary_indexes) add_index(options, remarks, index, false);
        if (description_.local_secondary_indexes)
            for (auto const& index : *description_.local_secondary_indexes) add_index(options, remarks, index, true);
        for (auto const& one : members_)
            if (snake_case(one.name) != one.attribute)
                options.push_back("attribute<" + pointer_to(one.attribute) + ">{" + quoted(one.attribute) + "}");
        if (has_ttl_)
            options.push_back("ttl<" + pointer_to(ttl_) + ">");
        else if (!ttl_.empty())
            remarks += "    // The time to live is " + quoted(ttl_) +
                       ", which has other values than whole numbers; the service ignores those.\n";
        std::string out = "constexpr auto dynasio_schema(dynasio::tag<" + type_ + ">) {\n";
        out += "    using namespace dynasio::dsl;\n" + remarks + "    return entity<" + type_ + ">(";
        for (std::size_t i = 0; i < options.size(); ++i) out += (i == 0 ? "\n        " : ",\n        ") + options[i];
        return out + ");\n}\n";
    }
    void add_key(std::vector<std::string>& options) const {
        if (!description_.key_schema) return;
        if (auto const hash = part_of(*description_.key_schema, dynamodb::key_type::hash))
            options.push_back("partition_key<" + pointer_to(*hash) + ">");
        if (auto const range = part_of(*description_.key_schema, dynamodb::key_type::range))
            options.push_back("sort_key<" + pointer_to(*range) + ">");
    }
    template <class Index>
    void add_index(std::vector<std::string>& options, std::string& remarks, Index const& index, bool local) const {
        std::string const name = quoted(index.index_name.value_or(""));
        if (!index.key_schema || !is_declarable(*index.key_schema)) {
            remarks += "    // The index " + name + " has a key of more attributes than a schema can name.\n";
            return;
        }
        auto const hash = part_of(*index.key_schema, dynamodb::key_type::hash);
        auto const range = part_of(*index.key_schema, dynamodb::key_type::range);
        auto const table_hash = description_.key_schema ? part_of(*description_.key_schema, dynamodb::key_type::hash)
                                                        : std::optional<std::string>();
        std::string out;
        if (local && !range) return;
        if (local)
            out = "lsi<" + pointer_to(*range);
        else
            out = "gsi<" + pointer_to(*hash) +
                  (!range                ? ", no_sort_key"
                   : range == table_hash ? ""
                                         : ", " + pointer_to(*range));
        out += ">{" + name + "}";
        auto const& projection = index.projection;
        if (projection && projection->projection_type == dynamodb::projection_type::keys_only) out += ".keys_only()";
        if (projection && projection->projection_type == dynamodb::projection_type::include) {
            std::string included;
            if (projection->non_key_attributes)
                for (auto const& one : *projection->non_key_attributes)
                    if (index_.contains(one)) included += (included.empty() ? "" : ", ") + pointer_to(one);
            out += included.empty() ? ".keys_only()" : ".include<" + included + ">()";
        }
        options.push_back(std::move(out));
    }

    std::string const& table_;
    dynamodb::table_description const& description_;
    std::string const& ttl_;
    std::vector<item> const& items_;
    std::string type_;
    std::vector<member> members_{};
    std::map<std::string, std::size_t> index_{}; ///< Members by attribute.
    std::set<std::string> names_{};              ///< Of members.
    std::set<std::string> left_out_{};
    bool has_ttl_ = false;
};

} // namespace

std::string schema_sketch(std::string const& table, dynamodb::table_description const& description,
                          std::string const& ttl_attribute, std::vector<item> const& items) {
    return sketcher(table, description, ttl_attribute, items).text();
}

} // namespace dynasio::detail
