#ifndef DYNASIO_ORM_NAMES_HPP
#define DYNASIO_ORM_NAMES_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace dynasio {

namespace detail {

/// Calls write(char) for each character of snake_case(identifier).
template <class Write> constexpr void write_snake_case(std::string_view identifier, Write write) {
    auto const upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    auto const lower = [](char c) { return c >= 'a' && c <= 'z'; };
    for (std::size_t i = 0; i < identifier.size(); ++i) {
        char const c = identifier[i];
        if (upper(c) && i > 0 && identifier[i - 1] != '_') {
            bool const digit_before = identifier[i - 1] >= '0' && identifier[i - 1] <= '9';
            bool const after_word = lower(identifier[i - 1]) || digit_before;
            bool const starts_word = upper(identifier[i - 1]) && i + 1 < identifier.size() && lower(identifier[i + 1]);
            if (after_word || starts_word) write('_');
        }
        write(upper(c) ? static_cast<char>(c - 'A' + 'a') : c);
    }
}

/// How a word in snake_case becomes its plural: the first `keep` characters, then `ending`.
struct plural_form {
    std::size_t keep;
    std::string_view ending;
};
constexpr plural_form plural_of(std::string_view word) {
    if (word.empty()) return {0, ""};
    auto const vowel = [](char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'; };
    if (word.ends_with("y") && word.size() > 1 && !vowel(word[word.size() - 2])) return {word.size() - 1, "ies"};
    bool const hisses = word.ends_with("s") || word.ends_with("x") || word.ends_with("z") || word.ends_with("ch") ||
                        word.ends_with("sh");
    return {word.size(), hisses ? "es" : "s"};
}

} // namespace detail

/// A C++ identifier in snake_case: EmailAddress, emailAddress and email_address all become email_address. A run of
/// capitals is one word; when a small letter follows the run, its last capital begins the next word: ID becomes id,
/// UserID user_id, HTTPServer http_server. Digits stay with the word before them: Line2Text becomes line2_text.
[[nodiscard]] std::string snake_case(std::string_view identifier);

/// The default name of an entity type's table: the type in snake_case, with its last word in the plural by fixed rules.
/// -y after a consonant becomes -ies; -s, -x, -z, -ch and -sh take -es; every other ending takes -s. BlogPost becomes
/// blog_posts, Category categories, Box boxes.
[[nodiscard]] std::string table_name_of(std::string_view type);

} // namespace dynasio

#endif
