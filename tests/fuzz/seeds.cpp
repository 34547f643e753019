// Makes the first inputs of the fuzz targets from the vectors under tests/data: `fuzz_seeds DATA OUT` writes a folder
// for each target into OUT. Whatever in a vector looks like what a target reads becomes a seed of it.

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr std::size_t max_seed = 8 * 1024;
constexpr std::size_t max_seeds = 1'000;

std::map<std::string, std::set<std::string>> seeds;

void add(char const* target, std::string_view text) {
    auto& all = seeds[target];
    if (!text.empty() && text.size() <= max_seed && all.size() < max_seeds) all.emplace(text);
}

std::string answer(unsigned status, std::string_view body) {
    return "HTTP/1.1 " + std::to_string(status) +
           " Some Reason\r\nDate: Sat, 21 Nov 2026 08:00:00 GMT\r\nContent-Type: application/x-amz-json-1.0\r\n"
           "x-amzn-RequestId: ABCDEF0123456789\r\nx-amz-crc32: 2745614147\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string chunked(std::string_view body) {
    std::string out;
    for (std::size_t at = 0; at < body.size(); at += 11) {
        auto const part = body.substr(at, 11);
        out += part.size() == 11 ? "b;name=value\r\n" : std::to_string(part.size() % 10) + "\r\n";
        out += part.substr(0, part.size() == 11 ? 11 : part.size() % 10);
        out += "\r\n";
    }
    return out + "0\r\nTrailer: x\r\n\r\n";
}

void add_json(std::string const& text) {
    for (char const* target : {"json_reader", "item", "answers", "aws_answers"}) add(target, text);
    add("cursor", "identity\n" + text);
    if (text.size() < 600) {
        add("http_response", answer(200, text));
        add("http_response", "HTTP/1.1 400 Bad Request\r\nX-Amzn-Errortype: Name:http\r\nTransfer-Encoding: chunked\r\n"
                             "x-amz-retry-after: 1500\r\nConnection: close\r\n\r\n" +
                                 chunked(text));
        add("chunks", chunked(text));
    }
}

bool is_json(std::string_view text) {
    boost::system::error_code ec;
    (void)json::parse(json::string_view(text.data(), text.size()), ec);
    return !ec;
}

void add_text(std::string_view text) {
    if (text.size() < 128) add("text", text);
    if (text.starts_with("http://") || text.starts_with("https://")) add("url", text);
    if (text.starts_with("HTTP/1.")) add("http_response", text);
    if (text.starts_with('<')) add("aws_answers", text);
    if (text.starts_with('[') || text.find("\n[") != std::string_view::npos ||
        text.find(" = ") != std::string_view::npos)
        add("shared_file", text);
    if ((text.starts_with('{') || text.starts_with('[')) && is_json(text)) add_json(std::string(text));
}

void walk(json::value const& value) {
    if (value.is_string()) {
        add_text(std::string_view(value.get_string()));
    } else if (value.is_array()) {
        for (auto const& element : value.get_array()) walk(element);
    } else if (value.is_object()) {
        auto const text = json::serialize(value);
        if (text.size() < 2048) add_json(text);
        if (value.get_object().contains("configFile") && value.at("configFile").is_string()) {
            std::string both(std::string_view(value.at("configFile").get_string()));
            if (auto const* credentials = value.get_object().if_contains("credentialsFile");
                credentials && credentials->is_string())
                both += "\n====\n" + std::string(std::string_view(credentials->get_string()));
            add("shared_file", both);
        }
        for (auto const& member : value.get_object()) walk(member.value());
    }
}

