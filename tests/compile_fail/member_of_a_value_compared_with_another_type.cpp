// expect: dynasio: a condition compares this member with a value of another type
#include <dynasio/orm/field.hpp>

#include "value_model.hpp"

using dynasio::field;
#ifdef DYNASIO_CONTROL
auto use() { return field<&Thing::part>.at<&Part::name>() == "x"; }
#else
auto use() { return field<&Thing::part>.at<&Part::name>() == 1; }
#endif
