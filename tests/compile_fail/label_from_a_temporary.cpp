// expect: dynasio: the text of label() must outlive the call
#include <dynasio/dynamodb/call_options.hpp>

#ifdef DYNASIO_CONTROL
dynasio::call_options use(std::string const& kept, std::string_view view) {
    return dynasio::call_options().label("literal").label(view).label(kept);
}
#else
dynasio::call_options use() { return dynasio::call_options().label(std::string("gone")); }
#endif
