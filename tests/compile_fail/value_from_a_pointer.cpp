// expect: dynasio: an address is no attribute value
#include <dynasio/dynamodb/attribute_value.hpp>

using dynasio::dynamodb::attribute_value;

#ifdef DYNASIO_CONTROL
attribute_value use(int const* count) { return *count; }
#else
attribute_value use(int const* count) { return count; }
#endif
