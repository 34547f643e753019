// Only Asio.
#include "names/neighbours.hpp"

using namespace boost::asio;

#include "names/pages.hpp"
