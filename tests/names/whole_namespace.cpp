// expect: reference to 'http' is ambiguous
// Why there is a namespace dsl: with all of dynasio opened, its own namespace http and the program's alias are two
// meanings of one name. Without this failure the other cases would show nothing.
#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/http/traffic.hpp>

#include <boost/beast/http/status.hpp>

namespace http = boost::beast::http;

http::status found_or_not(bool found) {
#ifdef DYNASIO_CONTROL
    using namespace dynasio::dsl;
#else
    using namespace dynasio;
#endif
    return found ? http::status::ok : http::status::not_found;
}
