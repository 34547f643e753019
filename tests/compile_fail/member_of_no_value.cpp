// expect: dynasio: at<&T::member>() is for members whose type is described by value<T>
#include <dynasio/orm/field.hpp>

#include "value_model.hpp"

using dynasio::field;
#ifdef DYNASIO_CONTROL
auto use() { return field<&Thing::part>.at<&Part::name>() == "x"; }
#else
auto use() { return field<&Thing::id>.at<&Part::name>() == "x"; }
#endif
