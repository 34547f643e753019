#include "item_write.hpp"

#include <dynasio/orm/codec.hpp>
#include <dynasio/orm/tracked.hpp>

#include <dynasio/dynamodb/detail/item_size.hpp>
#include <dynasio/dynamodb/expression.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/timestamp.hpp>
#include <dynasio/core/ulid.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "../type/empty_key.hpp"
#include "../type/rules.hpp"
#include "answer_members.hpp"
#include "key_read.hpp"
#include "table_name.hpp"

namespace dynasio::detail {

using dynamodb::condition;
using dynamodb::json_reader;
using dynamodb::operation;
using dynamodb::detail::partition_fingerprint;
using override_value = entity_type::override_value;

namespace {

std::string number_wire(std::uint64_t value) {
    std::string out;
    dynamodb::append_number_attribute(out, std::to_string(value));
    return out;
}

[[noreturn]] void throw_about_version(entity_type const& type, std::string_view what) {
    diagnostics d;
    d.entity = type.name;
    d.attribute = type[*type.version].name;
    d.message = "the version " + type.name + "::" + type[*type.version].member + std::string(what);
    throw_error(errc::number_out_of_range, std::move(d));
}

std::uint64_t version_of(entity_type const& type, void const* entity) {
    std::string const wire = type.wire(entity, *type.version);
    json_reader in(wire);
    (void)in.open_attribute();
    std::string_view const text = in.read_string();
    std::uint64_t version = 0;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (ec != std::errc{} || end != text.data() + text.size())
        throw_about_version(type, " is negative; versions count from 1, and 0 says that the entity is new");
    return version;
}

/// The version after `version`. Throws errc::number_out_of_range when the member cannot hold it, before anything is
/// sent.
std::uint64_t version_after(entity_type const& type, std::uint64_t version) {
    constexpr char const* last = " is the last one that its type holds: make the member a wider integer";
    constexpr std::uint64_t fits_any = 127;
    std::uint64_t const next = version + 1;
    if (next == 0) throw_about_version(type, last);
    if (next <= fits_any) return next;
    // Decodes the number into a buffer as the member's codec would. A version is an integer of at most eight bytes.
    alignas(std::uint64_t) std::array<std::byte, sizeof(std::uint64_t)> member;
    std::string const wire = number_wire(next);
    json_reader in(wire);
    try {
        type[*type.version].decode(in, member.data());
    } catch (error const&) {
        throw_about_version(type, last);
    }
    return next;
}

/// The value of a member of timestamps<> or created_at<>; check_times() has made sure of its type.
timestamp time_of(entity_type const& type, void const* entity, attribute_index i) {
    return *static_cast<timestamp const*>(type[i].member_of(entity));
}

/// `unmarked`: new, or read from an item that is older than its version or its time of creation. Nothing in the entity
/// tells which, so its guard must hold for both.
enum class newness { fresh, unmarked, stored, unknown };

newness newness_of(entity_type const& type, void const* entity, bool key_is_empty) {
    if (key_is_empty) return newness::fresh;
    if (type.version) return version_of(type, entity) == 0 ? newness::unmarked : newness::stored;
    if (type.created_at) return time_of(type, entity, *type.created_at).is_set() ? newness::stored : newness::unmarked;
    return newness::unknown;
}

condition is_absent(entity_type const& type, attribute_index i) {
    return condition(condition::kind::absent_or_null, type[i].name);
}
condition is_equal(entity_type const& type, attribute_index i, std::string wire) {
    return condition(condition::kind::equal, type[i].name, std::vector<std::string>(1, std::move(wire)));
}
/// An item without version, or with the 0 that another program began to count from. Both are read as version 0. It
/// holds also when there is no item.
condition has_version_zero(entity_type const& type) {
    return is_absent(type, *type.version) || is_equal(type, *type.version, number_wire(0));
}

/// Whoever read an item has its time of creation, so an entity without one was not read from an item that has it.
condition is_unmarked(entity_type const& type, void const* entity) {
    bool const without_time = type.created_at && !time_of(type, entity, *type.created_at).is_set();
    if (!type.version) return is_absent(type, *type.created_at);
    if (!without_time) return has_version_zero(type);
    return has_version_zero(type) && is_absent(type, *type.created_at);
}

std::string_view name_of_form(operation op) noexcept {
    switch (op) {
    case operation::put_item:
        return "Put";
    case operation::delete_item:
        return "Delete";
    case operation::transact_write_items:
        return "ConditionCheck";
    default:
        return "Update";
    }
}

} // namespace

/// Fills an item_write.
class write_maker {
public:
    write_maker(write_environment const& env, operation op, std::string_view table, std::string body) {
        made_.operation_ = op;
        made_.table_ = table;
        std::string& text = made_.text_ = std::move(body);
        text += R"({"TableName":)";
        append_physical_table(text, env.table_prefix, table);
    }

    [[nodiscard]] std::string& text() noexcept { return made_.text_; }
    void about(entity_type const& type, void* entity) noexcept {
        made_.type_ = &type;
        made_.entity_ = entity;
    }
    /// Between begin_item() and end_item() the caller appends the item or the key.
    void begin_item(std::string_view member) {
        made_.text_ += member;
        made_.item_at_ = made_.text_.size();
    }
    void end_item() noexcept { made_.item_end_ = made_.text_.size(); }
    [[nodiscard]] std::string_view item() const noexcept {
        return std::string_view(made_.text_).substr(made_.item_at_);
    }
    void key(std::string json) {
        begin_item(R"(,"Key":)");
        made_.text_ += json;
        end_item();
        made_.key_ = std::move(json);
    }
    void row(row_key key) {
        made_.row_partition_name_ = key.partition_name;
        made_.row_partition_ = partition_fingerprint(key.partition_name, key.partition_value);
        this->key(std::move(key.json));
    }
    void guard(write_guard g) noexcept { made_.guard_ = g; }
    void transforms() noexcept { made_.transforms_ = true; }
    void written(attribute_set const& attributes) noexcept { made_.written_ = attributes; }
    void repeatable(bool value) noexcept { made_.repeatable_ = value; }
    void answers_with_old_item() noexcept { made_.answers_with_old_item_ = true; }
    void answers_with_new_item() noexcept { made_.answers_with_new_item_ = true; }
    void assignments(std::vector<override_value> all) noexcept { made_.assignments_ = std::move(all); }
    [[nodiscard]] item_write take() noexcept { return std::move(made_); }

