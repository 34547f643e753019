#ifndef DYNASIO_SRC_ORM_LOAD_FETCH_HPP
#define DYNASIO_SRC_ORM_LOAD_FETCH_HPP

#include <dynasio/orm/entity_type.hpp>

#include <dynasio/dynamodb/progress.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
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

/// The kept attributes of the rows of a fetch, in wire form and in the spelling of the answer.
class kept_values {
public:
    void add(kept_attributes const& kept, item_values const& found) {
        add(kept, [&](attribute_index i) { return found[i]; });
    }
    /// `value_of(attribute)` gives an attribute in wire form.
    template <class ValueOf>
        requires std::is_invocable_v<ValueOf const&, attribute_index>
    void add(kept_attributes const& kept, ValueOf const& value_of) {
        for (auto const i : kept.all()) {
            text_ += value_of(i);
            ends_.push_back(text_.size());
        }
    }
    [[nodiscard]] std::string_view get(kept_attributes const& kept, std::size_t row, attribute_index i) const noexcept {
        std::size_t const at = row * kept.size() + kept.column_of(i);
        std::size_t const begin = at == 0 ? 0 : ends_[at - 1];
        return std::string_view(text_).substr(begin, ends_[at] - begin);
    }
    /// Row i becomes what row positions[i] was.
    void reorder(kept_attributes const& kept, std::span<std::size_t const> positions);
    /// Forgets all rows but the first ones.
    void truncate(kept_attributes const& kept, std::size_t rows) {
        ends_.resize(rows * kept.size());
        text_.resize(ends_.empty() ? 0 : ends_.back());
    }

private:
    std::string text_{};
    std::vector<std::size_t> ends_{};
};

/// The rows under one key of a source. A source has one fetch for each key, so each key is asked for once.
struct fetch {
    explicit fetch(load_source& source) noexcept : from(source) {}

    load_source& from;
    std::string_view key{};        ///< The key that was asked for; refers to the key in load_source::fetches.
    std::shared_ptr<void> items{}; ///< The vector of rows; null until the first answer with rows.
    kept_values kept{};
    std::uint64_t counted = 0;         ///< Sum of the Counts of the pages, for projection::count.
    std::size_t skipped = 0;           ///< Rows that were left out because of the offset.
    std::vector<load_result*> users{}; ///< One result for each target that uses the rows.
    std::string cursor{};              ///< The place where the next page begins.
    std::optional<dynamodb::progress_guard> guard{};
    int height = 0;        ///< The largest plan_node::height of the nodes that use the rows.
    unsigned failures = 0; ///< Requests for it that failed and are sent again, without an answer since.
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
    fetch* from;                         ///< Null when the caller gave the entities.
    std::size_t seen = 0;                ///< Number of rows that absorb() has visited.
    std::vector<std::uint32_t> chosen{}; ///< Rows that satisfy the target's own condition; unused without one.
    std::size_t asked = 0;               ///< Number of owners whose handles are filled from this result.
    std::vector<filling> fillings{};     ///< Row-major: for each row one filling for each child of the target.
    std::shared_ptr<void> items{};       ///< The vector of entities; set by the assembly.
    bool assembled = false;
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
