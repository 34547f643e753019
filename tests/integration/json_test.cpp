#include <dynasio/orm/json.hpp>

#include <boost/json.hpp>

#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "integration/database_test.hpp"
#include "integration/model.hpp"

// Entities as JSON text, with what was loaded.
namespace told {

using namespace dynasio::dsl;

struct Writer;
struct Book {
    std::string id{};
    std::string writer_id{};
    dynasio::belongs_to<Writer> writer{};
};
struct Writer {
    std::string id{};
    std::string emailAddress{};
    std::optional<int> age{};
    dynasio::dynamodb::number exact{};
    double rate{};
    bool active{};
    std::vector<std::string> tags{};
    std::set<std::string> marks{};
    std::set<int> years{};
    std::vector<std::byte> bytes{};
    dynasio::timestamp born{};
    dynasio::epoch_seconds seen{};
    dynasio::dynamodb::attribute_value any{};
    std::string secret{};
    dynasio::has_many<Book> books{};
    dynasio::has_one<Book> firstBook{};
};
constexpr auto dynasio_schema(dynasio::tag<Book>) {
    return entity<Book>(table{"books"}, partition_key<&Book::id>, gsi<&Book::writer_id>{"by_writer"},
                        relate<&Book::writer>(by<&Book::writer_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Writer>) {
    return entity<Writer>(table{"writers"}, partition_key<&Writer::id>, attribute<&Writer::rate>{"score"},
                          transient<&Writer::secret>, relate<&Writer::books>(by<&Book::writer_id>),
                          relate<&Writer::firstBook>(by<&Book::writer_id>));
}

} // namespace told

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using told::Book;
using told::Writer;
namespace json = boost::json;

Writer example() {
    Writer w;
    w.id = "w\"1";
    w.emailAddress = "ä@b.c";
    w.exact = dynamodb::number::parse("12345678901234567890.123456789");
    w.rate = 0.1;
    w.active = true;
    w.tags.emplace_back("x");
    w.tags.emplace_back("");
    w.marks.insert("m");
    w.years.insert(1999);
    w.years.insert(2026);
    w.bytes.assign(3, std::byte{0xff});
    w.born = *timestamp::parse("2026-11-28T07:00:00.123Z");
    w.seen = epoch_seconds::from_count(1700000000);
    w.any = dynamodb::attribute_value("anything");
    w.secret = "kept";
    return w;
}

TEST(json_of_an_entity, has_the_stored_names_and_plain_values) {
    auto const text = to_json(example());
    EXPECT_EQ(text, R"({"id":"w\"1","email_address":"ä@b.c","exact":12345678901234567890.123456789,"score":0.1,)"
                    R"("active":true,"tags":["x",""],"marks":["m"],"years":[1999,2026],"bytes":"////",)"
                    R"("born":"2026-11-28T07:00:00.123Z","seen":1700000000,"any":"anything"})");
    EXPECT_NO_THROW(static_cast<void>(json::parse(text)));
    EXPECT_EQ(to_json(track(example())), text);
}

TEST(json_of_an_entity, is_read_back) {
    auto const before = example();
    auto const after = from_json<Writer>(to_json(before));
    EXPECT_EQ(to_json(after), to_json(before));
    EXPECT_EQ(after.exact, before.exact);
    EXPECT_EQ(after.bytes, before.bytes);
    EXPECT_EQ(after.years, before.years);
    EXPECT_EQ(after.secret, "");
    EXPECT_EQ(to_json(from_json<Writer>(to_json(Writer()))), to_json(Writer()));
}

TEST(json_of_an_entity, that_is_wrong_is_refused_with_a_name) {
    auto const failure_of = [](char const* text) -> failure {
        try {
            static_cast<void>(from_json<Writer>(text));
        } catch (error const& e) {
            return e.as_failure();
        }
        return {};
    };
    EXPECT_EQ(failure_of("[]").code, errc::invalid_argument);
    EXPECT_EQ(failure_of("{\"id\":\"x\"").code, errc::invalid_argument);
    EXPECT_EQ(failure_of("").code, errc::invalid_argument);
    auto const wrong = failure_of(R"({"id":"x","active":"yes"})");
    EXPECT_EQ(wrong.code, errc::attribute_type_mismatch);
    EXPECT_EQ(wrong.info->entity, "Writer");
    EXPECT_EQ(wrong.info->attribute, "active");
    EXPECT_EQ(failure_of(R"({"age":99999999999})").code, errc::number_out_of_range);
    EXPECT_EQ(failure_of(R"({"age":null,"unknown":{"x":[1]}})").code, error_code());
    Writer bad;
    bad.rate = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THROW(static_cast<void>(to_json(bad)), error);
}

TEST(json_of_an_entity, goes_through_boost_json) {
    auto const before = example();
    json::value const value = json::value_from(before);
    EXPECT_EQ(value.at("email_address"), "ä@b.c");
    auto const after = json::value_to<Writer>(value);
    EXPECT_EQ(after.emailAddress, before.emailAddress);
    json::value const list = json::value_from(std::vector<Writer>(2, before));
    EXPECT_EQ(list.as_array().size(), 2U);
}

class json_of_a_graph : public test::database_test {};

TEST_F(json_of_a_graph, contains_what_is_loaded) {
    create_tables<Writer, Book>();
    Writer writer;
    writer.id = "w";
    save(writer);
    for (auto const* id : {"b1", "b2"}) {
        Book book;
        book.id = id;
        book.writer_id = "w";
        save(book);
    }
    repository<Writer> const writers(direct);
    auto const read = run(writers.get("w", with<&Writer::books>(with<&Book::writer>())));
    EXPECT_EQ(json::parse(to_json(read)).as_object().count("books"), 0U);
    auto const graph = json::parse(to_json(read, json_relations::loaded)).as_object();
    EXPECT_EQ(graph.count("first_book"), 0U) << "it is not loaded";
    auto const& books = graph.at("books").as_array();
    ASSERT_EQ(books.size(), 2U);
    EXPECT_EQ(books[0].at("id"), "b1");
    EXPECT_EQ(books[1].at("writer").at("id"), "w") << "a cycle of the model ends where nothing is loaded";
    EXPECT_EQ(books[1].at("writer").as_object().count("books"), 0U);
    auto const lonely = run(writers.get("w", with<&Writer::firstBook>(field<&Book::id> == "none")));
    EXPECT_TRUE(json::parse(to_json(lonely, json_relations::loaded)).at("first_book").is_null());
    EXPECT_EQ(json::value_from(read).at("books").as_array().size(), 2U);
}

} // namespace
} // namespace dynasio
