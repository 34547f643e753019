// expect: dynasio: autoload<> goes in a circle
#include <dynasio/orm/autoload.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Leaf;
struct Stem {
    std::string id{};
    dynasio::has_many<Leaf> leaves{};
};
struct Vein {
    std::string id{};
    std::string stem_id{};
    dynasio::belongs_to<Stem> stem{};
};
struct Leaf {
    std::string id{};
    std::string stem_id{};
    std::string vein_id{};
    dynasio::belongs_to<Vein> vein{};
};
constexpr auto dynasio_schema(dynasio::tag<Stem>) {
    using namespace dynasio;
    return entity<Stem>(partition_key<&Stem::id>, relate<&Stem::leaves>(by<&Leaf::stem_id>),
                        autoload<&Stem::leaves>(limit(3)));
}
constexpr auto dynasio_schema(dynasio::tag<Vein>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Vein>(partition_key<&Vein::id>, relate<&Vein::stem>(by<&Vein::stem_id>));
#else
    return entity<Vein>(partition_key<&Vein::id>, relate<&Vein::stem>(by<&Vein::stem_id>), autoload<&Vein::stem>());
#endif
}
constexpr auto dynasio_schema(dynasio::tag<Leaf>) {
    using namespace dynasio;
    return entity<Leaf>(partition_key<&Leaf::id>, gsi<&Leaf::stem_id>{"by_stem"},
                        relate<&Leaf::vein>(by<&Leaf::vein_id>), autoload<&Leaf::vein>());
}
auto use(dynasio::repository<Stem> const& stems) { return stems.find("1"); }
