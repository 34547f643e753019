// expect: dynasio: no index serves this relation
#include <dynasio/orm/repository.hpp>

#include "morph_model.hpp"

struct Memo;
struct Owner {
    std::string id{};
    dynasio::has_many<Memo> memos{};
};
struct Memo {
    std::string id{};
    std::string type{};
    std::string key{};
    dynasio::morph_to<Owner> about{};
};
constexpr auto dynasio_schema(dynasio::tag<Owner>) {
    using namespace dynasio;
    return entity<Owner>(partition_key<&Owner::id>, relate<&Owner::memos>(by<&Memo::type, &Memo::key>));
}

#ifdef DYNASIO_CONTROL
constexpr auto dynasio_schema(dynasio::tag<Memo>) {
    using namespace dynasio;
    return entity<Memo>(partition_key<&Memo::id>, gsi<&Memo::type, &Memo::key>{"by_about"},
                        relate<&Memo::about>(by<&Memo::type, &Memo::key>));
}
#else
constexpr auto dynasio_schema(dynasio::tag<Memo>) {
    using namespace dynasio;
    return entity<Memo>(partition_key<&Memo::id>, gsi<&Memo::type>{"by_type"},
                        relate<&Memo::about>(by<&Memo::type, &Memo::key>));
}
#endif
auto const& use() { return dynasio::entity_type_of<Owner>(); }
