#ifndef DYNASIO_TESTS_COMPILE_FAIL_MORPH_MODEL_HPP
#define DYNASIO_TESTS_COMPILE_FAIL_MORPH_MODEL_HPP

#include <dynasio/orm/schema.hpp>

#include <string>

// A model of entities that a type and a key name, without a mistake.
struct Note;

struct Article {
    std::string id{};
    std::string title{};
    dynasio::has_many<Note> notes{};
};
struct Photo {
    std::string id{};
    int width{};
};
struct Note {
    std::string id{};
    std::string about_type{};
    std::string about_id{};
    int number{};
    dynasio::morph_to<Article, Photo> about{};
};

constexpr auto dynasio_schema(dynasio::tag<Article>) {
    using namespace dynasio;
    return entity<Article>(partition_key<&Article::id>,
                           relate<&Article::notes>(by<&Note::about_type, &Note::about_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Photo>) {
    using namespace dynasio;
    return entity<Photo>(partition_key<&Photo::id>);
}
constexpr auto dynasio_schema(dynasio::tag<Note>) {
    using namespace dynasio;
    return entity<Note>(partition_key<&Note::id>, gsi<&Note::about_id, &Note::about_type>{"by_about"},
                        relate<&Note::about>(by<&Note::about_type, &Note::about_id>));
}

#endif
