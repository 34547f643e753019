#ifndef DYNASIO_DYNAMODB_REQUESTS_FWD_HPP
#define DYNASIO_DYNAMODB_REQUESTS_FWD_HPP

namespace dynasio::dynamodb {

struct batch_get_item_request;
struct batch_get_item_response;
struct batch_write_item_request;
struct batch_write_item_response;
struct create_table_request;
struct create_table_response;
struct delete_item_request;
struct delete_item_response;
struct delete_table_request;
struct delete_table_response;
struct describe_table_request;
struct describe_table_response;
struct get_item_request;
struct get_item_response;
struct put_item_request;
struct put_item_response;
struct query_request;
struct query_response;
struct scan_request;
struct scan_response;
struct update_item_request;
struct update_item_response;

} // namespace dynasio::dynamodb

#endif
