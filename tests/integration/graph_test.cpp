#include <dynasio/orm/along.hpp>
#include <dynasio/orm/autosave.hpp>
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/tracked.hpp>
#include <dynasio/orm/unique.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "integration/database_test.hpp"

// Saves of entities along with what they are related to, against a real server.
namespace press {

using namespace dynasio::dsl;

struct Article;
struct Bio;
struct Login;
struct Tag;

struct Address {
    std::string id{};
    std::string city{};
    std::uint64_t version{};
};
struct Author {
    std::string id{};
    std::string name{};
    std::optional<std::string> address_id{};
    std::uint64_t version{};
    belongs_to<Address> address{};
    has_many<Article> articles{};
    has_one<Bio> bio{};
    has_many<Login> logins{};
    belongs_to_many<Tag> tags{};
};
struct Remark {
    std::string id{};
    std::string article_id{};
    std::string text{};
};
struct Article {
    std::string id{};
    std::optional<std::string> author_id{};
    std::string title{};
    dynasio::timestamp created_at{}, updated_at{};
    std::uint64_t version{};
    has_many<Remark> remarks{};
};
struct Bio {
    std::string author_id{};
    std::string text{};
};
struct Login {
    std::string id{};
    std::string author_id{};
    std::string email{};
};
struct Tag {
    std::string id{};
    std::string name{};
};
/// Saves its lines along with it, and these their product.
struct Product {
    std::string id{};
    std::string name{};
};
struct Line {
    std::string order_id{};
    int number{};
    std::string product_id{};
    belongs_to<Product> product{};
};
struct Order {
    std::string id{};
    std::string note{};
    has_many<Line> lines{};
};
/// Lies within others of its kind.
struct Folder {
    std::string id{};
    std::optional<std::string> above{};
    has_many<Folder> below{};
};
/// Nothing but its key, which names its show.
struct Seat {
    std::string show_id{};
    int number{};
};
struct Show {
    std::string id{};
    std::string title{};
    has_many<Seat> seats{};
};

/// What hooks have seen.
inline std::vector<std::string> events;

constexpr auto dynasio_schema(tag<Address>) {
    return entity<Address>(table{"addresses"}, partition_key<&Address::id>, version<&Address::version>);
}
constexpr auto dynasio_schema(tag<Author>) {
    return entity<Author>(table{"authors"}, partition_key<&Author::id>, version<&Author::version>,
                          relate<&Author::address>(by<&Author::address_id>),
                          relate<&Author::articles>(by<&Article::author_id>), relate<&Author::bio>(by<&Bio::author_id>),
                          relate<&Author::logins>(by<&Login::author_id>), relate<&Author::tags>());
}
constexpr auto dynasio_schema(tag<Article>) {
    return entity<Article>(
        table{"articles"}, partition_key<&Article::id>, gsi<&Article::author_id>{"by_author"},
        timestamps<&Article::created_at, &Article::updated_at>, version<&Article::version>,
        relate<&Article::remarks>(by<&Remark::article_id>),
        check<&Article::title>([](std::string const& title) { return title != "bad"; }, "is not to be bad"),
        normalize<&Article::title>([](std::string& title) { title.erase(0, title.find_first_not_of(' ')); }),
        before_save([](Article& a) { events.push_back("before " + a.title); }),
        after_create([](Article& a) { events.push_back("created " + a.title); }),
        after_save([](Article& a) { events.push_back("after " + a.title); }),
        after_remove([](Article const& a) { events.push_back("removed " + a.title); }));
}
constexpr auto dynasio_schema(tag<Remark>) {
    return entity<Remark>(table{"remarks"}, partition_key<&Remark::id>, gsi<&Remark::article_id>{"by_article"});
}
constexpr auto dynasio_schema(tag<Bio>) { return entity<Bio>(table{"bios"}, partition_key<&Bio::author_id>); }
constexpr auto dynasio_schema(tag<Login>) {
    return entity<Login>(table{"logins"}, partition_key<&Login::id>, gsi<&Login::author_id>{"by_author"},
                         dynasio::unique<&Login::email>);
}
constexpr auto dynasio_schema(tag<Tag>) { return entity<Tag>(table{"tags"}, partition_key<&Tag::id>); }
constexpr auto dynasio_schema(tag<Product>) { return entity<Product>(table{"products"}, partition_key<&Product::id>); }
constexpr auto dynasio_schema(tag<Line>) {
    return entity<Line>(table{"lines"}, partition_key<&Line::order_id>, sort_key<&Line::number>,
                        relate<&Line::product>(by<&Line::product_id>), autosave<&Line::product>());
}
constexpr auto dynasio_schema(tag<Order>) {
    return entity<Order>(table{"orders"}, partition_key<&Order::id>, relate<&Order::lines>(by<&Line::order_id>),
                         autosave<&Order::lines>(replace_missing));
}
constexpr auto dynasio_schema(tag<Folder>) {
    return entity<Folder>(table{"folders"}, partition_key<&Folder::id>, gsi<&Folder::above>{"by_above"},
                          relate<&Folder::below>(by<&Folder::above>));
}
constexpr auto dynasio_schema(tag<Seat>) {
    return entity<Seat>(table{"seats"}, partition_key<&Seat::show_id>, sort_key<&Seat::number>);
}
constexpr auto dynasio_schema(tag<Show>) {
    return entity<Show>(table{"shows"}, partition_key<&Show::id>, relate<&Show::seats>(by<&Seat::show_id>));
}
static_assert(
    dynasio::verify<Address, Author, Article, Remark, Bio, Login, Tag, Product, Line, Order, Folder, Seat, Show>());

} // namespace press

