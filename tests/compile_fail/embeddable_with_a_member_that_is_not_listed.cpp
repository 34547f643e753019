// expect: dynasio: an option of embeddable<T>(...) names a member that members<> does not list
#include <dynasio/orm/verify.hpp>

#include <string>

class Meta {
public:
    Meta() = default;
    [[nodiscard]] std::string const& id() const { return id_; }
    [[nodiscard]] std::string const& name() const { return name_; }

private:
    std::string id_{};
    std::string name_{};

    friend constexpr auto dynasio_schema(dynasio::tag<Meta>) {
        using namespace dynasio;
#ifdef DYNASIO_CONTROL
        return embeddable<Meta>(members<&Meta::id_, &Meta::name_>, partition_key<&Meta::id_>,
                                gsi<&Meta::name_>{"by_name"});
#else
        return embeddable<Meta>(members<&Meta::id_>, partition_key<&Meta::id_>, gsi<&Meta::name_>{"by_name"});
#endif
    }
};
struct Thing {
    Meta meta{};
    std::string title{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) { return dynasio::entity<Thing>(dynasio::embed<&Thing::meta>); }
static_assert(dynasio::verify<Thing>());
