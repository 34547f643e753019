// expect: dynasio: a struct that is embedded is a plain struct
#include <dynasio/orm/verify.hpp>

#include <string>

class Meta {
public:
    Meta() = default;
    [[nodiscard]] std::string const& id() const { return id_; }

private:
    std::string id_{};

    friend constexpr auto dynasio_schema(dynasio::tag<Meta>) {
        using namespace dynasio;
#ifdef DYNASIO_CONTROL
        return embeddable<Meta>(members<&Meta::id_>, partition_key<&Meta::id_>);
#else
        return embeddable<Meta>(partition_key<&Meta::id_>);
#endif
    }
};
struct Thing {
    Meta meta{};
    std::string title{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) { return dynasio::entity<Thing>(dynasio::embed<&Thing::meta>); }
static_assert(dynasio::verify<Thing>());
