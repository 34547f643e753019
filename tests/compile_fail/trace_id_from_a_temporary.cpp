// expect: dynasio: the text of trace_id() must outlive the call
#include <dynasio/dynamodb/call_options.hpp>

#ifdef DYNASIO_CONTROL
dynasio::call_options use(std::string const& kept, std::string_view view) {
    return dynasio::call_options().trace_id("literal").trace_id(view).trace_id(kept);
}
#else
std::string made();
dynasio::call_options use() { return dynasio::call_options().trace_id(made()); }
#endif
