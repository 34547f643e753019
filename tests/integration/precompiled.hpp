// What nearly every test against servers includes anyway: compiled once.
#include "integration/blog_test.hpp"