namespace dynasio::press_tests {
namespace {

using namespace dynasio::dsl;
using press::Address;
using press::Article;
using press::Author;
using press::Bio;
using press::Folder;
using press::Line;
using press::Login;
using press::Order;
using press::Product;
using press::Remark;
using press::Seat;
using press::Show;
using press::Tag;
using testing::match;

class graphs : public test::database_test {
protected:
    graphs() {
        create_tables<Address, Author, Article, Remark, Bio, Login, Tag, Product, Line, Order, Folder, Seat, Show>();
        press::events.clear();
    }

    static Article article(std::string title) {
        Article made;
        made.title = std::move(title);
        return made;
    }
    static Login login(std::string email) {
        Login made;
        made.email = std::move(email);
        return made;
    }
    /// How many requests an operation sends.
    template <class T> std::size_t requests_of(boost::asio::awaitable<T> op) {
        endpoint.clear();
        run(std::move(op));
        return endpoint.count();
    }
    Author loaded(std::string const& id) {
        return run(authors.get(id, with<&Author::address>(), with<&Author::articles>(with<&Article::remarks>()),
                               with<&Author::bio>(), with<&Author::logins>(), with<&Author::tags>()));
    }
    Author stored_author(std::vector<std::string> const& titles) {
        Author ann;
        ann.id = "ann";
        ann.name = "Ann";
        std::vector<Article> written;
        for (auto const& title : titles) written.push_back(article(title));
        ann.articles.set(std::move(written));
        run(repository<Author>(direct).create(ann, along<&Author::articles>()));
        press::events.clear();
        return loaded("ann");
    }
    static std::string titles_of(Author const& author) {
        std::string all;
        for (auto const& each : author.articles) all += (all.empty() ? "" : " ") + each.title;
        return all;
    }
    std::string stored_titles() {
        std::set<std::string> titles;
        for (auto const& each : run(articles.scan().all())) titles.insert(each.title);
        std::string all;
        for (auto const& each : titles) all += (all.empty() ? "" : " ") + each;
        return all;
    }

