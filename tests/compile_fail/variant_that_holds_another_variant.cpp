// expect: dynasio: a std::variant holds another one that is stored as several types
#include <dynasio/orm/variant.hpp>

#include <string>
#include <variant>

#ifdef DYNASIO_CONTROL
using Either = std::variant<int, std::string, bool>;
#else
using Either = std::variant<std::variant<int, std::string>, bool>;
#endif
constexpr auto stored_as = dynasio::codec<Either>::type;
