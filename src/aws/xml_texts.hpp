#ifndef DYNASIO_SRC_AWS_XML_TEXTS_HPP
#define DYNASIO_SRC_AWS_XML_TEXTS_HPP

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dynasio::aws::detail {

/// The texts of an XML document by the path of their elements ("ErrorResponse/Error/Code"), which is all that STS's
/// answers need. The destructor wipes them.
///
/// The parser accepts well-formed elements, attributes (ignored), the five entities and character references, comments,
/// CDATA and one declaration at the front. Document types and other processing instructions are refused, so that
/// nothing is expanded.
class xml_texts {
public:
    xml_texts() = default;
    xml_texts(xml_texts const&) = delete;
    xml_texts(xml_texts&&) noexcept = default;
    xml_texts& operator=(xml_texts const&) = delete;
    xml_texts& operator=(xml_texts&&) noexcept = default;
    ~xml_texts();

    /// Returns nothing when `text` is not well-formed in this sense, nests more than 16 deep or has more than 256
    /// elements.
    [[nodiscard]] static std::optional<xml_texts> parse(std::string_view text);

    /// Text of the first element with this path, without white space around it; empty when there is none.
    [[nodiscard]] std::string text(std::string_view path) const;
    /// Name of the outermost element.
    [[nodiscard]] std::string_view root() const noexcept { return root_; }

private:
    friend class xml_parser;
    std::string root_{};
    std::vector<std::pair<std::string, std::string>> texts_{};
};

} // namespace dynasio::aws::detail

#endif