    repository<Author> authors{db};
    repository<tracked<Author>> tracked_authors{db};
    repository<Article> articles{direct};
    repository<Order> orders{db};
};

TEST_F(graphs, a_new_graph_is_stored_together_with_the_keys_that_it_makes) {
    Author ann;
    ann.name = "Ann";
    Address home;
    home.city = "Oslo";
    ann.address.set(std::make_shared<Address>(home));
    Article first = article("one");
    Remark remark;
    remark.text = "fine";
    first.remarks.set({remark, remark});
    ann.articles.set({first, article("two")});
    Bio bio;
    bio.text = "lives";
    ann.bio.set(std::make_shared<Bio>(bio));
    Tag tag;
    tag.name = "new";
    ann.tags.set({{tag, pivot("weight", 3)}});

    EXPECT_EQ(
        requests_of(authors.create(ann, along<&Author::address>(), along<&Author::articles>(along<&Article::remarks>()),
                                   along<&Author::bio>(), along<&Author::tags>())),
        1u);
    EXPECT_EQ(endpoint.count("TransactWriteItems"), 1u);
    ASSERT_FALSE(ann.id.empty());
    EXPECT_EQ(ann.version, 1u);
    EXPECT_EQ(ann.address_id, ann.address->id);
    EXPECT_EQ(ann.address->version, 1u);
    EXPECT_EQ(ann.bio->author_id, ann.id);
    ASSERT_EQ(ann.articles.size(), 2u);
    EXPECT_EQ(ann.articles[0].author_id, ann.id);
    EXPECT_EQ(ann.articles[0].version, 1u);
    EXPECT_TRUE(ann.articles[0].created_at.is_set());
    EXPECT_EQ(ann.articles[0].remarks[1].article_id, ann.articles[0].id);

    Author const read = loaded(ann.id);
    EXPECT_EQ(read.address->city, "Oslo");
    EXPECT_EQ(titles_of(read), "one two");
    EXPECT_EQ(read.articles[0].remarks.size(), 2u);
    EXPECT_EQ(read.bio->text, "lives");
    ASSERT_EQ(read.tags.size(), 1u);
    EXPECT_EQ(read.tags[0].id, ann.tags[0].id);
    EXPECT_EQ(*(*read.tags.with_pivot().begin()).pivot.find("weight"), dynamodb::attribute_value(3));
}

TEST_F(graphs, only_what_has_changed_is_written) {
    Author ann = stored_author({"one", "two", "three"});
    auto kept = track(ann);
    EXPECT_EQ(requests_of(tracked_authors.save(kept, along<&Author::articles>())), 0u);
    kept->articles.edit()[1].title = "TWO";
    EXPECT_EQ(requests_of(tracked_authors.save(kept, along<&Author::articles>())), 1u);
    EXPECT_EQ(endpoint.count("UpdateItem", prefix + "articles"), 1u) << "one write is sent by itself";
    auto const body = endpoint.requests().front().body;
    EXPECT_EQ(body.find("author_id"), std::string::npos) << "attributes without changes are not written: " << body;
    EXPECT_EQ(kept->articles[1].version, 2u);
    EXPECT_EQ(ann.articles[1].title, "two") << "a copy of the entity shares no change";
    EXPECT_EQ(requests_of(tracked_authors.save(kept, along<&Author::articles>())), 0u);
    kept->articles.edit()[1].title = "2";
    run(tracked_authors.save(kept, along<&Author::articles>()));
    EXPECT_EQ(kept->articles[1].version, 3u) << "the handle knows what it has stored";
    EXPECT_EQ(stored_titles(), "2 one three");
}

TEST_F(graphs, a_handle_that_is_not_loaded_loses_nothing) {
    stored_author({"one", "two"});
    Author ann = run(authors.get("ann"));
    run(authors.save(ann, along<&Author::articles>(replace_missing)));
    EXPECT_FALSE(ann.articles.loaded());
    ann.articles.set(std::vector<Article>());
    run(authors.save(ann, along<&Author::articles>(replace_missing)));
    EXPECT_EQ(stored_titles(), "one two") << "an empty handle that no load has filled removes nothing";

    Author part = run(authors.get("ann", with<&Author::articles>(limit(1))));
    auto const first = part.articles[0].title;
    part.articles.edit().clear();
    run(authors.save(part, along<&Author::articles>(replace_missing)));
    EXPECT_EQ(stored_titles(), first == "one" ? "two" : "one") << "what was not loaded stays";
}

TEST_F(graphs, what_is_missing_is_removed_when_that_is_asked_for) {
    Author ann = stored_author({"one", "two", "three"});
    ann.articles.edit()[0].remarks.edit().emplace_back().text = "r";
    run(authors.save(ann, along<&Author::articles>(along<&Article::remarks>())));
    press::events.clear();

    auto& edited = ann.articles.edit();
    edited.erase(edited.begin(), edited.begin() + 2);
    edited.push_back(article("four"));
    run(authors.save(ann, along<&Author::articles>()));
    EXPECT_EQ(titles_of(ann), "three four");
    EXPECT_EQ(stored_titles(), "four one three two");
    run(authors.save(ann, along<&Author::articles>(replace_missing, along<&Article::remarks>(replace_missing))));
    EXPECT_EQ(stored_titles(), "four three") << "the handle still knew what it had been loaded with";
    EXPECT_EQ(run(repository<Remark>(direct).scan().count()), 0u);
    EXPECT_EQ(press::events,
              (std::vector<std::string>{"before four", "created four", "after four", "removed one", "removed two"}));
}

TEST_F(graphs, a_child_of_another_owner_is_refused_before_anything_is_written) {
    Author ann = stored_author({"one"});
    Article stranger = article("two");
    stranger.author_id = "bob";
    ann.articles.edit().push_back(stranger);
    endpoint.clear();
    auto const refused = failure_of(authors.save(ann, along<&Author::articles>()));
    EXPECT_EQ(refused.code, errc::invalid_argument);
    EXPECT_EQ(refused.info->relation_path, "Author.articles");
    EXPECT_EQ(endpoint.count(), 0u);

    Author copy = loaded("ann");
    copy.id.clear();
    EXPECT_EQ(failure_of(authors.save(copy, along<&Author::articles>())).code, errc::invalid_argument);
    EXPECT_TRUE(copy.id.empty());
    EXPECT_EQ(endpoint.count("TransactWriteItems"), 0u);
}

TEST_F(graphs, a_failure_leaves_everything_as_it_was) {
    Author ann = stored_author({"one", "two"});
    Author other = ann;
    other.articles.edit()[0].title = "1";
    run(authors.save(other, along<&Author::articles>()));

    ann.version = other.version;
    Address home;
    home.city = "Bergen";
    ann.address.set(std::make_shared<Address>(home));
    ann.articles.edit()[0].title = "eins";
    ann.articles.edit().push_back(article("three"));
    auto const refused = failure_of(authors.save(ann, along<&Author::address>(), along<&Author::articles>()));
    EXPECT_EQ(refused.code, errc::stale_version);
    EXPECT_EQ(refused.info->entity, "Article");
    EXPECT_EQ(ann.address_id, std::nullopt);
    EXPECT_TRUE(ann.address->id.empty());
    EXPECT_TRUE(ann.articles[2].id.empty());
    EXPECT_EQ(ann.articles[2].author_id, std::nullopt);
    EXPECT_EQ(ann.articles[2].version, 0u);
    EXPECT_EQ(stored_titles(), "1 two");

    ann.articles.edit()[2].title = "bad";
    EXPECT_EQ(failure_of(authors.save(ann, along<&Author::articles>())).code, errc::invalid_entity);
}

TEST_F(graphs, keys_stay_when_the_outcome_is_unknown_so_that_saving_again_stores_no_second_graph) {
    Author ann;
    ann.articles.set({article("one")});
    endpoint.on(match("TransactWriteItems")).always().drop_connection(testing::drop_time::after_forwarding);
    auto const refused = failure_of(authors.save(ann, along<&Author::articles>()));
    EXPECT_TRUE(refused.info->outcome_unknown) << refused.to_string();
    EXPECT_FALSE(ann.id.empty());
    EXPECT_FALSE(ann.articles[0].id.empty());
    endpoint.clear_rules();
    EXPECT_EQ(failure_of(authors.save(ann, along<&Author::articles>())).code, errc::already_exists);
    EXPECT_EQ(stored_titles(), "one");
}

TEST_F(graphs, a_belongs_to_gives_its_key_to_the_entity) {
    Author ann = stored_author({});
    Address home;
    home.city = "Oslo";
    ann.address.set(std::make_shared<Address>(home));
    run(authors.save(ann, along<&Author::address>()));
    auto const first = *ann.address_id;
    ann.address.edit().city = "Bergen";
    run(authors.save(ann, along<&Author::address>()));
    EXPECT_EQ(ann.address_id, first);
    EXPECT_EQ(loaded("ann").address->city, "Bergen");
    EXPECT_EQ(ann.address->version, 2u);

    ann.address.set(std::make_shared<Address>(home)); // another one
    run(authors.save(ann, along<&Author::address>()));
    EXPECT_NE(ann.address_id, first);
    EXPECT_TRUE(run(repository<Address>(direct).find(first))) << "what it named before stays";

    ann.address.set(nullptr);
    run(authors.save(ann, along<&Author::address>()));
    EXPECT_EQ(ann.address_id, std::nullopt);
    EXPECT_EQ(loaded("ann").address.get(), nullptr);

    ann.address_id = "elsewhere";
    ann.address.set(std::make_shared<Address>(home));
    EXPECT_EQ(failure_of(authors.save(ann, along<&Author::address>())).code, errc::invalid_argument);
}

TEST_F(graphs, links_are_attached_and_detached_by_difference) {
    Author ann = stored_author({});
    auto const named = [](std::string name) {
        Tag tag;
        tag.name = std::move(name);
        return tag;
    };
    ann.tags.set({named("a"), named("b")});
    run(authors.save(ann, along<&Author::tags>()));
    Author read = loaded("ann");
    ASSERT_EQ(read.tags.size(), 2u);
    std::vector<std::pair<Tag, pivot>> now;
    now.emplace_back(read.tags[0], pivot("weight", 1));
    now.emplace_back(named("c"), pivot());
    read.tags.set(now);
    auto without = read;
    run(authors.save(without, along<&Author::tags>()));
    EXPECT_EQ(loaded("ann").tags.size(), 3u) << "only replace_missing detaches";
    EXPECT_EQ(without.tags.size(), 2u);
    run(authors.save(without, along<&Author::tags>(replace_missing)));
    Author const after = loaded("ann");
    ASSERT_EQ(after.tags.size(), 2u);
    EXPECT_EQ(run(repository<Tag>(direct).scan().count()), 3u) << "entities behind links are never removed";
    EXPECT_EQ(requests_of(authors.save(without, along<&Author::tags>(replace_missing))), 1u) << "the author alone";
}

TEST_F(graphs, unique_members_are_guarded_and_counted) {
    Author ann = stored_author({});
    ann.logins.set({login("a@x"), login("b@x")});
    run(authors.save(ann, along<&Author::logins>()));
    auto& edited = ann.logins.edit();
    edited.erase(edited.begin());
    edited.push_back(login("a@x"));
    run(authors.save(ann, along<&Author::logins>(replace_missing)));
    ann.logins.edit().push_back(login("b@x"));
    EXPECT_EQ(failure_of(authors.save(ann, along<&Author::logins>())).code, errc::not_unique);
    ann.logins.edit().pop_back();
    for (int i = 0; i < 50; ++i) ann.logins.edit().push_back(login(std::to_string(i)));
    auto const refused = failure_of(authors.save(ann, along<&Author::logins>()));
    EXPECT_EQ(refused.code, errc::batch_too_large) << "51 writes and 50 guards";
    EXPECT_NE(refused.to_string().find("in_parts"), std::string::npos) << refused.to_string();
    EXPECT_TRUE(ann.logins[40].id.empty());
    run(authors.save(ann, along<&Author::logins>(), in_parts));
    EXPECT_EQ(loaded("ann").logins.size(), 52u);
}

TEST_F(graphs, parts_that_were_committed_are_in_memory_and_the_rest_is_stored_by_saving_again) {
    Author ann;
    ann.id = "ann";
    std::vector<Article> many;
    for (int i = 0; i < 230; ++i) many.push_back(article(test::numbered("a", static_cast<std::size_t>(i))));
    ann.articles.set(many);
    EXPECT_EQ(failure_of(authors.create(ann, along<&Author::articles>())).code, errc::batch_too_large);
    endpoint.on(match("TransactWriteItems")).nth(2).answer_error(400, "AccessDeniedException", "no");
    auto const refused = failure_of(authors.create(ann, along<&Author::articles>(), in_parts));
    EXPECT_EQ(refused.code, service_errc::access_denied);
    EXPECT_EQ(ann.version, 1u);
    ASSERT_EQ(ann.articles.size(), 230u);
    EXPECT_EQ(std::count_if(ann.articles.begin(), ann.articles.end(), [](auto const& a) { return a.version == 1; }),
              99);
    EXPECT_TRUE(ann.articles[99].id.empty());
    endpoint.clear_rules();
    run(authors.save(ann, along<&Author::articles>(), in_parts));
    EXPECT_EQ(run(articles.scan().count()), 230u);
    EXPECT_EQ(loaded("ann").articles.size(), 230u);
    EXPECT_EQ(run(authors.find("ann"))->version, 2u);
}

TEST_F(graphs, schemas_save_relations_along_unless_a_call_says_otherwise) {
    Order order;
    Line line;
    line.number = 1;
    Product nut;
    nut.name = "nut";
    line.product.set(std::make_shared<Product>(nut));
    order.lines.set({line});
    run(orders.save(order));
    ASSERT_EQ(order.lines.size(), 1u);
    EXPECT_EQ(order.lines[0].order_id, order.id);
    EXPECT_EQ(order.lines[0].product_id, order.lines[0].product->id);
    EXPECT_FALSE(order.lines[0].product_id.empty());

    order.lines.edit().clear();
    order.note = "empty";
    EXPECT_EQ(requests_of(orders.save(order, without_autosave)), 1u);
    EXPECT_EQ(endpoint.count("UpdateItem"), 1u);
    EXPECT_EQ(run(repository<Line>(direct).scan().count()), 1u);
    run(orders.save(order));
    EXPECT_EQ(run(repository<Line>(direct).scan().count()), 0u);
}

TEST_F(graphs, a_relation_within_itself_keeps_its_levels) {
    Folder top{.id = "a"}, middle{.id = "b"};
    middle.below.set({Folder{.id = "c"}, Folder{.id = "d"}});
    top.below.set({middle});
    run(repository<Folder>(db).save(top, along<&Folder::below>(along<&Folder::below>())));
    auto const read = run(repository<Folder>(direct).get("a", with<&Folder::below>(with<&Folder::below>())));
    ASSERT_EQ(read.below.size(), 1u);
    EXPECT_EQ(ids(read.below[0].below), "c d");
}

TEST_F(graphs, an_entity_of_nothing_but_its_key_is_stored_along_with_its_new_owner) {
    repository<Show> shows{db};
    Show show;
    show.seats.set({Seat{.number = 1}, Seat{.number = 2}});
    EXPECT_EQ(requests_of(shows.save(show, along<&Show::seats>())), 1u);
    EXPECT_EQ(run(repository<Seat>(direct).scan().count()), 2u);

    show.seats.edit().push_back(Seat{.number = 3});
    show.title = "Again";
    auto const refused = failure_of(shows.save(show, along<&Show::seats>()));
    EXPECT_EQ(refused.code, errc::invalid_argument) << "no transaction saves what may be there and has no attribute";
    EXPECT_NE(refused.to_string().find("in_parts"), std::string::npos) << refused.to_string();
    EXPECT_EQ(run(repository<Show>(direct).get(show.id)).title, "");
    run(shows.save(show, along<&Show::seats>(), in_parts));
    EXPECT_EQ(run(repository<Seat>(direct).scan().count()), 3u);
    EXPECT_EQ(run(repository<Show>(direct).get(show.id)).title, "Again");
}

TEST_F(graphs, an_item_that_two_places_hold_is_refused_before_anything_is_written) {
    Author ann;
    ann.id = "ann";
    Article twice = article("one");
    twice.id = "x";
    std::vector<Article> many(120, article("other"));
    many.front() = twice;
    many.back() = twice;
    ann.articles.set(many);
    endpoint.clear();
    EXPECT_EQ(failure_of(authors.create(ann, along<&Author::articles>(), in_parts)).code, errc::invalid_argument);
    EXPECT_EQ(endpoint.count(), 0u);
}

TEST_F(graphs, an_entity_that_is_made_anew_under_a_stored_key_keeps_when_that_was_created) {
    Author ann = stored_author({"one", "two"});
    auto const created = ann.articles[0].created_at;
    ASSERT_TRUE(created.is_set());
    std::vector<Article> anew;
    for (auto const& each : ann.articles) {
        anew.push_back(article(each.title));
        anew.back().id = each.id;
        anew.back().author_id = "ann";
    }
    anew[1].title = "2";
    ann.articles.set(anew);
    run(authors.save(ann, along<&Author::articles>()));
    Author const read = loaded("ann");
    for (auto const& each : read.articles) EXPECT_TRUE(each.created_at.is_set()) << each.title;
    EXPECT_EQ(ann.articles[0].created_at, created);
    EXPECT_EQ(ann.articles[0].version, 1u) << "nothing has changed of it";
    EXPECT_EQ(ann.articles[1].version, 2u);
    EXPECT_EQ(ann.articles[1].created_at, read.articles[1].created_at);
    ann.articles.edit()[0].title = "1";
    ann.articles.edit()[1].title = "zwei";
    run(authors.save(ann, along<&Author::articles>()));
    EXPECT_EQ(stored_titles(), "1 zwei");
}

TEST_F(graphs, a_child_that_has_moved_meanwhile_is_not_removed) {
    Author ann = stored_author({"one", "two"});
    Author bob;
    bob.id = "bob";
    run(repository<Author>(direct).create(bob));
    // A remark has no version that could tell.
    ann.articles.edit()[0].remarks.edit().emplace_back().text = "fine";
    run(authors.save(ann, along<&Author::articles>(along<&Article::remarks>())));
    Author const before = loaded("ann");
    Remark moved = before.articles[0].remarks[0];
    moved.article_id = before.articles[1].id;
    run(repository<Remark>(direct).save(moved));

    Author stale = before;
    stale.articles.edit()[0].remarks.edit().clear();
    auto const refused =
        failure_of(authors.save(stale, along<&Author::articles>(along<&Article::remarks>(replace_missing))));
    EXPECT_EQ(refused.code, errc::condition_failed);
    EXPECT_EQ(refused.info->entity, "Remark");
    EXPECT_TRUE(run(repository<Remark>(direct).find(moved.id)));

    run(repository<Remark>(direct).remove(moved));
    run(authors.save(stale, along<&Author::articles>(along<&Article::remarks>(replace_missing))));
}

TEST_F(graphs, an_entity_that_is_in_a_handle_twice_is_refused) {
    Author ann = stored_author({"one"});
    ann.articles.edit().push_back(ann.articles[0]);
    endpoint.clear();
    auto const refused = failure_of(authors.save(ann, along<&Author::articles>()));
    EXPECT_EQ(refused.code, errc::invalid_argument);
    EXPECT_NE(refused.to_string().find("twice"), std::string::npos) << refused.to_string();
    EXPECT_EQ(endpoint.count(), 0u);
}

TEST_F(graphs, links_that_stay_keep_their_data_unless_there_are_new_ones) {
    Author ann = stored_author({});
    Tag one, other;
    one.name = "one";
    other.name = "other";
    ann.tags.set({{one, pivot("weight", 3)}});
    run(authors.save(ann, along<&Author::tags>()));
    std::vector<Tag> all{ann.tags[0], other};
    ann.tags.set(all);
    run(authors.save(ann, along<&Author::tags>(replace_missing)));
    EXPECT_EQ(*(*ann.tags.with_pivot().begin()).pivot.find("weight"), dynamodb::attribute_value(3));
    auto const weights = [&] {
        int found = 0;
        for (auto const& each : loaded("ann").tags.with_pivot()) found += each.pivot.find("weight") ? 1 : 0;
        return found;
    };
    EXPECT_EQ(weights(), 1);
}

TEST_F(graphs, a_condition_on_the_root_holds_for_the_whole_graph) {
    Author ann = stored_author({"one"});
    ann.articles.edit()[0].title = "two";
    auto const refused =
        failure_of(authors.save(ann, only_if(field<&Author::name> == "Bob"), along<&Author::articles>()));
    EXPECT_EQ(refused.code, errc::condition_failed);
    EXPECT_EQ(stored_titles(), "one");
    run(authors.save(ann, only_if(field<&Author::name> == "Ann"), along<&Author::articles>()));
    EXPECT_EQ(stored_titles(), "two");
}

TEST_F(graphs, links_that_are_stored_are_not_stored_again) {
    auto ann = track(stored_author({}));
    Tag fresh;
    fresh.name = "new";
    ann->tags.set({{fresh, pivot("weight", 3)}});
    run(tracked_authors.save(ann, along<&Author::tags>()));
    EXPECT_EQ(requests_of(tracked_authors.save(ann, along<&Author::tags>(replace_missing))), 0u);
    auto copy = *ann;
    ann->tags.set(std::vector<Tag>());
    run(tracked_authors.save(ann, along<&Author::tags>(replace_missing)));
    EXPECT_EQ(loaded("ann").tags.size(), 0u) << "the handle knows the link that the save before has made";
    EXPECT_EQ(copy.tags.size(), 1u);
}

TEST_F(graphs, an_entity_that_several_handles_share_is_stored_once) {
    auto const nut = std::make_shared<Product>();
    nut->name = "nut";
    Order order;
    std::vector<Line> lines(2);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        lines[i].number = static_cast<int>(i);
        lines[i].product.set(nut);
    }
    order.lines.set(lines);
    run(orders.save(order));
    EXPECT_EQ(run(repository<Product>(direct).scan().count()), 1u);
    EXPECT_FALSE(order.lines[0].product_id.empty());
    EXPECT_EQ(order.lines[0].product_id, order.lines[1].product_id);
    EXPECT_TRUE(nut->id.empty()) << "what the program shares is not changed";
}

TEST_F(graphs, random_edits_store_what_a_simple_model_says) {
    std::mt19937 random(20261128);
    auto const below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
    struct simple {
        std::string title;
        std::multiset<std::string> remarks;
    };
    std::map<std::string, simple> model; // by the article's key
    auto owner = track(stored_author({}));
    for (int round = 0; round < 40; ++round) {
        bool const replaces = below(2) == 0, replaces_below = below(2) == 0;
        if (below(3) == 0) owner = track(loaded("ann"));
        std::set<std::string> known; // what the handle can tell is missing
        for (auto const& each : owner->articles) known.insert(each.id);
        auto& edited = owner->articles.edit();
        for (std::size_t i = below(4); i > 0; --i) {
            if (edited.empty() || below(3) == 0) {
                edited.push_back(article("t" + std::to_string(below(1000))));
                edited.back().remarks.set(std::vector<Remark>());
            } else if (below(3) == 0) {
                edited.erase(edited.begin() + static_cast<std::ptrdiff_t>(below(edited.size())));
            } else if (below(2) == 0) {
                edited[below(edited.size())].title = "t" + std::to_string(below(1000));
            } else {
                auto& remarks = edited[below(edited.size())].remarks.edit();
                if (!remarks.empty() && below(2) == 0) remarks[below(remarks.size())].text = std::to_string(below(100));
                remarks.emplace_back().text = std::to_string(below(100));
            }
        }
        std::size_t const before = edited.size();
        auto relation = replaces && replaces_below
                            ? along<&Author::articles>(replace_missing, along<&Article::remarks>(replace_missing))
                        : replaces ? along<&Author::articles>(replace_missing, along<&Article::remarks>())
                                   : along<&Author::articles>(along<&Article::remarks>());
        run(tracked_authors.save(owner, std::move(relation)));
        ASSERT_EQ(owner->articles.size(), before);
        std::set<std::string> there;
        for (auto const& each : owner->articles) {
            there.insert(each.id);
            simple& said = model[each.id];
            said.title = each.title;
            said.remarks.clear();
            for (auto const& r : each.remarks) said.remarks.insert(r.text);
        }
        if (replaces)
            std::erase_if(model, [&](auto const& m) { return known.contains(m.first) && !there.contains(m.first); });
        if (!replaces) owner = track(loaded("ann")); // else the handle would know of more than the test
        Author const read = loaded("ann");
        ASSERT_EQ(read.articles.size(), model.size()) << "round " << round;
        for (auto const& each : read.articles) {
            ASSERT_TRUE(model.contains(each.id));
            EXPECT_EQ(each.title, model[each.id].title);
            std::multiset<std::string> remarks;
            for (auto const& r : each.remarks) remarks.insert(r.text);
            EXPECT_EQ(remarks, model[each.id].remarks) << "round " << round;
        }
        EXPECT_EQ(requests_of(tracked_authors.save(
                      owner, along<&Author::articles>(replace_missing, along<&Article::remarks>(replace_missing)))),
                  0u)
            << "round " << round;
    }
}

} // namespace
} // namespace dynasio::press_tests
