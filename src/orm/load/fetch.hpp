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
#include <vector>

#include "../plan/projection.hpp"
#include "../type/item_values.hpp"

// What a load has asked for and what came: fetches, and what each node makes of them.
namespace dynasio::detail {

struct fetch;
struct load_result;
struct load_source;
struct load_target;

/// The kept attributes of the rows of a fetch, in wire form as they came.
class kept_values {
public:
    void add(kept_attributes const& kept, item_values const& found) {
        for (auto const i : kept.all()) {
            text_ += found[i];
            ends_.push_back(text_.size());
        }
    }
    /// Takes the last row back.
    void remove_last(kept_attributes const& kept);
    [[nodiscard]] std::string_view get(kept_attributes const& kept, std::size_t row, attribute_index i) const noexcept {
        std::size_t const at = row * kept.size() + kept.column_of(i);
        std::size_t const begin = at == 0 ? 0 : ends_[at - 1];
        return std::string_view(text_).substr(begin, ends_[at] - begin);
    }
    /// Row i becomes what row positions[i] was.
    void reorder(kept_attributes const& kept, std::span<std::size_t const> positions);

private:
    std::string text_{};
    std::vector<std::size_t> ends_{};
};

/// The rows under one key of a source. Each key has one, so each is asked for once.
struct fetch {
    explicit fetch(load_source& source) noexcept : from(source) {}

    load_source& from;
    std::string_view key{};                ///< What it was asked by: the map's key.
    std::shared_ptr<void> items{};         ///< The vector of rows; empty until one arrived.
    kept_values kept{};
    std::uint64_t counted = 0;             ///< Where a count is wanted instead of items.
    std::vector<load_result*> users{};     ///< One for each target that uses it.
    std::string cursor{};                  ///< LastEvaluatedKey of the last page.
    std::optional<dynamodb::progress_guard> guard{};
    int height = 0;                        ///< Longest chain of requests below, over all users.
    bool complete = false;
    bool more = false;                     ///< A limited read stopped before the end.
    bool feeds = false;                    ///< What it brings can ask for keys.
    bool asked = false;                    ///< By the request under way.

    /// How many rows, or what was counted.
    [[nodiscard]] std::size_t count() const;
    /// What a target makes of it, if it uses it. Few targets share a fetch.
    [[nodiscard]] load_result* user(load_target const& target) const noexcept;
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

/// What a handle will be filled from.
struct filling {
    load_result* from = nullptr; ///< Null: nothing, which is known without asking.
    bool keeps = false;          ///< The handle stays as it is, because it is loaded already.
};

/// What one target makes of one fetch.
struct load_result {
    load_result(load_target& target, fetch* source) noexcept : of(target), from(source) {}

    load_target& of;
    fetch* from;                         ///< Null for entities that the caller has.
    std::size_t seen = 0;                ///< Rows looked at.
    std::vector<std::uint32_t> chosen{}; ///< Rows that satisfy the target's own condition, where it has one.
    std::size_t asked = 0;               ///< How many owners get it.
    std::vector<filling> fillings{};     ///< Row-major: for each row one for each child.
    std::shared_ptr<void> items{};       ///< After assembly.
    bool assembled = false;
};

/// One row, as a step looks at it that asks for what the row leads to.
class owner_row {
public:
    /// A row that was read.
    owner_row(entity_type const& type, void* row, fetch const& from, std::size_t at) noexcept
        : type_(&type), row_(row), from_(&from), at_(at) {}
    /// An entity that the caller has: its values are encoded.
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
