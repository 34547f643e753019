#include <dynasio/core/error.hpp>
#include <dynasio/core/ulid.hpp>

#include <cstdlib>
#include <iostream>

int main() {
    dynasio::ulid_generator ids;
    auto const id = ids.next();
    dynasio::diagnostics info;
    info.operation = "GetItem";
    info.table = "users";
    dynasio::failure const failed(make_error_code(dynasio::errc::not_found), info);
    std::cout << id << '\n' << failed.to_string() << '\n';
    return dynasio::ulid_time(id) && failed.to_string().find("users") != std::string::npos ? EXIT_SUCCESS
                                                                                           : EXIT_FAILURE;
}
