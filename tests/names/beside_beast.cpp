// Only Beast.
#include "names/neighbours.hpp"

using namespace boost::beast;

#include "names/pages.hpp"
