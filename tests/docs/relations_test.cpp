// The code that docs/relations.md shows about texts that name relations, relations in vectors, and those that come by
// themselves, run against a server.

#include <dynasio/orm/autoload.hpp>
#include <dynasio/orm/include_list.hpp>
#include <dynasio/orm/relation_summary.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/unique.hpp>
#include <dynasio/orm/verify.hpp>
#include <dynasio/orm/where_always.hpp>

#include <dynasio/dynamodb/operations/put_item.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <iostream>
#include <sstream>

#include "docs/database.hpp"
#include "docs/model.hpp"

namespace guide {

//[autoload
struct Product {
    std::string id{}, name{};
};
struct CartLine {
    std::string id{}, cart_id{}, product_id{};
    int pieces{};
    dynasio::belongs_to<Product> product{};
};
struct Cart {
    std::string id{};
    dynasio::has_many<CartLine> lines{};
};

constexpr auto dynasio_schema(dynasio::tag<Product>) {
    using namespace dynasio::dsl;
    return entity<Product>(partition_key<&Product::id>);
}
constexpr auto dynasio_schema(dynasio::tag<CartLine>) {
    using namespace dynasio::dsl;
    return entity<CartLine>(partition_key<&CartLine::id>, gsi<&CartLine::cart_id>{"by_cart"},
                            relate<&CartLine::product>(by<&CartLine::product_id>), autoload<&CartLine::product>());
}
constexpr auto dynasio_schema(dynasio::tag<Cart>) {
    using namespace dynasio::dsl;
    return entity<Cart>(partition_key<&Cart::id>, relate<&Cart::lines>(by<&CartLine::cart_id>),
                        autoload<&Cart::lines>([] { return field<&CartLine::pieces> > 0; }, oldest_first));
}
//]
static_assert(dynasio::verify<Product, CartLine, Cart>());

//[morph
struct Remark;
struct Essay {
    std::string id{}, title{};
    dynasio::has_many<Remark> remarks{};
};
struct Video {
    std::string id{};
    int seconds{};
};
struct Remark {
    std::string id{}, text{};
    std::string subject_type{}, subject_id{};
    dynasio::morph_to<Essay, Video> subject{};
};

constexpr auto dynasio_schema(dynasio::tag<Essay>) {
    using namespace dynasio::dsl;
    return entity<Essay>(partition_key<&Essay::id>,
                         relate<&Essay::remarks>(by<&Remark::subject_type, &Remark::subject_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Video>) {
    using namespace dynasio::dsl;
    return entity<Video>(partition_key<&Video::id>);
}
constexpr auto dynasio_schema(dynasio::tag<Remark>) {
    using namespace dynasio::dsl;
    return entity<Remark>(partition_key<&Remark::id>, gsi<&Remark::subject_id, &Remark::subject_type>{"by_subject"},
                          relate<&Remark::subject>(by<&Remark::subject_type, &Remark::subject_id>,
                                                   morph_name<Video>{"App\\Video"})); // Essay: "essays", its table
}
//]
static_assert(dynasio::verify<Essay, Video, Remark>());

//[references
struct Delivery;
struct Subscription;
struct Magazine;
struct Reader {
    std::string id{}, email{};
    dynasio::has_many<Delivery> deliveries{};
    dynasio::has_many<Subscription> subscriptions{};
    dynasio::has_many_through<Magazine> magazines{};
};
struct Delivery {
    std::string id{}, reader_email{};
    dynasio::belongs_to<Reader> reader{};
};
struct Subscription {
    std::string id{}, reader_id{}, magazine_id{};
    dynasio::belongs_to<Magazine> magazine{};
};
struct Magazine {
    std::string id{}, title{};
};

constexpr auto dynasio_schema(dynasio::tag<Reader>) {
    using namespace dynasio::dsl;
    return entity<Reader>(partition_key<&Reader::id>, gsi<&Reader::email>{"by_email"}, dynasio::unique<&Reader::email>,
                          relate<&Reader::deliveries>(by<&Delivery::reader_email>, references<&Reader::email>,
                                                      inverse_of<&Delivery::reader>),
                          relate<&Reader::subscriptions>(by<&Subscription::reader_id>),
                          relate<&Reader::magazines>(through<&Reader::subscriptions, &Subscription::magazine>));
}
constexpr auto dynasio_schema(dynasio::tag<Delivery>) {
    using namespace dynasio::dsl;
    return entity<Delivery>(partition_key<&Delivery::id>, gsi<&Delivery::reader_email>{"by_reader"},
                            relate<&Delivery::reader>(by<&Delivery::reader_email>, references<&Reader::email>),
                            required<&Delivery::reader>);
}
constexpr auto dynasio_schema(dynasio::tag<Subscription>) {
    using namespace dynasio::dsl;
    return entity<Subscription>(partition_key<&Subscription::id>, gsi<&Subscription::reader_id>{"by_reader"},
                                relate<&Subscription::magazine>(by<&Subscription::magazine_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Magazine>) {
    using namespace dynasio::dsl;
    return entity<Magazine>(partition_key<&Magazine::id>);
}

static_assert(dynasio::verify<Reader, Delivery, Subscription, Magazine>());
//]

//[collection
struct Act;
struct Stall;
struct Festival {
    std::string id{};
    std::string part{"FESTIVAL"}; // the sort key
    std::string title{};
    dynasio::has_many<Act> acts{};
    dynasio::has_many<Stall> stalls{};
};
struct Act {
    std::string festival_id{}, part{}, band{};
};
struct Stall {
    std::string festival_id{}, part{}, sells{};
};

constexpr auto dynasio_schema(dynasio::tag<Festival>) {
    using namespace dynasio::dsl;
    return entity<Festival>(table{"festivals"}, partition_key<&Festival::id>, sort_key<&Festival::part>,
                            relate<&Festival::acts>(by<&Act::festival_id>, references<&Festival::id>, item_collection),
                            relate<&Festival::stalls>(by<&Stall::festival_id>, references<&Festival::id>,
                                                      item_collection));
}
constexpr auto dynasio_schema(dynasio::tag<Act>) {
    using namespace dynasio::dsl;
    return entity<Act>(table{"festivals"}, partition_key<&Act::festival_id>, sort_key<&Act::part>,
                       attribute<&Act::festival_id>{"id"},
                       where_always([] { return field<&Act::part>.begins_with("ACT#"); }));
}
constexpr auto dynasio_schema(dynasio::tag<Stall>) {
    using namespace dynasio::dsl;
    return entity<Stall>(table{"festivals"}, partition_key<&Stall::festival_id>, sort_key<&Stall::part>,
                         attribute<&Stall::festival_id>{"id"},
                         where_always([] { return field<&Stall::part>.begins_with("STALL#"); }));
}

static_assert(dynasio::verify<Festival, Act, Stall>());
//]

namespace {

namespace asio = boost::asio;

//[read_references
asio::awaitable<void> show_reader(dynasio::client db, std::string id) {
    using namespace dynasio::dsl;
    repository<Reader> readers(db);
    Reader const reader = co_await readers.get(id, with<&Reader::deliveries>(), with<&Reader::magazines>());
    std::cout << reader.deliveries.size() << " deliveries to " << reader.email << '\n';
    for (auto const& magazine : reader.magazines) std::cout << magazine.title << '\n'; // each once
}
//]

//[includes
asio::awaitable<void> answer(dynasio::client db, std::string id, std::string_view include) {
    using namespace dynasio::dsl;
    // The most that may be asked for. It is made once.
    static include_list<User> const includable(
        with<&User::profile>(),
        with<&User::posts>(newest_first, limit(20), with<&Post::comments>(with<&Comment::author>())),
        max_relations(10));

    repository<User> users(db);
    auto const user = co_await users.find(id, includable.parse(include)); // "posts.comments,profile"
    if (user && user->posts.loaded()) std::cout << user->posts.size() << " posts\n";
}
//]

//[values
asio::awaitable<void> report(dynasio::client db, std::string id, bool with_roles) {
    using namespace dynasio::dsl;
    std::vector<dynasio::relation_to_load<User>> relations{with<&User::profile>()};
    if (with_roles) relations.push_back(with<&User::roles>());

    User const user = co_await repository<User>(db).get(id, relations, with<&User::posts>(limit(3)));
    std::cout << user.posts.size() << " posts, roles " << (user.roles.loaded() ? "known" : "unknown") << '\n';
}
//]

//[read_cart
asio::awaitable<void> read_cart(dynasio::client db, std::string id) {
    using namespace dynasio::dsl;
    repository<Cart> carts(db);
    Cart const cart = co_await carts.get(id); // with its lines and their products
    for (auto const& line : cart.lines) std::cout << line.pieces << ' ' << line.product->name << '\n';

    Cart const bare = co_await carts.get(id, without_autoload);
    Cart const without_products = co_await carts.get(id, with<&Cart::lines>(without_autoload)); // all lines
    std::cout << bare.lines.loaded() << without_products.lines.size() << '\n';
}
//]

//[morph_read
asio::awaitable<void> list_subjects(dynasio::client db, std::vector<std::string> ids) {
    using namespace dynasio::dsl;
    repository<Remark> remarks(db);
    auto const found = co_await remarks.find_many(
        ids, with<&Remark::subject>(when<Essay>(field<&Essay::title> != "", with_count<&Essay::remarks>())));
    for (auto const& remark : found) {
        if (!remark) continue;
        if (Essay const* essay = remark->subject.get_if<Essay>())
            std::cout << essay->title << ", " << essay->remarks.count() << " remarks\n";
        else if (remark->subject.holds<Video>())
            std::cout << remark->subject.get_if<Video>()->seconds << " s\n";
        else
            std::cout << "about nothing\n";
    }
}
//]

//[link_table
struct Orchestra;
struct Musician {
    std::string id{}, name{};
    dynasio::belongs_to_many<Orchestra> orchestras{};
};
struct Orchestra {
    std::int64_t number{};
    std::string name{};
    dynasio::belongs_to_many<Musician> musicians{};
};

constexpr auto dynasio_schema(dynasio::tag<Musician>) {
    using namespace dynasio::dsl;
    return entity<Musician>(
        partition_key<&Musician::id>,
        relate<&Musician::orchestras>(
            pivot_table{"engagements"}.key("musician_id", "orchestra").index("by_orchestra").created_at("since")));
}
constexpr auto dynasio_schema(dynasio::tag<Orchestra>) {
    using namespace dynasio::dsl;
    return entity<Orchestra>(partition_key<&Orchestra::number>,
                             relate<&Orchestra::musicians>(inverse_of<&Musician::orchestras>));
}
//]

//[engage
asio::awaitable<void> engage(dynasio::client db, Musician const& musician, Orchestra const& orchestra) {
    using namespace dynasio::dsl;
    repository<Musician> musicians(db);
    co_await musicians.related<&Musician::orchestras>(musician).attach(orchestra, pivot("desk", 3));
    auto const again = co_await musicians.get(musician.id, with<&Musician::orchestras>());
    for (auto const& [at, row] : again.orchestras.with_pivot())
        if (auto const* const instrument = row.find("instrument")) // the other program stores it
            std::cout << at.name << ": " << instrument->as_string() << '\n';
}
//]

//[symmetric
struct Hiker {
    std::string id{}, name{};
    dynasio::belongs_to_many<Hiker> companions{};
};

constexpr auto dynasio_schema(dynasio::tag<Hiker>) {
    using namespace dynasio::dsl;
    return entity<Hiker>(partition_key<&Hiker::id>, relate<&Hiker::companions>(symmetric));
}

asio::awaitable<void> meet(dynasio::client db, Hiker const& ann, Hiker const& bob) {
    using namespace dynasio::dsl;
    repository<Hiker> hikers(db);
    co_await hikers.related<&Hiker::companions>(ann).attach(bob, pivot("met_at", "Ben Nevis"));
    auto const again = co_await hikers.get(bob.id, with<&Hiker::companions>());
    for (auto const& [companion, row] : again.companions.with_pivot())
        std::cout << again.name << " met " << companion.name << " at " << row.find("met_at")->as_string() << '\n';
}
//]

//[show_festival
asio::awaitable<void> show_festival(dynasio::client db, std::string id) {
    using namespace dynasio::dsl;
    dynasio::load_report report;
    auto const found = co_await repository<Festival>(db).get(key(id, "FESTIVAL"), with<&Festival::acts>(),
                                                             with<&Festival::stalls>(), report_to(report));
    for (Act const& act : found.acts) std::cout << act.band << '\n';
    for (Stall const& stall : found.stalls) std::cout << stall.sells << '\n';
    std::cout << report.requests() << " request\n";
}
//]

//[summary
void print_relations(std::ostream& out) {
    for (auto const& relation : dynasio::describe_relations<Remark>()) out << to_string(relation) << '\n';
}
//]

class docs_relations : public docs_database<User, Profile, Post, Comment, Role> {};
class docs_autoload : public docs_database<Product, CartLine, Cart> {};
class docs_references : public docs_database<Reader, Delivery, Subscription, Magazine> {};
class docs_link_table : public docs_database<Musician, Orchestra> {};
class docs_symmetric : public docs_database<Hiker> {};
class docs_collection : public docs_database<Festival> {};
class docs_morph : public docs_database<Essay, Video, Remark> {};

TEST_F(docs_relations, are_named_by_a_text) {
    auto const ann = saved(User{.id = "u1", .email = "ann@example.com"});
    saved(Post{.id = "p1", .author_id = "u1", .title = "One"});
    EXPECT_EQ(printed_by(answer(db_, ann.id, "posts.comments,profile")), "1 posts\n");
    EXPECT_EQ(printed_by(answer(db_, ann.id, "profile")), "");
    try {
        run(answer(db_, ann.id, "posts.author"));
        ADD_FAILURE() << "it is not allowed";
    } catch (dynasio::error const& e) {
        EXPECT_EQ(e.code(), dynasio::errc::invalid_argument);
    }
}

TEST_F(docs_relations, are_values) {
    auto const ann = saved(User{.id = "u1", .email = "ann@example.com"});
    saved(Post{.id = "p1", .author_id = "u1", .title = "One"});
    EXPECT_EQ(printed_by(report(db_, ann.id, true)), "1 posts, roles known\n");
    EXPECT_EQ(printed_by(report(db_, ann.id, false)), "1 posts, roles unknown\n");
}

TEST_F(docs_autoload, comes_by_itself) {
    saved(Product{.id = "t", .name = "tea"});
    saved(Cart{.id = "c"});
    saved(CartLine{.id = "l1", .cart_id = "c", .product_id = "t", .pieces = 2});
    saved(CartLine{.id = "l2", .cart_id = "c", .product_id = "t", .pieces = 0});
    EXPECT_EQ(printed_by(read_cart(db_, "c")), "2 tea\n02\n");
}

TEST_F(docs_morph, leads_to_entities_of_several_types) {
    saved(Essay{.id = "e", .title = "On tea"});
    saved(Video{.id = "v", .seconds = 90});
    saved(Remark{.id = "r1", .subject_type = "essays", .subject_id = "e"});
    saved(Remark{.id = "r2", .subject_type = "App\\Video", .subject_id = "v"});
    saved(Remark{.id = "r3"});
    std::vector<std::string> const ids{"r1", "r2", "r3"};
    EXPECT_EQ(printed_by(list_subjects(db_, ids)), "On tea, 1 remarks\n90 s\nabout nothing\n");
}

TEST_F(docs_references, refer_to_other_members_and_go_through_a_belongs_to) {
    saved(Reader{.id = "r", .email = "ann@example.com"});
    saved(Delivery{.id = "d1", .reader_email = "ann@example.com"});
    saved(Delivery{.id = "d2", .reader_email = "bob@example.com"});
    saved(Magazine{.id = "m1", .title = "Knots"});
    saved(Magazine{.id = "m2", .title = "Sails"});
    saved(Subscription{.id = "s1", .reader_id = "r", .magazine_id = "m2"});
    saved(Subscription{.id = "s2", .reader_id = "r", .magazine_id = "m1"});
    saved(Subscription{.id = "s3", .reader_id = "r", .magazine_id = "m2"});
    EXPECT_EQ(printed_by(show_reader(db_, "r")), "1 deliveries to ann@example.com\nSails\nKnots\n");
}

TEST_F(docs_link_table, has_the_attributes_that_were_named) {
    auto const ann = saved(Musician{.id = "ann", .name = "Ann"});
    auto const opera = saved(Orchestra{.number = 7, .name = "Opera"});
    dynasio::dynamodb::item row;
    row.emplace("musician_id", "ann");
    row.emplace("orchestra", 7);
    row.emplace("instrument", "viola");
    run(db_.put_item(dynasio::dynamodb::put_item_request(db_.options().table_prefix + "engagements", row)));
    EXPECT_EQ(printed_by(engage(db_, ann, opera)), "Opera: viola\n");
}

TEST_F(docs_symmetric, links_are_seen_from_both_ends) {
    auto const ann = saved(Hiker{.id = "ann", .name = "Ann"});
    auto const bob = saved(Hiker{.id = "bob", .name = "Bob"});
    EXPECT_EQ(printed_by(meet(db_, ann, bob)), "Bob met Ann at Ben Nevis\n");
}

TEST_F(docs_collection, comes_with_its_owner) {
    saved(Festival{.id = "f", .title = "Folk"});
    saved(Act{.festival_id = "f", .part = "ACT#1", .band = "The Reels"});
    saved(Stall{.festival_id = "f", .part = "STALL#1", .sells = "tea"});
    EXPECT_EQ(printed_by(show_festival(db_, "f")), "The Reels\ntea\n1 request\n");
}

TEST(docs_summary, names_relations) {
    std::ostringstream out;
    print_relations(out);
    EXPECT_EQ(out.str(), "Remark.subject: morph_to Essay or Video by subject_type, subject_id of Remark, reads essays, "
                         "videos, inverse Essay.remarks\n");
}

} // namespace
} // namespace guide
