#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/pivot.hpp>

#include <cstddef>
#include <string>

// Links need pivot.hpp, and nothing else of the ORM.
namespace relations_with_pivot {

struct Role {
    std::string id{};
};

} // namespace relations_with_pivot

using namespace relations_with_pivot;

std::size_t with_level(dynasio::belongs_to_many<Role> const& roles);
std::size_t with_level(dynasio::belongs_to_many<Role> const& roles) {
    std::size_t sum = 0;
    for (auto const& [role, pivot] : roles.with_pivot())
        if (pivot.find("level")) sum += role.id.size();
    return sum;
}
