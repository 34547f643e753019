// What nearly every test against servers includes anyway: compiled once.
#include <dynasio/orm/json.hpp>
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/transaction.hpp>

#include "integration/blog_test.hpp"
