// The model as a Mermaid erDiagram.

#include <dynasio/orm/er_diagram.hpp>
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/unique.hpp>

#include <gtest/gtest.h>

#include <string>

#include "../model.hpp"

namespace diagram_model {

using namespace dynasio::dsl;

struct Sheet;
struct Note;

struct Folder {
    std::string id{};
    std::string label{};
    dynasio::has_one<Sheet> cover{};
    dynasio::has_many<Note> notes{};
};
struct Sheet {
    std::string folder_id{};
    std::int64_t number{};
    std::string odd{};
    std::string digits{};
    dynasio::belongs_to<Folder> folder{};
    dynasio::has_many<Note> notes{};
};
struct Note {
    std::string id{};
    std::string kind{};
    std::string about_id{};
    std::int64_t about_number{};
    dynasio::morph_to<Folder, Sheet> about{};
};

constexpr auto dynasio_schema(dynasio::tag<Folder>) {
    return entity<Folder>(partition_key<&Folder::id>, dynasio::unique<&Folder::label>,
                          relate<&Folder::cover>(by<&Sheet::folder_id>),
                          relate<&Folder::notes>(by<&Note::kind, &Note::about_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Sheet>) {
    return entity<Sheet>(partition_key<&Sheet::folder_id>, sort_key<&Sheet::number>,
                         attribute<&Sheet::odd>{"gsi1:pk \"x\""}, attribute<&Sheet::digits>{"1st"},
                         relate<&Sheet::folder>(by<&Sheet::folder_id>), required<&Sheet::folder>,
                         relate<&Sheet::notes>(by<&Note::kind, &Note::about_id, &Note::about_number>));
}
constexpr auto dynasio_schema(dynasio::tag<Note>) {
    return entity<Note>(partition_key<&Note::id>, gsi<&Note::about_id, &Note::kind>{"by_about"},
                        gsi<&Note::about_id, &Note::about_number>{"by_sheet"},
                        relate<&Note::about>(by<&Note::kind, &Note::about_id, &Note::about_number>));
}

/// Attributes of the names by which single-table designs call their keys, which are words of Mermaid.
struct Row {
    std::string pk{};
    std::string sk{};
    std::string upper{};
    std::string fk{};
    std::string uk_part{};
    std::string pk_name{};
    std::string pkg{};
    std::string waves{};
};
constexpr auto dynasio_schema(dynasio::tag<Row>) {
    return entity<Row>(partition_key<&Row::pk>, sort_key<&Row::sk>, attribute<&Row::upper>{"PK"},
                       attribute<&Row::uk_part>{"Uk-1"}, attribute<&Row::waves>{"~a~"});
}

} // namespace diagram_model
namespace diagram_model_twin {

/// An entity of the name of another.
struct Folder {
    std::string id{};
};
constexpr auto dynasio_schema(dynasio::tag<Folder>) {
    using namespace dynasio::dsl;
    return entity<Folder>(table{"folders_twin"}, partition_key<&Folder::id>);
}

} // namespace diagram_model_twin

namespace dynasio::er_diagram_tests {

TEST(er_diagrams, have_entities_with_attributes_and_one_line_for_both_sides_of_a_relation) {
    EXPECT_EQ((to_mermaid<shop::User, shop::Profile, shop::Post, shop::Comment, shop::Role>()),
              "erDiagram\n"
              "    \"User\" {\n"
              "        string id PK\n"
              "        string email \"index by_email\"\n"
              "        string name\n"
              "        number age\n"
              "        string created_at\n"
              "        string updated_at\n"
              "        number version\n"
              "    }\n"
              "    \"Profile\" {\n"
              "        string id PK\n"
              "        string user_id FK \"index by_user\"\n"
              "        string bio\n"
              "    }\n"
              "    \"Post\" {\n"
              "        string id PK\n"
              "        string author_id FK \"index by_author, index by_author_score\"\n"
              "        string editor_id FK \"index by_editor\"\n"
              "        string title\n"
              "        string status\n"
              "        number score \"index by_author_score\"\n"
              "    }\n"
              "    \"Comment\" {\n"
              "        string id PK\n"
              "        string post_id FK \"index by_post\"\n"
              "        string author_id FK\n"
              "        string text\n"
              "    }\n"
              "    \"Role\" {\n"
              "        string id PK\n"
              "        string name\n"
              "    }\n"
              "    \"User\" |o--o| \"Profile\" : \"profile / user\"\n"
              "    \"User\" |o--o{ \"Post\" : \"posts / author\"\n"
              "    \"User\" }o--o{ \"Role\" : \"roles / users (pivots)\"\n"
              "    \"User\" ||..o{ \"Comment\" : \"received through posts\"\n"
              "    \"User\" |o--o{ \"Post\" : \"editor\"\n"
              "    \"Post\" |o--o{ \"Comment\" : \"comments / post\"\n"
              "    \"User\" |o--o{ \"Comment\" : \"author\"\n");
}

TEST(er_diagrams, show_relations_by_type_unique_members_and_names_that_need_quotes) {
    EXPECT_EQ((to_mermaid<diagram_model::Folder, diagram_model::Sheet, diagram_model::Note>()),
              "erDiagram\n"
              "    \"Folder\" {\n"
              "        string id PK\n"
              "        string label UK\n"
              "    }\n"
              "    \"Sheet\" {\n"
              "        string folder_id PK, FK\n"
              "        number number PK \"sort key\"\n"
              "        string gsi1_pk__x_ \"gsi1:pk 'x'\"\n"
              "        string a_1st \"1st\"\n"
              "    }\n"
              "    \"Note\" {\n"
              "        string id PK\n"
              "        string kind FK \"index by_about\"\n"
              "        string about_id FK \"index by_about, index by_sheet\"\n"
              "        number about_number FK \"index by_sheet\"\n"
              "    }\n"
              "    \"Folder\" ||--o| \"Sheet\" : \"cover / folder\"\n"
              "    \"Folder\" |o--o{ \"Note\" : \"notes / about\"\n"
              "    \"Sheet\" |o--o{ \"Note\" : \"notes / about\"\n");
}

// Mermaid's lexer takes capitals for small letters and looks for PK, FK and UK before names, and for `~…~` before
// comments.
TEST(er_diagrams, have_no_attribute_that_mermaid_takes_for_a_mark_of_keys) {
    EXPECT_EQ(to_mermaid<diagram_model::Row>(), "erDiagram\n"
                                                "    \"Row\" {\n"
                                                "        string a_pk PK \"pk\"\n"
                                                "        string sk PK \"sort key\"\n"
                                                "        string a_PK \"PK\"\n"
                                                "        string a_fk \"fk\"\n"
                                                "        string a_Uk-1 \"Uk-1\"\n"
                                                "        string pk_name\n"
                                                "        string pkg\n"
                                                "        string a__a_ \"_a_\"\n"
                                                "    }\n");
}

TEST(er_diagrams, show_a_circle_of_one_entity_once) {
    EXPECT_EQ(to_mermaid<shop::Category>(), "erDiagram\n"
                                            "    \"Category\" {\n"
                                            "        string id PK\n"
                                            "        string parent_id FK \"index by_parent\"\n"
                                            "    }\n"
                                            "    \"Category\" |o--o{ \"Category\" : \"parent / children\"\n");
}

TEST(er_diagrams, name_entities_that_are_not_listed_without_attributes) {
    EXPECT_EQ(to_mermaid<shop::Role>(), "erDiagram\n"
                                        "    \"Role\" {\n"
                                        "        string id PK\n"
                                        "        string name\n"
                                        "    }\n"
                                        "    \"User\" }o--o{ \"Role\" : \"users (pivots)\"\n");
}

TEST(er_diagrams, tell_entities_of_one_name_apart_and_list_each_once) {
    auto const text = to_mermaid<diagram_model_twin::Folder, diagram_model::Folder, diagram_model_twin::Folder>();
    EXPECT_NE(text.find("    \"Folder\" {\n        string id PK\n    }\n    \"Folder 2\" {\n"), std::string::npos)
        << text;
    EXPECT_NE(text.find("    \"Folder 2\" |o--o| \"Sheet\""), std::string::npos) << text;
}

TEST(er_diagrams, have_pivot_tables_of_their_own_and_keys_of_two_parts) {
    auto const text = to_mermaid<shop::Device, shop::Reading, shop::Alarm>();
    EXPECT_NE(text.find("    \"Device\" |o--o{ \"Reading\" : \"readings / device\"\n"), std::string::npos) << text;
    EXPECT_NE(text.find("    \"Device\" }o--o{ \"Alarm\" : \"alarms / devices (alarm_links)\"\n"), std::string::npos)
        << text;
    EXPECT_NE(text.find("        string site PK\n        number number PK \"sort key\"\n"), std::string::npos) << text;
}

} // namespace dynasio::er_diagram_tests
