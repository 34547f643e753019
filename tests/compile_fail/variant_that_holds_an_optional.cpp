// expect: dynasio: a std::variant holds a std::optional
#include <dynasio/orm/variant.hpp>

#include <optional>
#include <string>
#include <variant>

#ifdef DYNASIO_CONTROL
using Either = std::optional<std::variant<int, std::string>>;
#else
using Either = std::variant<std::optional<int>, std::string>;
#endif
constexpr auto stored_as = dynasio::codec<Either>::type;
