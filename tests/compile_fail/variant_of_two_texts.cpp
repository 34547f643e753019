// expect: dynasio: two alternatives of a std::variant are stored as one type
#include <dynasio/orm/variant.hpp>

#include <string>
#include <variant>

#ifdef DYNASIO_CONTROL
using Either = std::variant<std::string, int>;
#else
using Either = std::variant<std::string, dynasio::timestamp>;
#endif
constexpr auto stored_as = dynasio::codec<Either>::type;
