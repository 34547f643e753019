// expect: dynasio: inverse_of<> names a relation that goes by other members
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Card {
    std::string author_id{};
    std::string title{};
    dynasio::belongs_to<User> author{};
};
constexpr auto dynasio_schema(dynasio::tag<Card>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Card>(projection_of<Post>, relate<&Card::author>(by<&Card::author_id>, inverse_of<&User::posts>));
#else
    return entity<Card>(projection_of<Post>, relate<&Card::author>(by<&Card::title>, inverse_of<&User::posts>));
#endif
}
static_assert(dynasio::verify<Card>());
