// Only the standard library, with its durations.
#include "names/neighbours.hpp"

using namespace std;
using namespace std::chrono;

#include "names/pages.hpp"
