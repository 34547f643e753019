#ifndef DYNASIO_SRC_ORM_LOAD_FETCH_HPP
#define DYNASIO_SRC_ORM_LOAD_FETCH_HPP

#include <dynasio/orm/entity_type.hpp>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "../plan/projection.hpp"
#include "../type/item_values.hpp"

// The questions of a load and their answers: a fetch holds the rows under one key, a result says which of these rows a
// target uses.
namespace dynasio::detail {

struct fetch;
struct load_result;
struct load_source;
struct load_target;

/// The kept attributes of the rows of a fetch, in wire form and in the spelling of the answer. Most fetches keep none,
/// so an object without values is one pointer.
class kept_values {
public:
    void add(kept_attributes const& kept, item_values const& found) {
        add(kept, [&](attribute_index i) { return found[i]; });
    }
    /// `value_of(attribute)` gives an attribute in wire form.
    template <class ValueOf>
        requires std::is_invocable_v<ValueOf const&, attribute_index>
    void add(kept_attributes const& kept, ValueOf const& value_of) {
        if (kept.size() == 0) return;
        if (!values_) values_ = std::make_unique<values>();
        for (auto const i : kept.all()) {
            values_->text += value_of(i);
            values_->ends.push_back(values_->text.size());
        }
    }
    [[nodiscard]] std::string_view get(kept_attributes const& kept, std::size_t row, attribute_index i) const noexcept {
        std::size_t const at = row * kept.size() + kept.column_of(i);
        std::size_t const begin = at == 0 ? 0 : values_->ends[at - 1];
        return std::string_view(values_->text).substr(begin, values_->ends[at] - begin);
    }
    /// Row i becomes what row positions[i] was.
    void reorder(kept_attributes const& kept, std::span<std::size_t const> positions);
    /// Forgets all rows but the first ones.
    void truncate(kept_attributes const& kept, std::size_t rows) {
        if (!values_) return;
        values_->ends.resize(rows * kept.size());
        values_->text.resize(values_->ends.empty() ? 0 : values_->ends.back());
    }
    /// Forgets all rows, and frees their memory.
    void clear() noexcept { values_.reset(); }

private:
    struct values {
        std::string text{};
        std::vector<std::size_t> ends{};
    };
    std::unique_ptr<values> values_{};
};

/// A text that does not change, in exactly the memory that it takes.
class compact_text {
public:
    explicit compact_text(std::string_view text);
    [[nodiscard]] operator std::string_view() const noexcept { // NOLINT(google-explicit-constructor): it is one
        return {data_.get(), size_};
    }
    /// Frees the memory; the text is empty then.
    void clear() noexcept {
        data_.reset();
        size_ = 0;
    }

    friend bool operator==(compact_text const& x, compact_text const& y) noexcept {
        return std::string_view(x) == std::string_view(y);
    }
    friend auto operator<=>(compact_text const& x, compact_text const& y) noexcept {
        return std::string_view(x) <=> std::string_view(y);
    }

private:
    std::unique_ptr<char[]> data_;
    std::uint32_t size_;
};

/// A text that few objects have: one pointer while it is empty.
class seldom_text {
public:
    seldom_text& operator=(std::string text);
    [[nodiscard]] operator std::string_view() const noexcept { // NOLINT(google-explicit-constructor): it is one
        return text_ ? std::string_view(*text_) : std::string_view();
    }
    [[nodiscard]] bool empty() const noexcept { return !text_; }
    void clear() noexcept { text_.reset(); }

private:
    std::unique_ptr<std::string> text_{}; // never empty
};

/// The results of a fetch, one for each target that uses its rows, in the order in which they came. Nearly all fetches
/// have one, so the results themselves are linked.
class fetch_users {
public:
    void add(load_result& r) noexcept;
    /// Precondition: there is one.
    [[nodiscard]] load_result* front() const noexcept { return first_; }
    [[nodiscard]] bool are_several() const noexcept;
    /// Calls `visit(result)` for each, those included that it adds meanwhile.
    template <class Visit> void visit(Visit const& visit) const;

private:
    load_result* first_ = nullptr;
};

/// The rows under one key of a source. A source has one fetch for each key, so each key is asked for once. A load has
/// many fetches at a time, so they are small: what few of them have lies elsewhere.
struct fetch {
    fetch(load_source& source, std::string_view asked_for) : from(source), key(asked_for) {}

    load_source& from;
    compact_text key;              ///< The key that was asked for; empty when nobody can ask for it any more.
    std::shared_ptr<void> items{}; ///< The vector of rows; null until the first answer with rows.
    kept_values kept{};
    std::uint64_t counted = 0; ///< Sum of the Counts of the pages, for projection::count.
    std::size_t skipped = 0;   ///< Rows that were left out because of the offset.
    fetch_users users{};
    seldom_text cursor{};    ///< The place where the next page begins.
    std::uint32_t place = 0; ///< In the source's fetch_table.
    std::uint32_t hash = 0;  ///< Of the key.
    int height = 0;          ///< The largest plan_node::height of the nodes that use the rows.
    unsigned failures = 0;   ///< Requests for it that failed and are sent again, without an answer since.
    bool complete = false;
    bool more = false;  ///< A limited read stopped before the end.
    bool feeds = false; ///< The rows can lead to keys to ask for.
    bool asked = false; ///< The answer that is being read must account for this key.

