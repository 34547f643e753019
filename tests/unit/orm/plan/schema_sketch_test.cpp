// Entities that are sketched from tables. What is printed is compared with files that are compiled here.

#include <dynasio/orm/schema.hpp>
#include <dynasio/orm/verify.hpp>

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/shapes/table.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <orm/plan/schema_sketch.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "unit/orm/sketches/orders.inc"
#include "unit/orm/sketches/unread.inc"
#include "unit/orm/sketches/wide.inc"

static_assert(dynasio::verify<Order, Unread, Wide>());

namespace {

using namespace dynasio::dynamodb;
using dynasio::detail::schema_sketch;

std::vector<key_schema_element> key_of(std::string const& hash, std::string const& range = "") {
    std::vector<key_schema_element> key;
    key.emplace_back(hash, key_type::hash);
    if (!range.empty()) key.emplace_back(range, key_type::range);
    return key;
}
projection projecting(projection_type type, std::vector<std::string> names = {}) {
    projection p;
    p.projection_type = type;
    if (!names.empty()) p.non_key_attributes = std::move(names);
    return p;
}
void define(table_description& t, std::string const& name, scalar_attribute_type type) {
    if (!t.attribute_definitions) t.attribute_definitions.emplace();
    t.attribute_definitions->emplace_back(name, type);
}
void add_global(table_description& t, std::string const& name, std::vector<key_schema_element> key, projection p) {
    if (!t.global_secondary_indexes) t.global_secondary_indexes.emplace();
    auto& index = t.global_secondary_indexes->emplace_back();
    index.index_name = name;
    index.key_schema = std::move(key);
    index.projection = std::move(p);
}

/// The file that is compiled above.
std::string compiled(std::string const& name) {
    std::ifstream in(std::string(DYNASIO_TEST_DATA) + "/../unit/orm/sketches/" + name);
    EXPECT_TRUE(in) << name;
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

table_description orders() {
    table_description t;
    define(t, "customerId", scalar_attribute_type::s);
    define(t, "number", scalar_attribute_type::n);
    define(t, "placed", scalar_attribute_type::s);
    define(t, "city", scalar_attribute_type::s);
    define(t, "weight", scalar_attribute_type::n);
    t.key_schema = key_of("customerId", "number");
    add_global(t, "by_city", key_of("city"), projecting(projection_type::keys_only));
    add_global(t, "by_city_and_customer", key_of("city", "customerId"), projecting(projection_type::all));
    add_global(t, "by_weight", key_of("weight", "placed"), projecting(projection_type::include, {"total", "never"}));
    auto several = key_of("city", "weight");
    several.emplace_back("placed", key_type::range);
    add_global(t, "by_three", std::move(several), projecting(projection_type::all));
    auto& local = t.local_secondary_indexes.emplace().emplace_back();
    local.index_name = "by_time";
    local.key_schema = key_of("customerId", "placed");
    local.projection = projecting(projection_type::keys_only);
    return t;
}

std::vector<item> some_orders() {
    item first;
    first["customerId"] = "c1";
    first["number"] = 7;
    first["placed"] = "2026-03-04T05:06:07.890Z";
    first["paid_at"] = "2026-03-04T05:06:07.890Z";
    first["city"] = "Oslo";
    first["weight"] = 1.5;
    first["total"] = number::parse("12.50");
    first["count"] = 3;
    first["class"] = "first";
    first["any"] = 1;
    first["gift"] = true;
    first["tags"] = string_set{{"a", "b"}};
    first["sizes"] = number_set{{number(1), number(2)}};
    first["lines"] = list{attribute_value("x"), attribute_value("y")};
    first["flags"] = list{attribute_value(true)};
    first["address"] = item{{"street", attribute_value("S")}, {"city", attribute_value("C")}};
    first["mixed map"] = item{{"n", attribute_value(1)}, {"s", attribute_value("C")}};
    first["photo"] = binary{"\x01\x02"};
    first["2nd \"name\"\n"] = "x";
    first["ends"] = 1'900'000'000;
    item second;
    second["customerId"] = "c2";
    second["number"] = 8;
    second["city"] = "Rome";
    second["weight"] = 2;
    second["any"] = "one";
    second["count"] = null_value();
    return {first, second};
}

TEST(sketch_of_a_schema, has_keys_indexes_and_what_the_items_show) {
    EXPECT_EQ(schema_sketch("orders", orders(), "ends", some_orders()), compiled("orders.inc"));
}

TEST(sketch_of_a_schema, of_a_table_without_items_has_keys_that_may_be_absent_in_indexes_alone) {
    table_description t;
    define(t, "id", scalar_attribute_type::n);
    define(t, "raw", scalar_attribute_type::b);
    t.key_schema = key_of("id");
    add_global(t, "by_raw", key_of("raw", "id"), projecting(projection_type::all));
    EXPECT_EQ(schema_sketch("unread", t, "ends", {}), compiled("unread.inc"));
}

TEST(sketch_of_a_schema, leaves_out_what_is_more_than_an_entity_can_have) {
    table_description t;
    define(t, "id", scalar_attribute_type::s);
    t.key_schema = key_of("id");
    item one;
    one["id"] = "1";
    for (int i = 0; i < 130; ++i) one["a" + std::to_string(100 + i)] = i;
    EXPECT_EQ(schema_sketch("wide", t, "", {one}), compiled("wide.inc"));
}

} // namespace
