// What nearly every test of this layer includes anyway: compiled once.
#include <dynasio/aws/providers.hpp>

#include <gtest/gtest.h>

#include "support/coroutine.hpp"
#include "support/test_data.hpp"