    /// How many more rows lie before those that the offset leaves.
    [[nodiscard]] std::size_t to_skip() const noexcept;
    /// The number of rows, or for projection::count the number that the service counted.
    [[nodiscard]] std::size_t count() const;
    /// The result of a target, or null when the target does not use this fetch. The search is linear, because few
    /// targets share a fetch.
    [[nodiscard]] load_result* user(load_target const& target) const noexcept;
    /// Stands between the parts of the key of a query: a byte that JSON text has nowhere.
    static constexpr char part_end = '\0';
    /// The parts of the key of a query: one value for each attribute.
    struct parts {
        std::array<std::string_view, 2> values{};
        std::size_t count = 0;
        [[nodiscard]] std::span<std::string_view const> all() const noexcept { return {values.data(), count}; }
    };
    [[nodiscard]] parts key_parts() const noexcept;
    /// One kept attribute of a row.
    [[nodiscard]] std::string_view value(std::size_t row, attribute_index i) const noexcept;
};

/// The source of a handle's new content.
struct filling {
    load_result* from = nullptr; ///< Null: the handle gets no entities, and no request is needed to know that.
    bool keeps = false;          ///< The handle is loaded already and stays as it is.
};

/// The rows of one fetch that one target uses, and the fillings of their handles.
struct load_result {
    load_result(load_target& target, fetch* source) noexcept : of(target), from(source) {}

    load_target& of;
    fetch* from; ///< Null when the caller gave the entities, and when the store has freed it.
    load_result* next_user = nullptr;
    std::shared_ptr<void> items{}; ///< The vector of entities; set by the assembly.
    std::uint32_t asked = 0;       ///< Number of owners whose handles are filled from this result.
    bool assembled = false;

    /// What a target needs that has children, or a condition of its own.
    struct visited_rows {
        std::size_t seen = 0;                ///< Number of rows that absorb() has visited.
        std::vector<std::uint32_t> chosen{}; ///< Rows that satisfy the target's own condition; unused without one.
        std::vector<filling> fillings{};     ///< Row-major: for each row one filling for each child of the target.
    };
    [[nodiscard]] visited_rows& visited() {
        if (!visited_) visited_ = std::make_unique<visited_rows>();
        return *visited_;
    }
    [[nodiscard]] std::vector<std::uint32_t> const& chosen() const noexcept { return look().chosen; }
    [[nodiscard]] std::vector<filling> const& fillings() const noexcept { return look().fillings; }
    /// Frees what visited() has.
    void forget_visited() noexcept { visited_.reset(); }

private:
    [[nodiscard]] visited_rows const& look() const noexcept;
    std::unique_ptr<visited_rows> visited_{};
};

template <class Visit> void fetch_users::visit(Visit const& visit) const {
    for (load_result* r = first_; r != nullptr; r = r->next_user) visit(*r);
}

/// The fetches of a source: found by key, as long as they can be asked for or answered.
class fetch_table {
public:
    /// The fetch of a key, and whether it is new.
    [[nodiscard]] std::pair<fetch*, bool> find_or_add(std::string_view key, load_source& source);
    [[nodiscard]] fetch* find(std::string_view key) const noexcept;
    /// Forgets the key of a fetch; the fetch stays.
    void forget_key(fetch& f) noexcept;
    /// Frees a fetch.
    void erase(fetch& f) noexcept;
    /// Calls `visit(fetch)` for each fetch, in the order in which they came.
    template <class Visit> void visit(Visit const& visit) const {
        for (auto const& f : all_)
            if (f) visit(*f);
    }

private:
    static constexpr std::uint32_t nothing = 0; // other values are places in all_, plus 1
    [[nodiscard]] std::size_t slot_of(std::string_view key, std::uint32_t hash) const noexcept;
    void grow();

    std::vector<std::unique_ptr<fetch>> all_{};
    std::vector<std::uint32_t> slots_{}; // open addressing; a power of two of them, or none
    std::size_t used_ = 0;
};

/// One row, from which a step takes the keys of the rows that it leads to.
class owner_row {
public:
    /// A row that an answer brought: its values are taken from the fetch.
    owner_row(entity_type const& type, void* row, fetch const& from, std::size_t at) noexcept
        : type_(&type), row_(row), from_(&from), at_(at) {}
    /// An entity that the caller gave: its values are encoded.
    owner_row(entity_type const& type, void* entity) noexcept : type_(&type), row_(entity) {}

    [[nodiscard]] entity_type const& type() const noexcept { return *type_; }
    [[nodiscard]] void* get() const noexcept { return row_; }
    /// An attribute in wire form; empty when it is absent. Valid until the next call.
    [[nodiscard]] std::string_view value(attribute_index i) {
        if (from_ != nullptr) return from_->value(at_, i);
        scratch_.clear();
        type_->append_wire(scratch_, row_, i);
        return scratch_;
    }

private:
    entity_type const* type_;
    void* row_;
    fetch const* from_ = nullptr;
    std::size_t at_ = 0;
    std::string scratch_{};
};

} // namespace dynasio::detail

#endif
