#include <dynasio/orm/expression.hpp>
#include <dynasio/orm/repository.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <orm/plan/access_plan.hpp>
#include <orm/plan/scope.hpp>
#include <set>
#include <string>
#include <vector>

// Conditions as text on an entity: names, types of values, and that they are the conditions that field<> makes.
namespace quarry {

using namespace dynasio::dsl;

enum class Grade { fine, coarse };
constexpr auto dynasio_names(dynasio::tag<Grade>) {
    return enum_names<Grade>({{Grade::fine, "fine"}, {Grade::coarse, "coarse"}});
}
struct Stone {
    std::string id{};
    std::string place{};
    int weight{};
    std::optional<double> price{};
    bool sold{};
    Grade grade{};
    dynasio::timestamp found_at{};
    std::vector<std::string> marks{};
    std::set<int> numbers{};
    std::map<std::string, std::string> notes{};
    dynasio::dynamodb::attribute_value anything{};
    std::string long_name{};
};
constexpr auto dynasio_schema(dynasio::tag<Stone>) {
    return entity<Stone>(partition_key<&Stone::id>, gsi<&Stone::place, &Stone::weight>{"by_place"},
                         attribute<&Stone::long_name>{"ln"});
}

} // namespace quarry

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using quarry::Grade;
using quarry::Stone;

template <class... Values> std::string text_of(std::string_view text, Values const&... values) {
    return to_string(expression<Stone>(text, values...).condition());
}
template <class... Values> std::string refusal_of(std::string_view text, Values const&... values) {
    try {
        static_cast<void>(expression<Stone>(text, values...));
    } catch (error const& e) {
        EXPECT_EQ(e.code(), errc::invalid_argument);
        EXPECT_TRUE(e.info().entity == "Stone" || e.info().entity.empty());
        auto const& message = e.info().message;
        auto const at = message.find("at character");
        return at == std::string::npos ? message : message.substr(at);
    }
    return "none";
}

TEST(condition_text_of_an_entity, is_the_condition_that_fields_make) {
    auto const of_fields = field<&Stone::weight> > 5 && field<&Stone::place>.begins_with("x");
    auto const of_text = expression<Stone>("weight > ? AND begins_with(place, ?)", 5, "x");
    std::string a, b;
    detail::append_identity(a, of_fields.condition());
    detail::append_identity(b, of_text.condition());
    EXPECT_EQ(a, b);
    auto const joined = !(of_text || field<&Stone::sold> == true);
    EXPECT_EQ(to_string(joined.condition()), to_string((!(of_fields || field<&Stone::sold> == true)).condition()));
}

TEST(condition_text_of_an_entity, values_are_encoded_as_members_are) {
    EXPECT_EQ(text_of("grade = ?", Grade::coarse), R"(grade = "coarse")");
    EXPECT_EQ(text_of("ln = ? AND price < ?", std::string("n"), 2.5), R"(ln = "n" and price < 2.5)");
    EXPECT_EQ(text_of("price = ?", std::optional<double>(1)), "price = 1");
    EXPECT_EQ(text_of("weight BETWEEN :a AND :b OR weight = :a", named("a", 1), named("b", 3)),
              "weight between 1 and 3 or weight = 1");
    EXPECT_EQ(text_of("found_at > ?", timestamp(system_time())),
              dynamodb::to_string((field<&Stone::found_at> > timestamp(system_time())).condition()));
    EXPECT_EQ(refusal_of("price = ?", std::optional<double>()),
              "value 1 of an expression is absent; an attribute without a value is attribute_not_exists(name)");
}

TEST(condition_text_of_an_entity, names_are_those_of_stored_attributes) {
    EXPECT_EQ(refusal_of("weigth > ?", 5).substr(0, 71),
              "at character 1: Stone has no attribute weigth; it has id, place, weight");
    EXPECT_EQ(refusal_of("sold = ? AND long_name = ?", true, "x"),
              "at character 14: the member long_name is stored under the name ln");
    EXPECT_EQ(text_of("\"elsewhere\" = ?", 5), "elsewhere = 5") << "quoted: known to the table, not to the entity";
    EXPECT_EQ(text_of("notes.any.thing[3] = ?", 5), "notes.any.thing[3] = 5") << "elements have no declaration";
}

TEST(condition_text_of_an_entity, values_are_of_the_attributes_type) {
    EXPECT_EQ(refusal_of("weight > ?", "5"), "at character 1: weight is stored as N, and the value is of type S");
    EXPECT_EQ(refusal_of("id IN (?, ?)", "a", 1), "at character 1: id is stored as S, and the value is of type N");
    EXPECT_EQ(refusal_of("contains(marks, ?)", 1), "none") << "a list holds anything";
    EXPECT_EQ(refusal_of("contains(place, ?)", 1), "at character 10: place is stored as S, and the value is of type N");
    EXPECT_EQ(refusal_of("contains(numbers, ?)", "1"),
              "at character 10: numbers has elements of type N, and the value is of type S");
    EXPECT_EQ(refusal_of("contains(weight, ?)", 1), "at character 10: weight is stored as N, which contains nothing");
    EXPECT_EQ(refusal_of("size(weight) > ?", 1), "at character 6: weight is stored as N, which has no size");
    EXPECT_EQ(refusal_of("anything > ? AND size(notes) = ?", 1, 2), "none");
}

TEST(condition_text_of_an_entity, takes_part_in_the_choice_of_the_index) {
    detail::query_spec query;
    query.type = &entity_type_of<Stone>();
    query.select.where = expression<Stone>("place = ? AND weight >= ? AND sold = ?", "hill", 3, true).condition();
    auto const plan = detail::plan_of(query);
    EXPECT_EQ(plan.path->name, "by_place");
    EXPECT_EQ(to_string(plan.sort), "weight >= 3");
    EXPECT_EQ(to_string(plan.scope.filter), "sold = true");
}

TEST(condition_text_of_an_entity, what_only_the_service_can_look_at_is_not_evaluated_here) {
    entity_type const& type = entity_type_of<Stone>();
    auto const unknown = expression<Stone>("\"elsewhere\" = ?", 5).condition();
    EXPECT_THROW(static_cast<void>(detail::attributes_evaluated_here(type, unknown)), error);
    EXPECT_EQ(to_string(detail::divide_scope(type, &type.indexes.front(), {unknown}).filter), "elsewhere = 5");
    auto const on_key = expression<Stone>("place = ? OR \"elsewhere\" = ?", "x", 5).condition();
    EXPECT_THROW(static_cast<void>(detail::divide_scope(type, &type.indexes.front(), {on_key})), error)
        << "a condition on the key of its path is evaluated in the client";
}

} // namespace
} // namespace dynasio
