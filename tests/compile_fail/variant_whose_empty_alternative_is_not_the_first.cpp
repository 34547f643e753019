// expect: dynasio: std::monostate is the first alternative of a std::variant
#include <dynasio/orm/variant.hpp>

#include <variant>

#ifdef DYNASIO_CONTROL
using Either = std::variant<std::monostate, int>;
#else
using Either = std::variant<int, std::monostate>;
#endif
constexpr auto stored_as = dynasio::codec<Either>::type;
