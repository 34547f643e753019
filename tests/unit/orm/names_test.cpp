#include <dynasio/orm/names.hpp>

#include <gtest/gtest.h>

#include <utility>

namespace {

struct naming {
    char const* from;
    char const* to;
};

class snake_case_of : public testing::TestWithParam<naming> {};

TEST_P(snake_case_of, splits_words) { EXPECT_EQ(dynasio::snake_case(GetParam().from), GetParam().to); }

INSTANTIATE_TEST_SUITE_P(
    identifiers, snake_case_of,
    testing::Values(naming{"", ""}, naming{"email", "email"}, naming{"EmailAddress", "email_address"},
                    naming{"emailAddress", "email_address"}, naming{"email_address", "email_address"},
                    naming{"ID", "id"}, naming{"UserID", "user_id"}, naming{"HTTPServer", "http_server"},
                    naming{"myHTTPServer", "my_http_server"}, naming{"A", "a"}, naming{"AB", "ab"},
                    naming{"ABc", "a_bc"}, naming{"Line2Text", "line2_text"}, naming{"line2", "line2"},
                    naming{"User_ID", "user_id"}, naming{"_private", "_private"}, naming{"UPPER_CASE", "upper_case"}));

class table_name_for : public testing::TestWithParam<naming> {};

TEST_P(table_name_for, takes_the_plural_of_the_last_word) {
    EXPECT_EQ(dynasio::table_name_of(GetParam().from), GetParam().to);
}

INSTANTIATE_TEST_SUITE_P(types, table_name_for,
                         testing::Values(naming{"", ""}, naming{"User", "users"}, naming{"BlogPost", "blog_posts"},
                                         naming{"Category", "categories"}, naming{"Day", "days"}, naming{"Key", "keys"},
                                         naming{"Box", "boxes"}, naming{"Bus", "buses"}, naming{"Address", "addresses"},
                                         naming{"Quiz", "quizes"}, naming{"Branch", "branches"},
                                         naming{"Dish", "dishes"}, naming{"Y", "ys"},
                                         naming{"HTTPProxy", "http_proxies"}));

} // namespace
