#ifndef DYNASIO_TESTS_NAMES_NEIGHBOURS_HPP
#define DYNASIO_TESTS_NAMES_NEIGHBOURS_HPP

// Everything that the programs of the pages include, and what programs usually include beside dynasio. A case includes
// this first and then says which names are in scope: no header comes after those, so that only the code of the pages
// meets them.

#include <dynasio/testing/fault_endpoint.hpp>
#include <dynasio/testing/fault_script.hpp>
#include <dynasio/testing/local_server.hpp>

#include <dynasio/orm/load_report.hpp>
#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>

#include <dynasio/dynamodb/batch.hpp>
#include <dynasio/dynamodb/log_observer.hpp>
#include <dynasio/dynamodb/observer.hpp>
#include <dynasio/dynamodb/pages.hpp>
#include <dynasio/dynamodb/requests.hpp>
#include <dynasio/dynamodb/telemetry_observer.hpp>

#include <dynasio/aws/providers.hpp>

#include <dynasio/core/clock.hpp>
#include <dynasio/core/error.hpp>
#include <dynasio/core/result.hpp>
#include <dynasio/core/ulid.hpp>

#include <boost/asio.hpp>
#include <boost/beast/http.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "examples/child_process.hpp"
#include "support/coroutine.hpp"

// The names that programs of Beast, of Asio and for AWS Lambda have.
namespace http = boost::beast::http;
namespace net = boost::asio;
namespace aws::lambda_runtime {
struct invocation_request {
    std::string payload{};
};
} // namespace aws::lambda_runtime

#endif
