#ifndef DYNASIO_ORM_QUERY_DSL_HPP
#define DYNASIO_ORM_QUERY_DSL_HPP

#include <dynasio/orm/dsl.hpp>
#include <dynasio/orm/load_report.hpp>
#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>

#include <dynasio/dynamodb/call_options.hpp>

#include <dynasio/core/result.hpp>

namespace dynasio::dsl {

using dynasio::as_result;
using dynasio::ascending;
using dynasio::call_options;
using dynasio::client_side;
using dynasio::concurrency;
using dynasio::consistent;
using dynasio::create_tables;
using dynasio::cursor;
using dynasio::descending;
using dynasio::drop_tables;
using dynasio::field;
using dynasio::key;
using dynasio::key_of;
using dynasio::limit;
using dynasio::load_report;
using dynasio::newest_first;
using dynasio::oldest_first;
using dynasio::reload;
using dynasio::report_to;
using dynasio::repository;
using dynasio::verify;
using dynasio::with;

} // namespace dynasio::dsl

#endif
