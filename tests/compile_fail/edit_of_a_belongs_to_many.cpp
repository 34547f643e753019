// expect: dynasio: set() replaces what a belongs_to_many holds
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
void use(User& user, Role const& role) { user.roles.set(std::vector<Role>(1, role)); }
#else
void use(User& user, Role const& role) { user.roles.edit().push_back(role); }
#endif
