#ifndef DYNASIO_ORM_NAMES_HPP
#define DYNASIO_ORM_NAMES_HPP

#include <string>
#include <string_view>

namespace dynasio {

/// A C++ identifier in snake_case: EmailAddress, emailAddress and email_address are all email_address. A run of
/// capitals is one word that ends before its last capital when a small letter follows: ID is id, UserID user_id,
/// HTTPServer http_server. Digits stay with the word before them: Line2Text is line2_text.
[[nodiscard]] std::string snake_case(std::string_view identifier);

/// The table of an entity type: snake_case with its last word in the plural by fixed rules: -y after a consonant
/// becomes -ies; -s, -x, -z, -ch and -sh take -es; everything else -s. BlogPost: blog_posts, Category: categories, Box:
/// boxes.
[[nodiscard]] std::string table_name_of(std::string_view type);

} // namespace dynasio

#endif
