#include <dynasio/orm/detail/describe.hpp>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "answers.hpp"
#include "measure.hpp"
#include "records.hpp"

namespace bench {

namespace {

/// Decodes the answer of a BatchGetItem into structs with dynasio's decoder.
std::size_t decode_ours(std::string const& body) {
    dynasio::entity_type const& type = dynasio::entity_type_of<Account>();
    std::vector<Account> accounts;
    accounts.reserve(100);
    dynasio::dynamodb::json_reader in(body);
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        if (name != "Responses") {
            in.skip_value();
            continue;
        }
        in.enter_object();
        while (in.next_member(name)) {
            in.enter_array();
            while (in.next_element()) type.decode(in, &accounts.emplace_back());
        }
    }
    in.finish();
    return accounts.size();
}

} // namespace

void decode_alone(int count) {
    std::string const body = batch_body();
    double const before = thread_cpu_us();
    for (int i = 0; i < count; ++i)
        if (decode_ours(body) != 100) throw std::runtime_error("the answer was not read right");
    std::printf("%.2f us for each of %d\n", (thread_cpu_us() - before) / count, count);
}

std::vector<row> decoding(int rounds) {
    std::string const body = batch_body();
    constexpr int count = 400;
    std::vector<unsigned char> storage(4 * 1024 * 1024);
    boost::json::monotonic_resource resource(storage.data(), storage.size());
    boost::json::parser parser;
    return {compare(
        "decode of 100 items / Boost.JSON parser", 0.5, rounds, count,
        [&] {
            if (decode_ours(body) != 100) throw std::runtime_error("the answer was not read right");
        },
        [&] {
            resource.release();
            parser.reset(&resource);
            parser.write(body);
            boost::json::value const value = parser.release();
            if (value.at("Responses").at("accounts").as_array().size() != 100)
                throw std::runtime_error("Boost.JSON read something else");
        },
        std::to_string(body.size()) + " bytes into structs, reference makes a DOM only")};
}

} // namespace bench