    /// The write touches unique<> members. To be called before conditions().
    void unique(attribute_set const& about, stored_values expected, bool adopts = false) {
        if (about.none()) return;
        made_.conditions_ = std::make_unique<item_write::conditions>();
        made_.conditions_->unique.emplace();
        made_.conditions_->unique->about = about;
        made_.conditions_->unique->expected = std::move(expected);
        made_.conditions_->unique->adopts = adopts;
    }
    [[nodiscard]] bool touches_unique() const noexcept { return made_.touches_unique(); }

    /// What must be stored of the members behind computed attributes. To be called before conditions(), for a write
    /// that touches no unique<> members.
    void computed_from(condition stored) {
        if (stored.is_always()) return;
        made_.conditions_ = std::make_unique<item_write::conditions>();
        made_.conditions_->computed_from = std::move(stored);
    }

    /// Sets and writes the guard and the caller's condition, and then the names and values of `expressions`.
    void conditions(write_guard g, condition term, condition only_if, dynamodb::expression_writer& expressions) {
        guard(g);
        if (made_.touches_unique()) {
            made_.conditions_->guard = std::move(term);
            made_.conditions_->only_if = std::move(only_if);
            made_.conditions_->unique->text_at = made_.text_.size();
            made_.conditions_->unique->expressions = std::move(expressions);
            made_.write_conditions();
            return;
        }
        condition all = condition(term) && condition(only_if);
        if (made_.conditions_) all = std::move(all) && condition(made_.conditions_->computed_from);
        if (!all.is_always()) {
            made_.text_ += R"(,"ConditionExpression":)";
            dynamodb::append_json_string(made_.text_, expressions.write(all));
        }
        expressions.append_members(made_.text_);
        if (only_if.is_always() && !made_.conditions_) return;
        if (!made_.conditions_) made_.conditions_ = std::make_unique<item_write::conditions>();
        made_.conditions_->guard = std::move(term);
        made_.conditions_->only_if = std::move(only_if);
    }

private:
    item_write made_;
};

// ---- making

namespace {

/// Whether a member can hold a text that this library makes: its codec reads the text and writes the same.
bool holds_text(entity_type const& type, attribute_index i, std::string_view text) {
    std::string wire;
    dynamodb::append_string_attribute(wire, text);
    auto const scratch = type.storage.make();
    void* const entity = type.storage.append(scratch.get());
    try {
        type.assign(entity, i, wire);
        return type.wire(entity, i) == wire;
    } catch (std::exception const&) { // a codec of the program's own may throw its own exceptions
        return false;
    }
}

/// The text of the last part of the key, when the library may make that part, as it does for a std::string, for
/// identifiers, and for a type of the program's own that holds any text. A time is stored as text as well, but a time
/// that is not set is an empty key, and so is an enumeration. The text may lie in `own`.
std::optional<std::string_view> text_of_key(entity_type const& type, void const* entity, std::string& own) {
    attribute_index const last_part = type.key.sort.value_or(type.key.partition);
    attribute_info const& a = type[last_part];
    if (a.usual == usual_type::string) return *static_cast<std::string const*>(a.member_of(entity));
    bool const may_make = a.makes_key != nullptr || !a.refuses_null; // of the library's codecs, those of identifiers
    if (a.type != dynamodb::attribute_type::string || !may_make) return std::nullopt;
    std::string const wire = type.wire(entity, last_part);
    if (is_empty_key(wire)) {
        if (a.makes_key != nullptr) return "";
        constexpr std::string_view any_ulid = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
        return holds_text(type, last_part, any_ulid) ? std::optional<std::string_view>("") : std::nullopt;
    }
    json_reader in(wire);
    expect(in, dynamodb::attribute_type::string);
    own = in.read_string();
    return own;
}

/// How the write of an entity is guarded.
struct guarding {
    write_guard guard = write_guard::none;
    condition term{};
    /// A repetition after a success finds the guard still true. With a guard on the version, or on the lack of one, it
    /// fails, because the first write has changed that.
    bool holds_afterwards = true;
};

condition exists(entity_type const& type) { return condition(condition::kind::exists, type[type.key.partition].name); }

/// `must_exist`: an update without an item is to fail, whatever the entity says.
guarding guard_of_update(entity_type const& type, void const* entity, newness state, std::uint64_t version,
                         bool must_exist) {
    if (state == newness::stored && type.version)
        return {write_guard::same_version, is_equal(type, *type.version, number_wire(version)), false};
    if (state == newness::unmarked && must_exist && type.version)
        return {write_guard::same_version, exists(type) && has_version_zero(type), false};
    if (state == newness::stored || must_exist) return {write_guard::present, exists(type), true};
    if (state == newness::unmarked) return {write_guard::unmarked, is_unmarked(type, entity), false};
    return {};
}

/// Decides the key, times and version that are stored in place of the entity's own.
class assignment_maker {
public:
    assignment_maker(write_environment const& env, entity_type const& type, void const* entity)
        : env_(env), type_(type), entity_(entity) {
        made_.reserve(4);
    }

    void transformed(std::vector<override_value> values) {
        for (auto& v : values) made_.push_back(std::move(v));
    }

