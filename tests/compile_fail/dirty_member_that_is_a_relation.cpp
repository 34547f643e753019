// expect: dynasio: this member is not stored (it is a relation or transient), so it is not tracked
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
bool use(dynasio::tracked<User> const& user) { return user.is_dirty<&User::name>(); }
#else
bool use(dynasio::tracked<User> const& user) { return user.is_dirty<&User::posts>(); }
#endif
