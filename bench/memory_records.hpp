#ifndef DYNASIO_BENCH_MEMORY_RECORDS_HPP
#define DYNASIO_BENCH_MEMORY_RECORDS_HPP

#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/core/timestamp.hpp>

#include <cstdint>
#include <string>

// Entities of about 400 bytes, members and texts together, for the measurements of memory.
namespace bench {

struct Note;
struct Tag;

struct Writer {
    std::string id{};
    std::string email{};
    std::string about{};
    std::string city{};
    dynasio::timestamp created_at{};
    std::int64_t likes{};
    dynasio::has_many<Note> notes{};
    dynasio::belongs_to_many<Tag> tags{};
};
struct Note {
    std::string id{};
    std::string writer_id{};
    std::string title{};
    std::string text{};
    dynasio::timestamp created_at{};
    std::int64_t likes{};
    dynasio::belongs_to<Writer> writer{};
};
struct Tag {
    std::string id{};
    std::string email{};
    std::string about{};
    std::string city{};
    dynasio::timestamp created_at{};
    std::int64_t likes{};
};

constexpr auto dynasio_schema(dynasio::tag<Writer>) {
    using namespace dynasio::dsl;
    return entity<Writer>(partition_key<&Writer::id>, relate<&Writer::notes>(by<&Note::writer_id>),
                          relate<&Writer::tags>());
}
constexpr auto dynasio_schema(dynasio::tag<Note>) {
    using namespace dynasio::dsl;
    return entity<Note>(partition_key<&Note::id>, gsi<&Note::writer_id>{"by_writer"},
                        relate<&Note::writer>(by<&Note::writer_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Tag>) {
    using namespace dynasio::dsl;
    return entity<Tag>(partition_key<&Tag::id>);
}

} // namespace bench

#endif
