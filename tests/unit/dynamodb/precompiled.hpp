// What nearly every test of this layer includes anyway: compiled once.
#include <dynasio/dynamodb/requests.hpp>

#include "support/test_data.hpp"
#include "unit/dynamodb/engine_fixture.hpp"
