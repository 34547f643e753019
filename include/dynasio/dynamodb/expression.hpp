#ifndef DYNASIO_DYNAMODB_EXPRESSION_HPP
#define DYNASIO_DYNAMODB_EXPRESSION_HPP

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace dynasio::dynamodb {

/// The place of a value in an item: an attribute, or an element inside the lists and maps of one.
class document_path {
public:
    /// A position in a list, counted from 0, or a name in a map.
    using step = std::variant<std::size_t, std::string>;

    explicit document_path(std::string attribute) : attribute_(std::move(attribute)) {}
    [[nodiscard]] document_path at(step next) && {
        steps_.push_back(std::move(next));
        return std::move(*this);
    }
    [[nodiscard]] document_path at(step next) const& { return document_path(*this).at(std::move(next)); }

    [[nodiscard]] std::string const& attribute() const noexcept { return attribute_; }
    /// Empty for the attribute itself.
    [[nodiscard]] std::vector<step> const& steps() const noexcept { return steps_; }

private:
    std::string attribute_;
    std::vector<step> steps_;
};

/// The path as text for people, as in `address.streets[0]`.
[[nodiscard]] std::string to_string(document_path const& path);

/// A condition on one item as a value: comparisons and functions joined by and, or, not. Operands are attribute values
/// in wire form (`{"S":"live"}`), so that this layer needs no types of members.
class condition {
public:
    enum class kind : std::uint8_t {
        always, ///< No condition: the neutral element of `and`.
        equal,
        not_equal,
        less,
        less_equal,
        greater,
        greater_equal,
        between, ///< two operands
        in,      ///< any number of operands; without operands nothing matches
        begins_with,
        contains,
        exists,
        not_exists,
        absent_or_null, ///< attribute missing or of type NULL
        has_type,       ///< one operand, the tag of a type as a string: `{"S":"NS"}`
        all_of,
        any_of,
        not_of,
    };

    condition() = default;
    /// A comparison or function on the attribute `attribute`. Throws errc::invalid_argument when `k` takes another
    /// number of operands (two for between, any for in, one for comparisons, begins_with, contains and has_type, else
    /// none) or is not the kind of a comparison or function (always, all_of, any_of, not_of). `in` keeps only the first
    /// of equal operands.
    condition(kind k, std::string attribute, std::vector<std::string> operands = {})
        : condition(k, document_path(std::move(attribute)), std::move(operands)) {}
    /// The same on an element inside an attribute. An element that its list or map does not have is absent, and so is
    /// every element of a value that is neither.
    condition(kind k, document_path path, std::vector<std::string> operands = {});
    /// A comparison, between or in of the size of a value with numbers. The size of a string is its length in UTF-16
    /// code units, as the service counts it; that of a binary its bytes; that of a list, map or set the number of
    /// elements. Other types have no size, which compares as an absent attribute does. Throws errc::invalid_argument
    /// for another kind and for another number of operands.
    [[nodiscard]] static condition size_of(kind k, document_path path, std::vector<std::string> operands);

    /// The conjunction of `terms`. Conjunctions among the terms are flattened and always is dropped. With one remaining
    /// term the result is that term, with none it is always.
    [[nodiscard]] static condition all_of(std::vector<condition> terms);
    /// The disjunction of `terms`. Disjunctions among the terms are flattened. If a term is always, so is the result;
    /// with one term the result is that term. Throws errc::invalid_argument without terms, because DynamoDB has no
    /// expression for "never".
    [[nodiscard]] static condition any_of(std::vector<condition> terms);
    /// The negation of `term`; for a negation, its inner term. Throws errc::invalid_argument for always, because
    /// DynamoDB has no expression for "never".
    [[nodiscard]] static condition not_of(condition term);

    [[nodiscard]] kind type() const noexcept { return kind_; }
    [[nodiscard]] bool is_always() const noexcept { return kind_ == kind::always; }
    /// Whether no item can match (an `in` without operands). No request needs to be sent then.
    [[nodiscard]] bool is_never() const noexcept;
    /// The attribute that the condition is on, as a whole or in part.
    [[nodiscard]] std::string const& attribute() const noexcept { return path_.attribute(); }
    [[nodiscard]] document_path const& path() const noexcept { return path_; }
    /// Whether the operands are compared with the size of the value.
    [[nodiscard]] bool is_on_size() const noexcept { return on_size_; }
    /// Whether the condition is on the value of this attribute itself, and neither on an element nor on its size.
    [[nodiscard]] bool is_on(std::string_view attribute) const noexcept {
        return !on_size_ && path_.steps().empty() && path_.attribute() == attribute;
    }
    [[nodiscard]] std::vector<std::string> const& operands() const noexcept { return operands_; }
    [[nodiscard]] std::vector<condition> const& terms() const noexcept { return terms_; }

    /// The terms of a conjunction, flattened; for another kind the condition itself; empty for always.
    [[nodiscard]] std::vector<condition> conjuncts() const;

    /// Evaluates the condition as DynamoDB does. `attribute` returns an attribute of the item in wire form, empty when
    /// it is absent. A comparison of values of different types, or with an absent attribute, is false (and `not_equal`
    /// true), as in the service. Strings and binaries are ordered by bytes, numbers by value. Throws
    /// errc::malformed_response when an attribute of the item is not in wire form, errc::invalid_argument when an
    /// operand is not.
    [[nodiscard]] bool matches(std::function<std::string_view(std::string_view attribute)> const& attribute) const;

private:
    static std::vector<condition> flatten(std::vector<condition> terms, kind k);

    kind kind_ = kind::always;
    bool on_size_ = false;
    document_path path_{std::string()};
    std::vector<std::string> operands_;
    std::vector<condition> terms_;
};

[[nodiscard]] condition operator&&(condition a, condition b);
[[nodiscard]] condition operator||(condition a, condition b);
[[nodiscard]] condition operator!(condition a);

/// The condition as text for people, as in `status = "live" and score > 10`; "always" for always. The text is not an
/// expression that the service understands.
[[nodiscard]] std::string to_string(condition const& c);

/// Writes the expressions of one request. Every attribute name becomes a placeholder, so that reserved words, dots and
/// blanks are permitted in names; equal names and equal operands share one placeholder, and only used ones are
/// declared. Redundant parentheses are not written, because the service refuses them.
class expression_writer {
public:
    /// Placeholder ("#0") of an attribute name.
    [[nodiscard]] std::string name(std::string_view attribute);
    /// Placeholder (":0") of an operand in wire form.
    [[nodiscard]] std::string value(std::string_view wire);

    /// The service's limits: bytes of one expression, and operands of one IN.
    static constexpr std::size_t max_expression_size = 4096;
    static constexpr std::size_t max_in_operands = 100;

    /// Text of a condition; empty for always. `in` with more than max_in_operands operands becomes several INs; without
    /// operands it becomes a text that no item matches. Throws errc::invalid_argument when the text is longer than
    /// max_expression_size; the writer must not be used again then.
    [[nodiscard]] std::string write(condition const& c);

    /// Placeholder of an operand whose value is not known yet: it is written behind append_open_members(). To be called
    /// before value() and write().
    [[nodiscard]] std::string open_value();

    /// Appends `,"ExpressionAttributeNames":{…}` and `,"ExpressionAttributeValues":{…}`, each only if it is not empty.
    /// Precondition: open_value() was not called.
    void append_members(std::string& body) const;
    /// The same, but the object of the values stays open for the operands of open_value(): the text ends where
    /// `":0":value` can follow. The caller closes the object. Precondition: open_value() was called.
    void append_open_members(std::string& body) const;

private:
    // The name or operand of each placeholder, with the placeholder's number.
    using placeholders = std::map<std::string, std::size_t, std::less<>>;
    static std::string placeholder(placeholders& known, std::size_t first, char prefix, std::string_view text);
    void append_names(std::string& body) const;
    void append_values(std::string& body) const;
    void write(condition const& c, std::string& out, int enclosing);
    void write_in(condition const& c, std::string& out);
    [[nodiscard]] std::string subject(condition const& c);

    placeholders names_;
    placeholders values_;
    std::size_t open_values_ = 0;
};

} // namespace dynasio::dynamodb

#endif
