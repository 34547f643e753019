#ifndef DYNASIO_DYNAMODB_REQUESTS_HPP
#define DYNASIO_DYNAMODB_REQUESTS_HPP

// Requests and responses of every operation. Where compile time counts, include operations/<operation>.hpp instead.
#include <dynasio/dynamodb/operations/batch_get_item.hpp>
#include <dynasio/dynamodb/operations/batch_write_item.hpp>
#include <dynasio/dynamodb/operations/create_table.hpp>
#include <dynasio/dynamodb/operations/delete_item.hpp>
#include <dynasio/dynamodb/operations/delete_table.hpp>
#include <dynasio/dynamodb/operations/describe_table.hpp>
#include <dynasio/dynamodb/operations/get_item.hpp>
#include <dynasio/dynamodb/operations/put_item.hpp>
#include <dynasio/dynamodb/operations/query.hpp>
#include <dynasio/dynamodb/operations/scan.hpp>
#include <dynasio/dynamodb/operations/update_item.hpp>

#endif
