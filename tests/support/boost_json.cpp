// Boost.JSON's definitions, once for each test program: only tests use it, and so no compiled library is needed.
#include <boost/json/src.hpp>
