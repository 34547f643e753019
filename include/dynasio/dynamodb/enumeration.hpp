#ifndef DYNASIO_DYNAMODB_ENUMERATION_HPP
#define DYNASIO_DYNAMODB_ENUMERATION_HPP

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace dynasio::dynamodb {

/// A value of one of the service's enumerations. Values that this version does not know keep their text, so that an
/// answer of a newer service can be read and sent back. `texts_of(Enum)` lists the texts in the order of the
/// enumerators.
template <class Enum> class enumeration {
public:
    enumeration() = default; ///< The first enumerator.
    enumeration(Enum value) noexcept : value_(value) {}
    /// Accepts every text; a known one becomes its enumerator.
    [[nodiscard]] static enumeration from_text(std::string_view text) {
        std::span<std::string_view const> const texts = texts_of(Enum());
        for (std::size_t i = 0; i < texts.size(); ++i) {
            if (texts[i] == text) return enumeration(static_cast<Enum>(i));
        }
        enumeration other;
        other.unknown_.emplace(text);
        return other;
    }

    /// Nothing when this version does not know the value.
    [[nodiscard]] std::optional<Enum> known() const noexcept {
        return unknown_ ? std::nullopt : std::optional<Enum>(value_);
    }
    /// The service's text, for unknown values too. Valid as long as this object.
    [[nodiscard]] std::string_view text() const noexcept {
        return unknown_ ? std::string_view(*unknown_) : texts_of(Enum())[static_cast<std::size_t>(value_)];
    }

    friend bool operator==(enumeration const& a, enumeration const& b) noexcept { return a.text() == b.text(); }
    friend bool operator==(enumeration const& a, Enum b) noexcept { return !a.unknown_ && a.value_ == b; }

private:
    Enum value_{};
    std::optional<std::string> unknown_{};
};

} // namespace dynasio::dynamodb

#endif
