#ifndef DYNASIO_TESTS_COMPILE_FAIL_PRELUDE_HPP
#define DYNASIO_TESTS_COMPILE_FAIL_PRELUDE_HPP

// What the cases include is read once for all of them. Each case includes what it needs all the same.
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/transaction.hpp>
#include <dynasio/orm/verify.hpp>

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/call_options.hpp>

#endif
