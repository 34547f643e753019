// expect: dynasio: an entity is made without arguments
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

class Thing {
public:
#ifdef DYNASIO_CONTROL
    Thing() = default;
#else
    explicit Thing(std::string id) : id_(std::move(id)) {}
#endif

    [[nodiscard]] std::string const& id() const { return id_; }
    [[nodiscard]] std::string const& name() const { return name_; }

private:
    std::string id_{};
    std::string name_{};

    friend constexpr auto dynasio_schema(dynasio::tag<Thing>) {
        using namespace dynasio;
        return entity<Thing>(members<&Thing::id_, &Thing::name_>, partition_key<&Thing::id_>);
    }
};
static_assert(dynasio::verify<Thing>());