    /// `text_key`: see text_of_key().
    void key_and_creation(std::optional<std::string_view> text_key, newness state) {
        bool const generates = text_key && text_key->empty();
        attribute_index const last_part = type_.key.sort.value_or(type_.key.partition);
        key_maker const* const maker = type_[last_part].makes_key;
        std::string id;
        if (generates) {
            id = maker != nullptr ? maker->make(*env_.ids) : env_.ids->next();
            made_.push_back({last_part, id});
        }
        if (!type_.created_at || state == newness::stored || time_of(type_, entity_, *type_.created_at).is_set())
            return;
        std::optional<system_time> key_time;
        if (text_key) {
            auto const text = generates ? std::string_view(id) : *text_key;
            key_time = maker != nullptr ? maker->time(text) : ulid_time(text);
        }
        // A key that only looks like a ULID may give a time that is too late to be stored; the clock's time is used
        // then.
        if (key_time && *key_time >= timestamp::end_time) key_time.reset();
        made_.push_back({*type_.created_at, timestamp(key_time.value_or(env_.now))});
    }
    /// An entity that was given another one's key takes over when that was created.
    void keep_creation_of(void const* original) {
        if (!type_.created_at || time_of(type_, entity_, *type_.created_at).is_set()) return;
        auto const created = time_of(type_, original, *type_.created_at);
        if (created) made_.push_back({*type_.created_at, created});
    }
    /// `original`: how the entity was read, if that is known.
    void update_time(void const* original = nullptr) {
        if (!type_.updated_at) return;
        auto before = time_of(type_, entity_, *type_.updated_at);
        if (original != nullptr) before = std::max(before, time_of(type_, original, *type_.updated_at));
        made_.push_back({*type_.updated_at, timestamp(before ? std::max(before.time(), env_.now) : env_.now)});
    }
    void version(std::uint64_t before) {
        if (type_.version) made_.push_back({*type_.version, version_after(type_, before)});
    }
    void trash(write_mode mode) {
        attribute_index const i = *type_.deleted_at;
        if (mode == write_mode::restore)
            made_.push_back({i, std::monostate{}});
        else if (!type_.is_trashed(entity_))
            made_.push_back({i, timestamp(env_.now)});
    }
    /// An empty key of an index is stored as no attribute. An optional member is made empty, so that the entity says
    /// what a later read would say.
    void empty_index_keys(attribute_set const& written) {
        auto const leave_out_when_empty = [&](attribute_index i) {
            attribute_info const& a = type_[i];
            if (!written[i] || !a.index_key || a.clear == nullptr || a.absent(a.member_of(entity_)) ||
                !type_.wire(entity_, i).empty())
                return;
            auto const same = [i](override_value const& m) { return m.attribute == i; };
            if (std::none_of(made_.begin(), made_.end(), same)) made_.push_back({i, std::monostate{}});
        };
        for (auto const& index : type_.indexes) {
            leave_out_when_empty(index.partition);
            if (index.sort) leave_out_when_empty(*index.sort);
        }
    }
    /// Decides the attributes that are computed. They are made from all that was decided before. `before` is an entity
    /// as it is stored: of it, only the attributes with other values are to be written.
    void compute(void const* transformed, void const* before, attribute_set& written) {
        if (type_.computed.empty()) return;
        auto const scratch = type_.storage.make();
        type_.storage.append_copy(scratch.get(), transformed);
        void* const stored = type_.storage.at(scratch.get(), 0);
        for (auto const& made : made_)
            if (!std::holds_alternative<override_value::wire_text>(made.value)) type_.assign(stored, made);
        for (auto const& [attribute, from] : type_.computed) {
            auto result = changed_result(attribute, before, stored);
            written[attribute] = result.has_value();
            if (result) made_.push_back({attribute, override_value::wire_text{*std::move(result)}});
        }
    }
    [[nodiscard]] std::vector<override_value> take() noexcept { return std::move(made_); }

private:
    /// The result of a function in wire form; nothing when it is that of `before`, which need not be one that can be
    /// written.
    [[nodiscard]] std::optional<std::string> changed_result(attribute_index i, void const* before,
                                                            void const* after) const {
        if (before == nullptr) return type_.wire(after, i);
        std::string was, is;
        type_.append_shown(was, before, i);
        type_.append_shown(is, after, i);
        if (was == is) return std::nullopt;
        return type_[i].show == nullptr ? std::move(is) : type_.wire(after, i);
    }

