#include <dynasio/orm/schema.hpp>

#include <cstddef>
#include <string>

// Code that only reads relations needs no more than the headers that the entities are declared with: no pivot.hpp.
namespace relations_without_pivot {

struct Role;
struct User {
    std::string id{};
    dynasio::belongs_to_many<Role> roles{};
};
struct Role {
    std::string id{};
};

} // namespace relations_without_pivot

using namespace relations_without_pivot;

std::size_t letters(User const& user);
std::size_t letters(User const& user) {
    std::size_t sum = 0;
    for (Role const& role : user.roles) sum += role.id.size();
    return user.roles.empty() ? 0 : sum + user.roles[0].id.size() + user.roles.begin()->id.size() + user.roles.size();
}
User without_roles(User user);
User without_roles(User user) {
    User copy = user;
    copy.roles.unload();
    return copy.roles.loaded() ? user : copy;
}
