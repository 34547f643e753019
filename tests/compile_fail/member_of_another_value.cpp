// expect: dynasio: at<&T::member>() names a member of another struct
#include <dynasio/orm/field.hpp>

#include "value_model.hpp"

using dynasio::field;
#ifdef DYNASIO_CONTROL
auto use() { return field<&Thing::part>.at<&Part::name>() == "x"; }
#else
auto use() { return field<&Thing::part>.at<&Other::name>() == "x"; }
#endif