    write_environment const& env_;
    entity_type const& type_;
    void const* entity_;
    std::vector<override_value> made_{};
};

/// All attributes but those of the key.
attribute_set all_but_key(entity_type const& type) {
    attribute_set all;
    all.set();
    all >>= all.size() - type.attributes.size();
    all.reset(type.key.partition);
    if (type.key.sort) all.reset(*type.key.sort);
    return all;
}

void write_item(write_maker& make, entity_type const& type, void const* entity,
                std::vector<override_value> const& assignments, condition only_if) {
    make.begin_item(R"(,"Item":)");
    make.text() += '{';
    type.encode_members(make.text(), entity, assignments, true);
    make.text() += '}';
    dynamodb::detail::check_item_size(make.item());
    make.end_item();
    make.written(all_but_key(type));
    if (only_if.is_always() && !make.touches_unique()) {
        make.guard(write_guard::absent);
        make.text() += type.only_if_absent;
        return;
    }
    dynamodb::expression_writer expressions;
    make.conditions(write_guard::absent, condition(condition::kind::not_exists, type[type.key.partition].name),
                    std::move(only_if), expressions);
}

/// An item is at least as large as the values that an update sets.
void check_size(entity_type const& type, std::vector<std::string> const& values) {
    std::size_t size = 0;
    for (auto const& value : values) size += value.size();
    // No value is longer in the item than in wire form.
    for (auto const& attribute : type.attributes) size += attribute.name.size();
    if (size <= dynamodb::detail::max_item_size) return;
    dynamodb::detail::item_measure measure;
    for (attribute_index i = 0; i < values.size(); ++i)
        if (!values[i].empty()) measure.add(type[i].name, values[i]);
    measure.check();
}

/// The values of these attributes and of the key; the others stay empty.
std::vector<std::string> values_to_write(entity_type const& type, void const* entity,
                                         std::vector<override_value> const& assignments, attribute_set const& written) {
    std::vector<std::string> values(type.attributes.size());
    for (attribute_index i = 0; i < values.size(); ++i)
        if (written[i] || type.is_key(i)) type.append_wire(values[i], entity, i);
    for (auto const& made : assignments) {
        values[made.attribute].clear();
        made.append_wire(values[made.attribute]);
    }
    return values;
}

/// Writes an UpdateItem and not a PutItem, so that attributes that the schema does not have are kept.
void write_update(write_maker& make, entity_type const& type, void const* entity,
                  std::vector<override_value> const& assignments, attribute_set const& written, guarding guard,
                  condition only_if) {
    auto const values = values_to_write(type, entity, assignments, written);
    check_size(type, values);
    dynamodb::expression_writer expressions;
    std::string set, remove;
    for (attribute_index i = 0; i < values.size(); ++i) {
        if (!written[i]) continue;
        std::string& part = values[i].empty() ? remove : set;
        part += part.empty() ? "" : ", ";
        part += expressions.name(type[i].name);
        if (!values[i].empty()) part += " = " + expressions.value(values[i]);
    }
    std::string update = set.empty() ? std::string() : "SET " + set;
    if (!remove.empty()) update += (update.empty() ? "REMOVE " : " REMOVE ") + remove;
    make.begin_item(R"(,"Key":)");
    type.encode_key(make.text(), values[type.key.partition],
                    type.key.sort ? std::string_view(values[*type.key.sort]) : std::string_view());
    make.end_item();
    if (!update.empty()) {
        make.text() += R"(,"UpdateExpression":)";
        dynamodb::append_json_string(make.text(), update);
    }
    make.written(written);
    // Setting the same values twice changes nothing, but the caller's condition may not hold a second time.
    make.repeatable(guard.holds_afterwards && only_if.is_always());
    make.conditions(guard.guard, std::move(guard.term), std::move(only_if), expressions);
}

// ---- unique members

attribute_set unique_attributes(entity_type const& type) {
    attribute_set all;
    for (auto const& u : type.uniques)
        for (auto const i : u.attributes) all.set(i);
    return all;
}
/// The attributes of all constraints that name one of these.
attribute_set touched_by(entity_type const& type, attribute_set const& written) {
    attribute_set all;
    for (auto const& u : type.uniques) {
        auto const is_written = [&](attribute_index i) { return written[i]; };
        if (std::none_of(u.attributes.begin(), u.attributes.end(), is_written)) continue;
        for (auto const i : u.attributes) all.set(i);
    }
    return all;
}

/// These attributes of an entity as they are stored with the assignments.
stored_values values_of(entity_type const& type, void const* entity, std::vector<override_value> const& assignments,
                        attribute_set const& about) {
    stored_values made{true, std::vector<std::string>(type.attributes.size())};
    for (attribute_index i = 0; i < made.wire.size(); ++i) {
        if (!about[i]) continue;
        auto const same = [i](override_value const& m) { return m.attribute == i; };
        auto const assigned = std::find_if(assignments.begin(), assignments.end(), same);
        if (assigned != assignments.end())
            assigned->append_wire(made.wire[i]);
        else
            type.append_wire(made.wire[i], entity, i);
    }
    return made;
}
/// These attributes of an entity as it was read. A value that cannot be written was not read either.
stored_values values_read(entity_type const& type, void const* entity, attribute_set const& about) {
    stored_values made{true, std::vector<std::string>(type.attributes.size())};
    for (attribute_index i = 0; i < made.wire.size(); ++i) {
        if (!about[i]) continue;
        try {
            type.append_wire(made.wire[i], entity, i);
        } catch (std::exception const&) { // a codec of the program's own may throw its own exceptions
            made.wire[i].clear();
        }
    }
    return made;
}

/// The attributes of an item; nothing for text that is none.
std::optional<dynamodb::item> item_in(std::string_view json) {
    dynamodb::item stored;
    try {
        json_reader in(json);
        std::string_view name;
        in.enter_object();
        while (in.next_member(name)) {
            std::string owned(name); // reading the value may change the reader's buffer
            stored.insert_or_assign(std::move(owned), dynamodb::read_attribute_value(in));
        }
        in.finish();
    } catch (error const&) {
        return std::nullopt;
    }
    return stored;
}

/// These attributes of an item, which may be a key alone.
stored_values values_in(entity_type const& type, std::string_view json, attribute_set const& about) {
    stored_values made{!json.empty(), std::vector<std::string>(type.attributes.size())};
    auto const item = json.empty() ? std::nullopt : item_in(json);
    if (!item) return made;
    for (attribute_index i = 0; i < made.wire.size(); ++i) {
        if (!about[i]) continue;
        auto const at = item->find(type[i].name);
        if (at != item->end() && !at->second.is_null()) dynamodb::append_json(made.wire[i], at->second);
    }
    return made;
}

/// What must be stored: these values. The key needs no condition, because it addresses the item.
condition is_stored(entity_type const& type, attribute_set const& about, stored_values const& values) {
    if (!values.exists) return condition(condition::kind::not_exists, type[type.key.partition].name);
    std::vector<condition> terms;
    for (attribute_index i = 0; i < values.wire.size(); ++i) {
        if (!about[i] || type.is_key(i)) continue;
        terms.push_back(values.wire[i].empty() ? is_absent(type, i) : is_equal(type, i, values.wire[i]));
    }
    // Where the key alone is the value, nothing else says that there is an item which has it.
    for (auto const& u : type.uniques) {
        auto const is_in_key = [&](attribute_index i) { return type.is_key(i); };
        if (about[u.attributes.front()] && std::all_of(u.attributes.begin(), u.attributes.end(), is_in_key)) {
            terms.push_back(exists(type));
            break;
        }
    }
    return condition::all_of(std::move(terms));
}

/// Whether an entity with these values has none that another entity could have too.
bool is_without_values(entity_type const& type, stored_values const& values) {
    return std::none_of(type.uniques.begin(), type.uniques.end(), [&](unique_info const& u) {
        return std::none_of(u.attributes.begin(), u.attributes.end(),
                            [&](attribute_index i) { return is_empty_key(values.wire[i]); });
    });
}

/// What a write of a whole entity expects to be stored.
stored_values expected_by(entity_type const& type, newness state, stored_values written) {
    // One that is new, as far as the entity says, is most often new indeed. Without values, both are written alike.
    written.exists = state != newness::fresh && (state != newness::unmarked || is_without_values(type, written));
    return written;
}

// ---- computed attributes

/// What must be stored so that computed attributes, which are made from `entity`, are true of the item: the members
/// that they are made from, but for those that the write stores as well.
condition is_made_from_stored(entity_type const& type, void const* entity, attribute_set const& written) {
    attribute_set about;
    for (auto const& computed : type.computed) {
        if (!written[computed.attribute]) continue;
        for (attribute_index i = 0; i < type.attributes.size(); ++i)
            if (!written[i] && !type.is_key(i) && !type[i].computed && computed.is_made_from(i)) about.set(i);
    }
    if (about.none()) return {};
    // An item that is older than a member lacks it, and is read with the member's initial value.
    auto const scratch = type.storage.make();
    void* const initial = type.storage.append(scratch.get());
    for (auto const& each : type.defaults) each.apply(initial);
    std::vector<condition> terms;
    for (attribute_index i = 0; i < type.attributes.size(); ++i) {
        if (!about[i]) continue;
        std::string wire = type.wire(entity, i);
        bool const is_initial = wire == type.wire(initial, i);
        if (wire.empty())
            terms.push_back(is_absent(type, i));
        else if (is_initial)
            terms.push_back(is_equal(type, i, std::move(wire)) || is_absent(type, i));
        else
            terms.push_back(is_equal(type, i, std::move(wire)));
    }
    return condition::all_of(std::move(terms));
}

[[noreturn]] void throw_not_saved(entity_type const& type, char const* what) {
    diagnostics d;
    d.entity = type.name;
    d.message = "an entity " + type.name + " without a key cannot be " + what + "; save it first";
    throw_error(errc::entity_not_saved, std::move(d));
}

void add(attribute_set& to, std::optional<attribute_index> i) {
    if (i) to.set(*i);
}

} // namespace

bool is_satisfied(condition const& what, std::string_view json) {
    if (what.is_always()) return true;
    auto const stored = json.empty() ? std::optional<dynamodb::item>(std::in_place) : item_in(json);
    if (!stored) return false;
    std::string wire;
    return what.matches([&](std::string_view name) -> std::string_view {
        wire.clear();
        if (auto const at = stored->find(std::string(name)); at != stored->end())
            dynamodb::append_json(wire, at->second);
        return wire;
    });
}

bool has_empty_key(entity_type const& type, void const* entity) {
    std::string own_text;
    auto const text_key = text_of_key(type, entity, own_text);
    return text_key && text_key->empty();
}

namespace {

/// Calls `make`. An error about a member of an entity that has a key names the key as well.
template <class Make> auto naming_key(entity_type const& type, void const* entity, Make make) {
    try {
        return make();
    } catch (error const& e) {
        if (!e.info().key.empty()) throw;
        diagnostics d = e.info();
        d.key = key_for_error(type, entity);
        throw_error(e.code(), std::move(d));
    }
}

item_write decide_write(write_environment const& env, entity_type const& type, void* entity, write_mode mode,
                        std::string body, condition only_if, void const* read) {
    bool const trashes = mode == write_mode::trash || mode == write_mode::restore;
    std::optional<valid_entity> valid;
    if (!trashes && type.has_rules()) valid.emplace(type, entity);
    std::string own_text;
    auto const text_key = text_of_key(type, entity, own_text);
    bool const key_is_empty = text_key && text_key->empty();
    if (trashes && key_is_empty) throw_not_saved(type, mode == write_mode::trash ? "trashed" : "restored");
    newness const state = mode == write_mode::create ? newness::fresh : newness_of(type, entity, key_is_empty);
    std::uint64_t const version = type.version && state == newness::stored ? version_of(type, entity) : 0;
    attribute_set written = all_but_key(type);
    if (trashes) {
        written.reset();
        add(written, type.deleted_at);
        add(written, type.updated_at);
        add(written, type.version);
    }
    assignment_maker decide(env, type, entity);
    if (valid) decide.transformed(valid->changed());
    if (!trashes) decide.key_and_creation(text_key, state);
    decide.update_time();
    decide.version(version);
    if (trashes) decide.trash(mode);
    decide.empty_index_keys(written);
    // Trashing stores no other member, so what is computed is made from the entity as it was read, if that is known.
    void const* const stored = !trashes ? nullptr : read != nullptr ? read : entity;
    decide.compute(stored != nullptr ? stored : valid ? valid->get() : entity, stored, written);
    auto assignments = decide.take();

    write_maker make(env, state == newness::fresh ? operation::put_item : operation::update_item, type.table,
                     std::move(body));
    make.about(type, entity);
    if (!trashes && !type.uniques.empty()) {
        auto const about = unique_attributes(type);
        make.unique(about, expected_by(type, state, values_of(type, entity, assignments, about)));
    }
    if (trashes) make.computed_from(is_made_from_stored(type, stored, written));
    if (state == newness::fresh)
        write_item(make, type, entity, assignments, std::move(only_if));
    else
        write_update(make, type, entity, assignments, written, guard_of_update(type, entity, state, version, trashes),
                     std::move(only_if));
    make.assignments(std::move(assignments));
    if (valid) make.transforms();
    return make.take();
}

std::optional<item_write> decide_save_of_changes(write_environment const& env, entity_type const& type, void* entity,
                                                 void const* original, bool touches, std::string body,
                                                 condition only_if) {
    std::optional<valid_entity> valid;
    if (type.has_rules()) valid.emplace(type, entity);
    attribute_set written = changes_to_store(type, original, valid ? valid->get() : entity);
    for (auto const i : type.key_attributes()) {
        if (!written[i]) continue;
        diagnostics d;
        d.entity = type.name;
        d.attribute = type[i].name;
        d.message = "the key of a stored entity cannot change, and " + type.name + "::" + type[i].member +
                    " has; create another entity, and remove this one";
        throw_error(errc::invalid_argument, std::move(d));
    }
    if (written.none() && !(touches && (type.updated_at || type.version))) return std::nullopt;
    add(written, type.updated_at);
    add(written, type.version);
    std::uint64_t const version = type.version ? version_of(type, original) : 0;
    newness const state = type.version && version == 0 ? newness::unmarked : newness::stored;

    assignment_maker decide(env, type, entity);
    if (valid) decide.transformed(valid->changed());
    decide.keep_creation_of(original);
    decide.update_time(original);
    decide.version(version);
    decide.empty_index_keys(written);
    decide.compute(valid ? valid->get() : entity, original, written);
    auto assignments = decide.take();
    write_maker make(env, operation::update_item, type.table, std::move(body));
    make.about(type, entity);
    if (auto const about = touched_by(type, written); about.any())
        make.unique(about, values_read(type, original, about));
    write_update(make, type, entity, assignments, written, guard_of_update(type, entity, state, version, true),
                 std::move(only_if));
    make.assignments(std::move(assignments));
    if (valid) make.transforms();
    return make.take();
}

} // namespace

item_write make_write(write_environment const& env, entity_type const& type, void* entity, write_mode mode,
                      std::string body, condition only_if, void const* read) {
    return naming_key(type, entity,
                      [&] { return decide_write(env, type, entity, mode, std::move(body), std::move(only_if), read); });
}

std::optional<item_write> make_save_of_changes(write_environment const& env, entity_type const& type, void* entity,
                                               void const* original, bool touches, std::string body,
                                               condition only_if) {
    return naming_key(type, entity, [&] {
        return decide_save_of_changes(env, type, entity, original, touches, std::move(body), std::move(only_if));
    });
}

item_write make_remove(write_environment const& env, entity_type const& type, std::string key, std::string_view version,
                       std::string body, condition only_if, void const* read) {
    write_maker make(env, operation::delete_item, type.table, std::move(body));
    make.about(type, nullptr);
    if (auto const about = unique_attributes(type); about.any())
        make.unique(about, read != nullptr ? values_read(type, read, about) : values_in(type, key, about));
    make.key(std::move(key));
    make.answers_with_old_item();
    // Deleting twice has the effect of deleting once, and only the answer whether there was an item can differ. With a
    // condition, though, a repetition could meet an item that somebody has made anew with the same version.
    make.repeatable(version.empty() && only_if.is_always());
    condition same;
    if (!version.empty()) {
        condition const gone(condition::kind::not_exists, type[type.key.partition].name);
        same = version == number_wire(0) ? has_version_zero(type)
                                         : gone || is_equal(type, *type.version, std::string(version));
    }
    dynamodb::expression_writer expressions;
    make.conditions(version.empty() ? write_guard::none : write_guard::same_or_removed, std::move(same),
                    std::move(only_if), expressions);
    return make.take();
}

namespace {

/// The clauses of an UpdateExpression.
class update_clauses {
public:
    explicit update_clauses(dynamodb::expression_writer& expressions) : expressions_(expressions) {}

