// expect: dynasio: this member is not stored (it is a relation or transient), so it is not tracked
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    dynasio::timestamp deleted_at{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, soft_delete<&Thing::deleted_at>);
}
#ifdef DYNASIO_CONTROL
bool use(dynasio::tracked<User> const& user) { return user.is_dirty<&User::name>(); }
#else
bool use(dynasio::tracked<User> const& user) { return user.is_dirty<&User::posts>(); }
#endif