void add_own() {
    for (
        std::string const text :
        {R"({"id":{"S":"u-1"},"name":{"S":"Jos\u00e9 \"J\""},"age":{"N":"42"},"version":{"N":"18446744073709551615"},)"
         R"("small":{"N":"255"},"balance":{"N":"-1234.56"},"ratio":{"N":"0.5"},"active":{"BOOL":true},)"
         R"("created_at":{"S":"2026-01-02T03:04:05.678Z"},"country":{"NULL":true},"count":{"N":"-7"}})",
         R"({"id":{"S":"u-2"},"tags":{"L":[{"S":"a"},{"S":"b"}]},"a":{"L":[{"NULL":true},{"N":"9"}]},)"
         R"("b":{"M":{"x":{"L":[{"N":"1.5"}]}}},"flags":{"M":{"y":{"BOOL":false}}},)"
         R"("exact":{"N":"12345678901234567890123456789012345678"},"d":{"B":"AAECAw=="},)"
         R"("c":{"M":{"s":{"SS":["x","y"]},"n":{"NS":["1","2"]},"b":{"BS":["YQ=="]}}}})",
         R"({"Item":{"id":{"S":"x"}},"ConsumedCapacity":{"TableName":"t","CapacityUnits":0.5,"Table":{"CapacityUnits":1}}})",
         R"({"Items":[{"id":{"S":"x"}}],"Count":1,"ScannedCount":2,"LastEvaluatedKey":{"id":{"S":"x"}}})",
         R"({"Responses":{"t":[{"id":{"S":"x"}}]},"UnprocessedKeys":{"t":{"Keys":[{"id":{"S":"y"}}]}}})",
         R"({"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional )"
         R"(request failed","Item":{"id":{"S":"x"}}})",
         R"({"__type":"TransactionCanceledException","CancellationReasons":[{"Code":"None"},{"Code":"ThrottlingError"}]})"})
        add_json(text);
    for (char const* text : {"0", "-0.0", "1E5\n100000", ".5\n5e-1", "+3", "007", "1E-130", "9.99E+125",
                             "AAECAw==", "2026-11-21T07:30:00.123+02:00", "2016-12-31T23:59:60Z",
                             "0000-01-01T00:00:00Z", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "Sun, 06 Nov 1994 08:49:37 GMT"})
        add("text", text);
    for (char const* text : {"http://[::1]:8000/prefix/", "https://dynamodb.us-east-1.amazonaws.com",
                             "HTTP://EXAMPLE.com:80", "http://u:p@h/", "http://h/a?b#c"})
        add("url", text);
    for (char const* text :
         {"HTTP/1.0 200 OK\r\n\r\nuntil the end", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
          "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nX-Folded: a\r\n b\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 101 Switching\r\n\r\n"})
        add("http_response", text);
    for (char const* text : {"0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "ffffffffffffffff\r\n",
                             "1;a=\"b;c\"\r\nx\r\n0\r\n\r\n", "0\r\na: b\r\nc: d\r\n\r\n"})
        add("chunks", text);
    // Bytes that a condition is made of; there is no text of one.
    for (std::size_t length : {8U, 64U, 256U, 1024U}) {
        std::string bytes;
        for (std::size_t i = 0; i < length; ++i) bytes += static_cast<char>(i * 37 + length);
        add("expression", bytes);
    }
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: fuzz_seeds DATA OUT\n";
        return 2;
    }
    add_own();
    std::set<fs::path> files;
    for (auto const& entry : fs::recursive_directory_iterator(argv[1]))
        if (entry.is_regular_file()) files.insert(entry.path());
    for (auto const& file : files) {
        std::ifstream in(file, std::ios::binary);
        std::string const text{std::istreambuf_iterator<char>(in), {}};
        boost::system::error_code ec;
        auto const value = file.extension() == ".json" ? json::parse(text, ec) : json::value(text);
        if (!ec) walk(value);
    }
    for (auto const& text : std::set<std::string>(seeds["http_response"]))
        add("http_head", text.substr(0, std::min(text.find("\r\n\r\n"), text.size() - 4) + 4));
    for (auto const& [target, texts] : seeds) {
        auto const folder = fs::path(argv[2]) / target;
        fs::create_directories(folder);
        std::size_t number = 0;
        for (auto const& text : texts)
            std::ofstream(folder / ("seed-" + std::to_string(number++)), std::ios::binary) << text;
    }
}