    void add(std::string const& attribute, update_step::action what, std::string_view operand) {
        using action = update_step::action;
        auto const name = expressions_.name(attribute);
        auto const value = [&] { return expressions_.value(operand); };
        auto const list = [&] { return "if_not_exists(" + name + ", " + expressions_.value(R"({"L":[]})") + ')'; };
        switch (what) {
        case action::set:
            put(set_, name + " = " + value());
            break;
        case action::set_if_absent:
            put(set_, name + " = if_not_exists(" + name + ", " + value() + ')');
            break;
        case action::append:
            put(set_, name + " = list_append(" + list() + ", " + value() + ')');
            break;
        case action::prepend:
            put(set_, name + " = list_append(" + value() + ", " + list() + ')');
            break;
        case action::add:
            put(add_, name + ' ' + value());
            break;
        case action::take:
            put(delete_, name + ' ' + value());
            break;
        case action::remove:
            put(remove_, name);
            break;
        }
    }
    [[nodiscard]] std::string text() const {
        std::string all;
        for (auto const& [word, clause] : {std::pair("SET ", &set_), std::pair("REMOVE ", &remove_),
                                           std::pair("ADD ", &add_), std::pair("DELETE ", &delete_)}) {
            if (clause->empty()) continue;
            all += all.empty() ? "" : " ";
            all += word + *clause;
        }
        return all;
    }

private:
    static void put(std::string& clause, std::string const& text) {
        clause += clause.empty() ? "" : ", ";
        clause += text;
    }

