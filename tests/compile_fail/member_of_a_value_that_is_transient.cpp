// expect: dynasio: this member is not stored (it is transient)
#include <dynasio/orm/field.hpp>

#include "value_model.hpp"

using dynasio::field;
#ifdef DYNASIO_CONTROL
auto use() { return field<&Thing::part>.at<&Part::name>() == "x"; }
#else
auto use() { return field<&Thing::part>.at<&Part::hidden>() == "x"; }
#endif
