// expect: dynasio: paths<T>(text, …) needs to know what the text may name
#include <dynasio/orm/include_list.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

auto use([[maybe_unused]] dynasio::repository<User> const& users) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return paths<User>("posts", with<&User::posts>());
#else
    return paths<User>("posts");
#endif
}
