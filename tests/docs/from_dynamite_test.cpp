// The programs of Dynamite's page about relationships and their equivalents, as docs/from-other-libraries.md shows
// them, run against a server. Parts between `//[name` and `//]` appear there word for word.

#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/verify.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "docs/database.hpp"
#include "docs/request_meter.hpp"

namespace from_dynamite {

//[model
struct Post;
struct Order;
struct Item;
struct OrderSummary;

struct User {
    std::string id{}, name{}, email{}, role{"customer"}; // @PrimaryKey, @Default
    dynasio::timestamp created_at{}, updated_at{};       // @CreatedAt, @UpdatedAt
    dynasio::has_many<Post> posts{};                     // @HasMany(() => Post, "user_id")
    dynasio::has_many<Order> orders{};
    dynasio::has_many<OrderSummary> order_summaries{};
};
struct Author { // the attributes of a user that pages of posts show
    std::string id{}, name{}, email{};
};
struct Comment {
    std::string id{}, post_id{}, content{};
};
struct Post {
    std::string id{}, user_id{}, title{}, status{};
    dynasio::belongs_to<User> user{}; // @BelongsTo(() => User, "user_id")
    dynasio::belongs_to<Author> author{};
    dynasio::has_many<Comment> comments{};
};
struct Product {
    std::string id{}, name{};
    std::int64_t cents{};
};
struct Order {
    std::string id{}, user_id{}, status{"pending"};
    std::int64_t total{};
    dynasio::belongs_to<User> user{};
    dynasio::has_many<Item> items{};
};
struct OrderSummary {
    std::string id{};
    std::int64_t total{};
};
struct Item { // belongs to two others
    std::string id{}, order_id{}, product_id{};
    int quantity{};
    dynasio::belongs_to<Order> order{};
    dynasio::belongs_to<Product> product{};
};

constexpr auto dynasio_schema(dynasio::tag<User>) {
    using namespace dynasio::dsl;
    return entity<User>(partition_key<&User::id>, timestamps<&User::created_at, &User::updated_at>,
                        gsi<&User::role>{"by_role"}, relate<&User::posts>(by<&Post::user_id>),
                        relate<&User::orders>(by<&Order::user_id>),
                        relate<&User::order_summaries>(by<&Order::user_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Author>) { return dynasio::entity<Author>(dynasio::projection_of<User>); }
constexpr auto dynasio_schema(dynasio::tag<Comment>) {
    using namespace dynasio::dsl;
    return entity<Comment>(partition_key<&Comment::id>, gsi<&Comment::post_id>{"by_post"});
}
constexpr auto dynasio_schema(dynasio::tag<Post>) {
    using namespace dynasio::dsl;
    return entity<Post>(partition_key<&Post::id>, gsi<&Post::user_id>{"by_user"},
                        relate<&Post::user>(by<&Post::user_id>), relate<&Post::author>(by<&Post::user_id>),
                        relate<&Post::comments>(by<&Comment::post_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Product>) {
    using namespace dynasio::dsl;
    return entity<Product>(partition_key<&Product::id>);
}
constexpr auto dynasio_schema(dynasio::tag<Order>) {
    using namespace dynasio::dsl;
    return entity<Order>(partition_key<&Order::id>, gsi<&Order::user_id>{"by_user"},
                         relate<&Order::user>(by<&Order::user_id>), relate<&Order::items>(by<&Item::order_id>));
}
constexpr auto dynasio_schema(dynasio::tag<OrderSummary>) {
    return dynasio::entity<OrderSummary>(dynasio::projection_of<Order>);
}
constexpr auto dynasio_schema(dynasio::tag<Item>) {
    using namespace dynasio::dsl;
    return entity<Item>(partition_key<&Item::id>, gsi<&Item::order_id>{"by_order"},
                        relate<&Item::order>(by<&Item::order_id>), relate<&Item::product>(by<&Item::product_id>));
}
//]
static_assert(dynasio::verify<User, Author, Comment, Post, Product, Order, OrderSummary, Item>());

//[tree
struct Category {
    std::string id{}, name{};
    std::optional<std::string> parent_id{};
    dynasio::has_many<Category> children{};
    dynasio::belongs_to<Category> parent{};
};
constexpr auto dynasio_schema(dynasio::tag<Category>) {
    using namespace dynasio::dsl;
    return entity<Category>(partition_key<&Category::id>, gsi<&Category::parent_id>{"by_parent"},
                            relate<&Category::children>(by<&Category::parent_id>),
                            relate<&Category::parent>(by<&Category::parent_id>));
}
//]
static_assert(dynasio::verify<Category>());

//[junction
struct Course;
struct Enrollment;

struct Student {
    std::string id{}, name{};
    dynasio::has_many<Enrollment> enrollments{};
};
struct Course {
    std::string id{}, name{};
    dynasio::has_many<Enrollment> enrollments{};
};
struct Enrollment { // no id of its own: a student takes a course once
    std::string student_id{}, course_id{}, grade{};
    dynasio::belongs_to<Student> student{};
    dynasio::belongs_to<Course> course{};
};

constexpr auto dynasio_schema(dynasio::tag<Student>) {
    using namespace dynasio::dsl;
    return entity<Student>(partition_key<&Student::id>, relate<&Student::enrollments>(by<&Enrollment::student_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Course>) {
    using namespace dynasio::dsl;
    return entity<Course>(partition_key<&Course::id>, relate<&Course::enrollments>(by<&Enrollment::course_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Enrollment>) {
    using namespace dynasio::dsl;
    return entity<Enrollment>(partition_key<&Enrollment::student_id>, sort_key<&Enrollment::course_id>,
                              gsi<&Enrollment::course_id>{"by_course"},
                              relate<&Enrollment::student>(by<&Enrollment::student_id>),
                              relate<&Enrollment::course>(by<&Enrollment::course_id>));
}
//]
static_assert(dynasio::verify<Student, Course, Enrollment>());

//[polymorphic
struct Video {
    std::string id{}, name{};
};
struct Remark {
    std::string id{}, commentable_type{}, commentable_id{}, content{};
    dynasio::morph_to<Post, Video> commentable{};
};
constexpr auto dynasio_schema(dynasio::tag<Video>) {
    using namespace dynasio::dsl;
    return entity<Video>(partition_key<&Video::id>);
}
constexpr auto dynasio_schema(dynasio::tag<Remark>) {
    using namespace dynasio::dsl;
    return entity<Remark>(partition_key<&Remark::id>,
                          relate<&Remark::commentable>(by<&Remark::commentable_type, &Remark::commentable_id>,
                                                       morph_name<Post>{"Post"}, morph_name<Video>{"Video"}));
}
//]
static_assert(dynasio::verify<Post, Video, Remark>());

namespace {

namespace asio = boost::asio;
using namespace dynasio::dsl;

//[has_many
asio::awaitable<void> list_posts(dynasio::client db) {
    repository<User> users{db};
    auto const everybody = co_await users.scan(with<&User::posts>()).all(); // where({}, {include: {posts: {}}})
    for (User const& user : everybody) {
        std::cout << user.name << ", " << user.posts.size() << " posts:";
        for (Post const& post : user.posts) std::cout << ' ' << post.title;
        std::cout << '\n';
    }

    auto user = co_await users.find("ann"); // first({id})
    if (user) {
        co_await users.load<&User::posts>(*user);
        std::cout << user->posts.size() << '\n';
    }
}
//]

//[several
asio::awaitable<void> show_user(dynasio::client db) {
    User const user = co_await repository<User>{db}.get("ann", with<&User::posts>(), with<&User::orders>());
    std::cout << user.posts.size() << " posts, " << user.orders.size() << " orders\n";
}
//]

//[belongs_to
asio::awaitable<void> list_authors(dynasio::client db) {
    repository<Post> posts{db};
    auto const all = co_await posts.scan(with<&Post::user>()).all();
    for (Post const& post : all)
        std::cout << post.title << ", from " << (post.user ? post.user->name : "nobody") << '\n';

    auto const post = co_await posts.find("two", with<&Post::user>());
    if (post && post->user) std::cout << post->user->name << '\n';
}
//]

//[two_owners
asio::awaitable<void> show_item(dynasio::client db) {
    Item const item = co_await repository<Item>{db}.get("item-1", with<&Item::order>(), with<&Item::product>());
    std::cout << item.quantity << ' ' << (item.product ? item.product->name : "?") << ", "
              << (item.order ? item.order->status : "?") << '\n';
}
//]

//[nested
asio::awaitable<void> list_comments(dynasio::client db) {
    repository<User> users{db};
    auto const everybody = co_await users.scan(with<&User::posts>(with<&Post::comments>())).all();
    for (User const& user : everybody)
        for (Post const& post : user.posts)
            for (Comment const& comment : post.comments)
                std::cout << user.name << ", " << post.title << ": " << comment.content << '\n';
}
//]

//[deeper
asio::awaitable<void> list_orders(dynasio::client db) {
    repository<Order> orders{db};
    auto const all = co_await orders.scan(with<&Order::user>(), with<&Order::items>(with<&Item::product>())).all();
    for (Order const& order : all) {
        std::cout << order.id << " of " << (order.user ? order.user->name : "?") << ':';
        for (Item const& item : order.items)
            if (item.product) std::cout << ' ' << item.quantity << ' ' << item.product->name;
        std::cout << '\n';
    }
}
//]

//[filtered
asio::awaitable<void> show_some_posts(dynasio::client db) {
    repository<User> users{db};
    auto user = co_await users.get("ann", with<&User::posts>(field<&Post::status> == "published")); // where
    std::cout << user.posts.size() << " published, ";
    co_await users.load<&User::posts>(user, newest_first, limit(5), reload); // limit: 5, order: "DESC"
    std::cout << user.posts.size() << " recent, the last one is " << user.posts.front().title << '\n';
}
//]

//[attributes
asio::awaitable<void> list_senders(dynasio::client db) {
    repository<Post> posts{db};
    auto const all = co_await posts.scan(with<&Post::author>()).all(); // attributes: ["id", "name", "email"]
    for (Post const& post : all)
        if (post.author) std::cout << post.title << ' ' << post.author->name << ' ' << post.author->email << '\n';
}
//]

//[combined
asio::awaitable<void> report(dynasio::client db) {
    repository<User> users{db};
    auto const premium =
        users.where(field<&User::role> == "premium")
            .with<&User::order_summaries>(field<&Order::status> == "completed", newest_first, limit(10))
            .with<&User::posts>(field<&Post::status> == "published", limit(5));
    auto const all = co_await premium.all();
    for (User const& user : all)
        std::cout << user.name << ": " << user.order_summaries.size() << " orders, " << user.posts.size() << " posts\n";
}
//]

//[roots
asio::awaitable<void> show_tree(dynasio::client db) {
    repository<Category> categories{db};
    auto const roots = co_await categories.scan(field<&Category::parent_id> == nullptr)
                           .with<&Category::children>(with<&Category::children>())
                           .all();
    for (Category const& root : roots)
        for (Category const& child : root.children)
            std::cout << root.name << " > " << child.name << ", " << child.children.size() << " below\n";
}
//]

//[enrolled
asio::awaitable<void> show_courses(dynasio::client db) {
    repository<Student> students{db};
    auto const student = co_await students.get("ann", with<&Student::enrollments>(with<&Enrollment::course>()));
    std::cout << student.name << ':';
    for (Enrollment const& one : student.enrollments)
        std::cout << ' ' << (one.course ? one.course->name : "?") << ' ' << one.grade;
    std::cout << '\n';
}

asio::awaitable<void> enroll(dynasio::client db, Student const& student, std::string course_id) {
    Enrollment one{.course_id = course_id};
    co_await repository<Student>{db}.related<&Student::enrollments>(student).add(one);
    co_await repository<Enrollment>{db}.update(key(student.id, course_id), set_to<&Enrollment::grade>("A"));
}
//]

//[commentable
asio::awaitable<void> show_subject(dynasio::client db, Remark& remark) {
    auto const subject = co_await repository<Remark>{db}.related<&Remark::commentable>(remark).get();
    if (Post const* post = subject.get_if<Post>()) // commentable_type is "Post"
        std::cout << "about the post " << post->title << '\n';
    else if (Video const* video = subject.get_if<Video>())
        std::cout << "about the video " << video->name << '\n';
}
//]

class docs_from_dynamite : public guide::docs_database<User, Comment, Post, Product, Order, Item> {
protected:
    void SetUp() override {
        docs_database::SetUp();
        saved(User{.id = "ann", .name = "Ann", .email = "ann@example.com", .role = "premium"});
        saved(Post{.id = "one", .user_id = "ann", .title = "One", .status = "draft"});
        saved(Post{.id = "two", .user_id = "ann", .title = "Two", .status = "published"});
        saved(Comment{.id = "c", .post_id = "two", .content = "Well said"});
        saved(Product{.id = "tea", .name = "Tea", .cents = 250});
        saved(Order{.id = "o1", .user_id = "ann", .status = "completed", .total = 500});
        saved(Order{.id = "o2", .user_id = "ann"});
        saved(Item{.id = "item-1", .order_id = "o1", .product_id = "tea", .quantity = 2});
    }
};

TEST_F(docs_from_dynamite, has_many) {
    guide::request_meter requests(db_);
    EXPECT_EQ(printed_by(list_posts(db_)), "Ann, 2 posts: One Two\n2\n");
    EXPECT_EQ(requests.sent(), "GetItem 1, Query 2, Scan 1");
    EXPECT_EQ(printed_by(show_user(db_)), "2 posts, 2 orders\n");
    EXPECT_EQ(requests.sent(), "GetItem 1, Query 2");
}

TEST_F(docs_from_dynamite, belongs_to) {
    guide::request_meter requests(db_);
    auto const listed = printed_by(list_authors(db_)); // a scan has no order
    EXPECT_NE(listed.find("One, from Ann\n"), std::string::npos) << listed;
    EXPECT_NE(listed.find("\nAnn\n"), std::string::npos) << listed;
    EXPECT_EQ(requests.sent(), "BatchGetItem 2, GetItem 1, Scan 1");
    EXPECT_EQ(printed_by(show_item(db_)), "2 Tea, completed\n");
    EXPECT_EQ(requests.sent(), "BatchGetItem 1, GetItem 1"); // one for both
    saved(Post{.id = "three", .user_id = "gone", .title = "Three"});
    EXPECT_NE(printed_by(list_authors(db_)).find("Three, from nobody\n"), std::string::npos);
}

TEST_F(docs_from_dynamite, nested) {
    guide::request_meter requests(db_);
    EXPECT_EQ(printed_by(list_comments(db_)), "Ann, Two: Well said\n");
    EXPECT_EQ(requests.sent(), "Query 3, Scan 1");
    auto const listed = printed_by(list_orders(db_));
    EXPECT_NE(listed.find("o1 of Ann: 2 Tea\n"), std::string::npos) << listed;
    // The keys of users and of products share a request when the former still wait for theirs.
    auto const sent = requests.sent();
    EXPECT_TRUE(sent == "BatchGetItem 1, Query 2, Scan 1" || sent == "BatchGetItem 2, Query 2, Scan 1") << sent;
}

TEST_F(docs_from_dynamite, constraints) {
    guide::request_meter requests(db_);
    EXPECT_EQ(printed_by(show_some_posts(db_)), "1 published, 2 recent, the last one is Two\n");
    EXPECT_EQ(requests.sent(), "GetItem 1, Query 2");
    auto const senders = printed_by(list_senders(db_));
    EXPECT_NE(senders.find("Two Ann ann@example.com\n"), std::string::npos) << senders;
    EXPECT_EQ(requests.sent(), "BatchGetItem 1, Scan 1");
    EXPECT_EQ(printed_by(report(db_)), "Ann: 1 orders, 1 posts\n");
    EXPECT_EQ(requests.sent(), "Query 3");
}

class docs_from_dynamite_trees : public guide::docs_database<Category> {};
TEST_F(docs_from_dynamite_trees, self_referential) {
    saved(Category{.id = "1", .name = "Drinks"});
    saved(Category{.id = "2", .name = "Tea", .parent_id = "1"});
    saved(Category{.id = "3", .name = "Assam", .parent_id = "2"});
    guide::request_meter requests(db_);
    EXPECT_EQ(printed_by(show_tree(db_)), "Drinks > Tea, 1 below\n");
    EXPECT_EQ(requests.sent(), "Query 2, Scan 1");
    auto const assam = run(repository<Category>(db_).get("3", with<&Category::parent>(with<&Category::parent>())));
    EXPECT_EQ(assam.parent->parent->name, "Drinks");
}

class docs_from_dynamite_junctions : public guide::docs_database<Student, Course, Enrollment> {};
TEST_F(docs_from_dynamite_junctions, have_data_of_their_own) {
    auto const student = saved(Student{.id = "ann", .name = "Ann"});
    saved(Course{.id = "c", .name = "Chemistry"});
    guide::request_meter requests(db_);
    run(enroll(db_, student, "c"));
    EXPECT_EQ(requests.sent(), "UpdateItem 2");
    EXPECT_EQ(printed_by(show_courses(db_)), "Ann: Chemistry A\n");
    EXPECT_EQ(requests.sent(), "BatchGetItem 1, GetItem 1, Query 1");
    auto const course = run(repository<Course>(db_).get("c", with<&Course::enrollments>(with<&Enrollment::student>())));
    ASSERT_EQ(course.enrollments.size(), 1U);
    EXPECT_EQ(course.enrollments[0].student->name, "Ann");
}

class docs_from_dynamite_types : public guide::docs_database<Post, Video, Remark> {};
TEST_F(docs_from_dynamite_types, are_told_apart_by_name) {
    saved(Post{.id = "p", .title = "On tea"});
    saved(Video{.id = "v", .name = "Tea, filmed"});
    auto first = saved(Remark{.id = "1", .commentable_type = "Post", .commentable_id = "p"});
    auto second = saved(Remark{.id = "2", .commentable_type = "Video", .commentable_id = "v"});
    guide::request_meter requests(db_);
    EXPECT_EQ(printed_by(show_subject(db_, first)), "about the post On tea\n");
    EXPECT_EQ(printed_by(show_subject(db_, second)), "about the video Tea, filmed\n");
    EXPECT_EQ(requests.sent(), "BatchGetItem 2");
}

} // namespace
} // namespace from_dynamite
