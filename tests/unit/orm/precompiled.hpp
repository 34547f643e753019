// What nearly every test of this layer includes anyway: compiled once.
#include <gtest/gtest.h>

#include "unit/orm/model.hpp"
