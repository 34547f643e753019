// expect: dynasio: this type is a value
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Part {
    std::string id{};
};
constexpr auto dynasio_schema(dynasio::tag<Part>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Part>(partition_key<&Part::id>);
#else
    return value<Part>();
#endif
}
auto use(dynasio::client const& db) { return dynasio::repository<Part>(db).scan(); }
