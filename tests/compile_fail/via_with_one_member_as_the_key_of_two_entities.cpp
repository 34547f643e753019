// expect: dynasio: two relations with the same links name one member in via<> as the key of two entities
#include <dynasio/orm/verify.hpp>

#include <string>

struct Song;
struct Track;
struct Album {
    std::string id{};
    dynasio::belongs_to_many<Song, Track> songs{};
};
struct Song {
    std::string id{};
    dynasio::belongs_to_many<Album, Track> albums{};
};
struct Track {
    std::string album_id{};
    std::string song_id{};
};
constexpr auto dynasio_schema(dynasio::tag<Track>) {
    using namespace dynasio;
    return entity<Track>(partition_key<&Track::album_id>, sort_key<&Track::song_id>, gsi<&Track::song_id>{"by_song"});
}
constexpr auto dynasio_schema(dynasio::tag<Album>) {
    using namespace dynasio;
    return entity<Album>(partition_key<&Album::id>, relate<&Album::songs>(via<&Track::album_id, &Track::song_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Song>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Song>(partition_key<&Song::id>, relate<&Song::albums>(via<&Track::song_id, &Track::album_id>));
#else
    return entity<Song>(partition_key<&Song::id>, relate<&Song::albums>(via<&Track::album_id, &Track::song_id>));
#endif
}
static_assert(dynasio::verify<Album, Song, Track>());
