// What nearly every test of this layer includes anyway: compiled once.
#include "unit/http/pool_fixture.hpp"
