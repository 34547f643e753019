#include <dynasio/orm/field.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <orm/wire/statement_text.hpp>
#include <string>

// Statements as they are sent: the table's name, the list of a projection, and what is refused.
namespace quay {

struct Ship {
    std::string id{};
    std::string home{};
    int crew{};
};
struct ShipCard {
    std::string id{};
    int crew{};
};
constexpr auto dynasio_schema(dynasio::tag<Ship>) {
    using namespace dynasio;
    return entity<Ship>(table{"ships"}, partition_key<&Ship::id>);
}
constexpr auto dynasio_schema(dynasio::tag<ShipCard>) {
    return dynasio::entity<ShipCard>(dynasio::projection_of<Ship>);
}

} // namespace quay

namespace dynasio {
namespace {

template <class T = quay::Ship> std::string sent(std::string_view text, std::size_t values = 0) {
    try {
        return detail::statement_to_send(entity_type_of<T>(), text, values, "t.ships");
    } catch (error const& e) {
        EXPECT_EQ(e.code(), errc::invalid_argument);
        return "refused: " + e.info().message;
    }
}

TEST(statement_text, gets_the_physical_name_of_the_table) {
    EXPECT_EQ(sent("SELECT * FROM ships"), "SELECT * FROM \"t.ships\"");
    EXPECT_EQ(sent("select * from \"ships\" where a = 1"), "select * from \"t.ships\" where a = 1");
    EXPECT_EQ(sent(" SELECT\n*\tFROM ships.by_home WHERE home = ?", 1),
              " SELECT\n*\tFROM \"t.ships\".by_home WHERE home = ?");
    EXPECT_EQ(sent("SELECT * FROM ships.\"by_home\" WHERE home = 'FROM ships'"),
              "SELECT * FROM \"t.ships\".\"by_home\" WHERE home = 'FROM ships'");
}

TEST(statement_text, counts_question_marks_outside_of_texts_and_names) {
    EXPECT_EQ(sent("SELECT * FROM ships WHERE a = '?''?' AND \"b?\" = ? AND c IN [?,?]", 3),
              "SELECT * FROM \"t.ships\" WHERE a = '?''?' AND \"b?\" = ? AND c IN [?,?]");
    EXPECT_EQ(sent("SELECT * FROM ships WHERE a = ?"),
              "refused: the statement has 1 question marks, and 0 values are given");
    EXPECT_TRUE(sent("SELECT * FROM ships WHERE a = 'open ?").starts_with("SELECT"))
        << "the service says what is wrong";
}

TEST(statement_text, of_a_projection_names_its_attributes) {
    EXPECT_EQ(sent<quay::ShipCard>("SELECT * FROM ships"), "SELECT \"id\", \"crew\" FROM \"t.ships\"");
    EXPECT_EQ(sent<quay::ShipCard>("SELECT crew, \"id\", home FROM ships"),
              "SELECT crew, \"id\", home FROM \"t.ships\"");
    EXPECT_TRUE(sent<quay::ShipCard>("SELECT crew FROM ships").starts_with("refused: the list of the SELECT lacks id"));
}

TEST(statement_text, what_is_no_whole_selection_of_entities_is_refused) {
    EXPECT_TRUE(sent("SELECT id, home, crew FROM ships").starts_with("refused: the statement reads Ship in part"));
    EXPECT_TRUE(sent("INSERT INTO ships VALUE {}").starts_with("refused: statements of a repository are SELECTs"));
    EXPECT_TRUE(sent("SELECTED * FROM ships").starts_with("refused: statements of a repository are SELECTs"));
    EXPECT_TRUE(sent("SELECT * FROM harbours").starts_with("refused: the statement reads the table harbours"));
    EXPECT_TRUE(sent("SELECT * FROM \"t.ships\"").starts_with("refused: the statement reads the table t.ships"));
    EXPECT_TRUE(sent("SELECT * ships").starts_with("refused: FROM is expected"));
    EXPECT_TRUE(sent("SELECT * FROM").starts_with("refused: the name of the table is expected"));
    EXPECT_TRUE(sent("SELECT size(id) FROM ships").starts_with("refused: the list of the SELECT must be"));
    EXPECT_TRUE(sent("SELECT , FROM ships").starts_with("refused: the list of the SELECT must be"));
}

} // namespace
} // namespace dynasio
