// expect: dynasio: enum_names<E>({...}) is for enumerations
#include <dynasio/orm/schema.hpp>

#include "model.hpp"

enum Colour { red };
#ifdef DYNASIO_CONTROL
constexpr auto names = dynasio::enum_names<Colour>({{red, "red"}});
#else
constexpr auto names = dynasio::enum_names<int>({{1, "one"}});
#endif
