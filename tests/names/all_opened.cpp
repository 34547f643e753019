// All of these at once, and the words of dynasio for the whole file.
#include "names/neighbours.hpp"

using namespace boost::asio;
using namespace boost::beast;
using namespace std;
using namespace std::chrono;
using namespace testing;
using namespace dynasio::dsl;

#include "names/pages.hpp"
