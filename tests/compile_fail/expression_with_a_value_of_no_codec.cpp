// expect: dynasio: a value of expression<T>(...) has a type that dynasio does not store
#include <dynasio/orm/expression.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::expression<Post>("score > ?", 5); }
#else
auto use() { return dynasio::expression<Post>("score > ?", nullptr); }
#endif
