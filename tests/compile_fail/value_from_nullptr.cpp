// expect: dynasio: an address is no attribute value
#include <dynasio/dynamodb/attribute_value.hpp>

using dynasio::dynamodb::attribute_value;

#ifdef DYNASIO_CONTROL
attribute_value use() { return dynasio::dynamodb::null_value(); }
#else
attribute_value use() { return nullptr; }
#endif
