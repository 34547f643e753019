#include <dynasio/orm/detail/reflect.hpp>
#include <dynasio/orm/handles.hpp>

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "../model.hpp"

// A type with 40 and one with 128 members.
#define DYNASIO_TEST_EIGHT(p)                                                                                          \
    int p##0 {}, p##1 {}, p##2 {}, p##3 {}, p##4 {}, p##5 {}, p##6 {};                                                 \
    std::string p##7 {}
#define DYNASIO_TEST_FORTY(p)                                                                                          \
    DYNASIO_TEST_EIGHT(p##a);                                                                                          \
    DYNASIO_TEST_EIGHT(p##b);                                                                                          \
    DYNASIO_TEST_EIGHT(p##c);                                                                                          \
    DYNASIO_TEST_EIGHT(p##d);                                                                                          \
    DYNASIO_TEST_EIGHT(p##e)

namespace outer::inner {

struct none {};
struct one {
    int only{};
};
struct two {
    std::string first{};
    bool second{};
};
struct forty {
    DYNASIO_TEST_FORTY(m);
};
struct most {
    DYNASIO_TEST_FORTY(x);
    DYNASIO_TEST_FORTY(y);
    DYNASIO_TEST_FORTY(z);
    DYNASIO_TEST_EIGHT(w);
};
struct too_many {
    DYNASIO_TEST_FORTY(x);
    DYNASIO_TEST_FORTY(y);
    DYNASIO_TEST_FORTY(z);
    DYNASIO_TEST_EIGHT(w);
    int last{};
};
struct of_all_sorts {
    std::optional<int> maybe{};
    std::vector<std::string> list{};
    std::map<std::string, int> map{};
    dynasio::has_many<of_all_sorts> children{};
    dynasio::belongs_to<of_all_sorts> parent{};
    double d{};
};

} // namespace outer::inner

namespace {

using namespace dynasio::detail;
using namespace outer::inner;

TEST(reflection, counts_members) {
    EXPECT_EQ(member_count<none>, 0U);
    EXPECT_EQ(member_count<one>, 1U);
    EXPECT_EQ(member_count<two>, 2U);
    EXPECT_EQ(member_count<forty>, 40U);
    EXPECT_EQ(member_count<most>, 128U);
    EXPECT_EQ(member_count<of_all_sorts>, 6U);
    EXPECT_EQ(member_count<shop::User>, 11U);
}

TEST(reflection, notices_more_members_than_it_can_name) { EXPECT_GT(member_count<too_many>, max_members); }

TEST(reflection, names_members_in_order_of_declaration) {
    EXPECT_EQ(member_names<one>[0], "only");
    EXPECT_EQ(member_names<two>[0], "first");
    EXPECT_EQ(member_names<two>[1], "second");
    EXPECT_EQ(member_names<forty>[0], "ma0");
    EXPECT_EQ(member_names<forty>[39], "me7");
    EXPECT_EQ(member_names<most>[127], "w7");
    EXPECT_EQ(member_names<of_all_sorts>[0], "maybe");
    EXPECT_EQ(member_names<of_all_sorts>[3], "children");
    EXPECT_EQ(member_names<of_all_sorts>[5], "d");
}

TEST(reflection, finds_name_and_position_of_a_member_pointer) {
    EXPECT_EQ(name_of<&most::za3>, "za3");
    EXPECT_EQ(index_of<&most::za3>, 83U);
    EXPECT_EQ(name_of<&of_all_sorts::parent>, "parent");
    EXPECT_EQ(index_of<&of_all_sorts::parent>, 4U);
    EXPECT_EQ(index_of<&shop::User::posts>, 8U);
}

TEST(reflection, names_types_without_their_namespaces) {
    EXPECT_EQ(type_name<one>, "one");
    EXPECT_EQ(type_name<of_all_sorts>, "of_all_sorts");
    EXPECT_EQ(type_name<shop::User>, "User");
}

TEST(reflection, gives_references_to_the_members_of_an_object) {
    two object{"a", false};
    visit_members(object, [](std::string& first, bool& second) {
        first = "changed";
        second = true;
    });
    EXPECT_EQ(object.first, "changed");
    EXPECT_TRUE(object.second);

    most many{};
    std::size_t count = 0;
    void const* last = nullptr;
    visit_members(many, [&](auto&... members) {
        count = sizeof...(members);
        ((last = &members), ...);
    });
    EXPECT_EQ(count, 128U);
    EXPECT_EQ(last, &many.w7);
}

TEST(reflection, gives_references_to_constants_of_a_constant) {
    two const object{"a", true};
    visit_members(object, [](auto&... members) {
        static_assert((std::is_const_v<std::remove_reference_t<decltype(members)>> && ...));
    });
}

} // namespace