    dynamodb::expression_writer& expressions_;
    std::string set_{}, remove_{}, add_{}, delete_{};
};

void check_steps(entity_type const& type, update_spec const& what) {
    diagnostics d;
    d.entity = type.name;
    attribute_set seen;
    for (auto const& step : what.steps) {
        bool const needs_operand = step.what != update_step::action::remove && step.what != update_step::action::set;
        if (needs_operand && step.operand.empty()) {
            d.attribute = type[step.attribute].name;
            d.message = "update() is given a value for " + type.name + "::" + type[step.attribute].member +
                        " that is stored as no attribute, such as an empty set; leave the change out";
            throw_error(errc::invalid_argument, std::move(d));
        }
        if (seen[step.attribute]) {
            d.attribute = type[step.attribute].name;
            d.message = "update() changes " + type.name + "::" + type[step.attribute].member +
                        " twice, which the service does not; join the changes, or call it twice";
            throw_error(errc::invalid_argument, std::move(d));
        }
        seen.set(step.attribute);
    }
    if (!what.steps.empty()) return;
    d.message = "update() is given nothing to change";
    throw_error(errc::invalid_argument, std::move(d));
}

/// Refuses a change of what a computed attribute is made from: the item would keep a value that is no longer true.
void check_computed(entity_type const& type, update_spec const& what) {
    auto const refuse = [&](attribute_info const& computed, std::string why) {
        diagnostics d;
        d.entity = type.name;
        d.attribute = computed.name;
        d.message = "update() knows no whole entity to compute " + type.name + "::" + computed.member + "() again, " +
                    std::move(why);
        throw_error(errc::invalid_argument, std::move(d));
    };
    for (auto const& c : type.computed) {
        attribute_info const& computed = type[c.attribute];
        if (what.creates)
            refuse(computed, "which the item that it may create would lack; leave or_create out, and create() the "
                             "entity");
        auto const check = [&](std::optional<attribute_index> changed, char const* change) {
            if (changed && c.is_made_from(*changed))
                refuse(computed, std::string(change) + type.name + "::" + type[*changed].member +
                                     "; read the entity, change it and save it" +
                                     (c.from.empty() ? ", or name in computed<> the members that it is made from"
                                                     : std::string()));
        };
        for (auto const& step : what.steps) check(step.attribute, "and it changes ");
        check(type.updated_at, "and every update() sets ");
        check(type.version, "and every update() counts ");
    }
}

void refuse_to_create_without_guard(entity_type const& type) {
    for (auto const& u : type.uniques) {
        auto const is_in_key = [&](attribute_index i) { return type.is_key(i); };
        if (!std::all_of(u.attributes.begin(), u.attributes.end(), is_in_key)) continue;
        diagnostics d;
        d.entity = type.name;
        d.attribute = type[u.attributes.front()].name;
        d.message = "update() with or_create cannot make an entity " + type.name + ", because " + type.name +
                    "::" + type[u.attributes.front()].member + " is unique; create() it";
        throw_error(errc::invalid_argument, std::move(d));
    }
}

} // namespace

bool counts_twice(entity_type const& type, update_spec const& what) noexcept {
    using action = update_step::action;
    return std::any_of(what.steps.begin(), what.steps.end(), [&](update_step const& step) {
        bool const adds_number =
            step.what == action::add && type[step.attribute].type == dynamodb::attribute_type::number;
        return adds_number || step.what == action::append || step.what == action::prepend;
    });
}

item_write make_update(write_environment const& env, entity_type const& type, std::string key, update_spec const& what,
                       std::string body) {
    using action = update_step::action;
    check_steps(type, what);
    check_computed(type, what);
    if (what.creates) refuse_to_create_without_guard(type);
    write_maker make(env, operation::update_item, type.table, std::move(body));
    make.about(type, nullptr);
    make.key(std::move(key));
    make.answers_with_new_item();
    dynamodb::expression_writer expressions;
    update_clauses clauses(expressions);
    auto const wire_of = [](timestamp time) {
        std::string wire;
        codec<timestamp>::encode(wire, time);
        return wire;
    };
    for (auto const& step : what.steps) {
        // An empty key of an index is stored as no attribute.
        bool const absent = step.operand.empty() || (type[step.attribute].index_key && is_empty_key(step.operand));
        auto const does = step.what == action::set && absent ? action::remove : step.what;
        clauses.add(type[step.attribute].name, does, step.operand);
    }
    if (type.updated_at) clauses.add(type[*type.updated_at].name, action::set, wire_of(timestamp(env.now)));
    if (type.created_at && what.creates)
        clauses.add(type[*type.created_at].name, action::set_if_absent, wire_of(timestamp(env.now)));
    if (type.version) clauses.add(type[*type.version].name, action::add, number_wire(1));
    make.text() += R"(,"UpdateExpression":)";
    dynamodb::append_json_string(make.text(), clauses.text());
    auto only_if = what.only_if;
    make.repeatable(!counts_twice(type, what) && !type.version && only_if.is_always());
    make.conditions(what.creates ? write_guard::none : write_guard::present, what.creates ? condition() : exists(type),
                    std::move(only_if), expressions);
    return make.take();
}

item_write make_check(write_environment const& env, entity_type const& type, std::string key, void const* entity,
                      condition only_if) {
    write_maker make(env, operation::transact_write_items, type.table, {});
    make.about(type, nullptr);
    make.key(std::move(key));
    guarding guard;
    if (entity != nullptr) {
        newness const state = newness_of(type, entity, false);
        guard = guard_of_update(type, entity, state, type.version ? version_of(type, entity) : 0, true);
    } else if (only_if.is_always()) {
        guard = {write_guard::present, exists(type), true};
    }
    dynamodb::expression_writer expressions;
    make.conditions(guard.guard, std::move(guard.term), std::move(only_if), expressions);
    return make.take();
}

std::optional<item_write> make_adoption(write_environment const& env, entity_type const& type, void const* entity) {
    write_maker make(env, operation::transact_write_items, type.table, {});
    make.about(type, nullptr);
    std::string key;
    type.encode_key(key, entity);
    make.key(std::move(key));
    auto const about = unique_attributes(type);
    auto values = values_read(type, entity, about);
    if (is_without_values(type, values)) return std::nullopt;
    make.unique(about, std::move(values), true);
    dynamodb::expression_writer expressions;
    make.conditions(write_guard::none, condition(), condition(), expressions);
    return make.take();
}

item_write make_row_update(write_environment const& env, row_key key, std::string_view update_members,
                           std::string body) {
    write_maker make(env, operation::update_item, key.table, std::move(body));
    make.row(std::move(key));
    make.text() += update_members;
    make.repeatable(true);
    return make.take();
}

item_write make_row_delete(write_environment const& env, row_key key, std::string_view condition_members,
                           std::string body) {
    write_maker make(env, operation::delete_item, key.table, std::move(body));
    make.row(std::move(key));
    make.text() += condition_members;
    make.answers_with_old_item();
    make.repeatable(true);
    return make.take();
}

// ---- what it is

std::string item_write::value_of(attribute_index i) const {
    std::string wire;
    for (auto const& made : assignments_) {
        if (made.attribute != i) continue;
        made.append_wire(wire);
        return wire;
    }
    return type_->wire(entity_, i);
}

std::string_view item_write::entity_name() const noexcept {
    return type_ == nullptr ? std::string_view() : std::string_view(type_->name);
}

std::string item_write::key() const {
    if (entity_ == nullptr) return key_;
    std::string out;
    type_->encode_key(out, value_of(type_->key.partition),
                      type_->key.sort ? value_of(*type_->key.sort) : std::string());
    return out;
}

// ---- unique members

void item_write::write_conditions() {
    auto const& unique = *conditions_->unique;
    text_.resize(unique.text_at);
    auto expressions = unique.expressions;
    // The guard of an item that is created is that there is none, which says all.
    condition const stored =
        operation_ == operation::put_item ? condition() : is_stored(*type_, unique.about, unique.expected);
    condition const all = condition(conditions_->guard) && condition(conditions_->only_if) && stored;
    if (!all.is_always()) {
        text_ += R"(,"ConditionExpression":)";
        dynamodb::append_json_string(text_, expressions.write(all));
    }
    expressions.append_members(text_);
}

stored_values item_write::stored_afterwards() const {
    auto const& unique = *conditions_->unique;
    if (unique.adopts) return unique.expected;
    stored_values after{operation_ != operation::delete_item, std::vector<std::string>(unique.expected.wire.size())};
    if (!after.exists) return after;
    for (attribute_index i = 0; i < after.wire.size(); ++i) {
        if (!unique.about[i]) continue;
        bool const own = written_[i] || type_->is_key(i);
        after.wire[i] = own ? value_of(i) : unique.expected.wire[i];
    }
    return after;
}

bool item_write::failed_the_expectation(std::string_view json) const {
    return touches_unique() && operation_ != operation::put_item && is_satisfied(conditions_->guard, json) &&
           is_satisfied(conditions_->only_if, json);
}

void item_write::expect(std::string_view json) {
    auto& unique = *conditions_->unique;
    unique.expected = values_in(*type_, json, unique.about);
    write_conditions();
}

// ---- sending it

override_value const* item_write::made_key() const noexcept {
    if (entity_ == nullptr) return nullptr;
    attribute_index const last_part = type_->key.sort.value_or(type_->key.partition);
    for (auto const& made : assignments_)
        if (made.attribute == last_part) return &made;
    return nullptr;
}

bool item_write::asks_for_stored_item() const noexcept {
    return guard_ == write_guard::unmarked || guard_ == write_guard::same_version || conditions_ != nullptr ||
           (guard_ == write_guard::absent && made_key() == nullptr);
}

void item_write::append_end(std::string& body) const {
    if (answers_with_old_item_) body += R"(,"ReturnValues":"ALL_OLD")";
    if (answers_with_new_item_) body += R"(,"ReturnValues":"ALL_NEW")";
    // It costs no capacity (API reference).
    if (asks_for_stored_item()) body += R"(,"ReturnValuesOnConditionCheckFailure":"ALL_OLD")";
    body += '}';
}

std::string item_write::body() const {
    std::string text = text_;
    append_end(text);
    return text;
}

std::string item_write::take_body() && {
    append_end(text_);
    return std::move(text_);
}

bool item_write::fits_batch() const noexcept {
    return guard_ == write_guard::none && !conditions_ &&
           (operation_ == operation::put_item || operation_ == operation::delete_item);
}

void item_write::append_batch_entry(std::string& out) const {
    out += operation_ == operation::put_item ? R"({"PutRequest":{"Item":)" : R"({"DeleteRequest":{"Key":)";
    out += std::string_view(text_).substr(item_at_, item_end_ - item_at_);
    out += "}}";
}

void item_write::append_transaction_entry(std::string& out) const {
    out += "{\"";
    out += name_of_form(operation_);
    out += "\":";
    out += text_;
    if (asks_for_stored_item()) out += R"(,"ReturnValuesOnConditionCheckFailure":"ALL_OLD")";
    out += "}}";
}

bool item_write::fits_transaction() const noexcept {
    return operation_ != operation::update_item || is_row() || written_.any();
}

std::size_t item_write::least_size() const {
    dynamodb::detail::item_measure measure;
    if (operation_ == operation::put_item) {
        measure.add_item(std::string_view(text_).substr(item_at_, item_end_ - item_at_));
        return measure.size();
    }
    measure.add_item(key());
    if (operation_ != operation::update_item) return measure.size();
    if (is_row()) {
        measure.add_item(member_value(text_ + '}', "ExpressionAttributeValues"));
        return measure.size();
    }
    for (attribute_index i = 0; i < type_->attributes.size(); ++i)
        if (written_[i]) measure.add((*type_)[i].name, value_of(i));
    return measure.size();
}

dynamodb::detail::request_subject item_write::subject() const noexcept {
    dynamodb::detail::request_subject subject;
    subject.tell = &item_write::tell;
    subject.who = this;
    return subject;
}

void item_write::tell(dynamodb::detail::request_subject const& self, std::string_view, std::string_view prefix,
                      dynamodb::detail::request_targets& out) {
    auto const& write = *static_cast<item_write const*>(self.who);
    auto& target = out.targets.emplace_back();
    target.table = physical_table(prefix, write.table_);
    if (write.is_row()) {
        target.partition_name = write.row_partition_name_;
        target.key = write.row_partition_;
        return;
    }
    entity_type const& type = *write.type_;
    target.partition_name = type[type.key.partition].name;
    target.key = partition_fingerprint(target.partition_name, partition_value(type, write.key()));
    if (write.entity_ == nullptr) return;
    for (auto const& index : type.indexes) {
        auto const value = write.value_of(index.partition);
        if (!value.empty())
            target.index_keys.push_back({index.name, partition_fingerprint(type[index.partition].name, value)});
    }
}

// ---- when it has ended

void item_write::apply(void* twin) const {
    if (entity_ == nullptr) return;
    assign_to(entity_);
    if (twin != nullptr) assign_to(twin);
    type_->storage.name_handles(entity_);
}

void item_write::assign_to(void* copy) const {
    if (transforms_) apply_transforms(*type_, copy);
    for (auto const& made : assignments_) {
        if (std::holds_alternative<override_value::wire_text>(made.value)) continue; // of a transform
        type_->assign(copy, made);
    }
}

bool item_write::is_stored_as(std::string_view json) const {
    auto const stored = item_in(json);
    if (!stored) return false;
    std::size_t equal = 0;
    bool telling = false;
    for (attribute_index i = 0; i < type_->attributes.size(); ++i) {
        bool const is_key = type_->is_key(i);
        if (!is_key && !written_[i]) continue;
        auto const value = value_of(i);
        auto const at = stored->find((*type_)[i].name);
        if (value.empty() && at == stored->end()) continue;
        if (value.empty() || at == stored->end()) return false;
        json_reader in(value);
        if (!(dynamodb::read_attribute_value(in) == at->second)) return false;
        ++equal;
        telling = telling || (!is_key && type_->version != i);
    }
    // An update keeps other attributes; a put has none.
    return telling && (operation_ == operation::update_item || equal == stored->size());
}

bool item_write::failed_the_guard(std::string_view json) const {
    if (!conditions_) return true;
    if (conditions_->guard.is_always()) return false;
    return !is_satisfied(conditions_->guard, json);
}

bool item_write::failed_the_computation(std::string_view json) const {
    return conditions_ && !is_satisfied(conditions_->computed_from, json);
}

bool item_write::met_itself(error const& e) const {
    if (e.code() != service_errc::conditional_check_failed || !e.info().outcome_unknown) return false;
    // Nobody else can have made this key.
    if (guard_ == write_guard::absent && made_key() != nullptr) return true;
    return entity_ != nullptr && asks_for_stored_item() && !e.info().item.empty() && is_stored_as(e.info().item);
}

void item_write::keep_key() const {
    if (auto const* const made = made_key()) type_->assign(entity_, *made);
}

error item_write::meaning_of(error const& e) const {
    diagnostics d = e.info();
    if (d.entity.empty() && type_ != nullptr) d.entity = type_->name;
    d.key = key();
    bool const refused = e.code() == service_errc::conditional_check_failed;
    if (!refused || (guard_ == write_guard::none && !conditions_)) {
        if (!d.outcome_unknown) return error(e.code(), std::move(d));
        if (!d.message.empty()) d.message += "; ";
        d.message += "the key is " + key();
        if (made_key() != nullptr)
            d.message += ", which is in the entity now: to call again with it cannot store a second item";
        return error(e.code(), std::move(d));
    }
    std::string const which = "the entity " + type_->name + " with the key " + key();
    errc code = errc::condition_failed;
    switch (failed_the_guard(d.item) ? guard_ : write_guard::none) {
    case write_guard::none:
        if (failed_the_computation(d.item)) {
            d.message = which +
                        " was not written, because a computed attribute would be made from members whose values are "
                        "not those that are stored; save the entity first, or read it again";
            break;
        }
        d.message = only_checks()
                        ? "what is stored of " + which
                        : which + (operation_ == operation::delete_item ? " was not removed" : " was not written") +
                              ", because what is stored";
        d.message += " does not satisfy the condition " + to_string(conditions_->only_if);
        break;
    case write_guard::absent:
        code = errc::already_exists;
        d.message = "an entity " + type_->name + " with the key " + key() +
                    " exists already; choose another key, or find and save it";
        break;
    case write_guard::unmarked:
        code = errc::already_exists;
        d.message = "an entity " + type_->name + " with the key " + key() +
                    " exists already, and somebody else has given it its " +
                    (type_->version ? "version" : "time of creation") +
                    "; choose another key, or find it, repeat the change and save it";
        break;
    case write_guard::present:
        code = errc::not_found;
        d.message =
            which + (only_checks() ? " does not exist" : " does not exist any more; create it to store it again");
        break;
    case write_guard::same_version:
        code = errc::stale_version;
        d.message = which + " was changed or removed by somebody else since it was read; read it again and repeat the "
                            "change";
        break;
    case write_guard::same_or_removed:
        code = errc::stale_version;
        d.message = which + " was changed by somebody else since it was read, so it was not removed; read it again";
        if (d.outcome_unknown) d.message += " (an earlier attempt of this call may have removed it)";
        return error(code, std::move(d));
    }
    if (d.outcome_unknown) d.message += " (an earlier attempt of this call may have stored it: read it to find out)";
    return error(code, std::move(d));
}

} // namespace dynasio::detail
