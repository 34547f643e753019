// Items: into attribute values and into a struct. What was read is written, and read again it is the same.

#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/dynamodb/attribute_value.hpp>

#include <dynasio/core/timestamp.hpp>

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "fuzz.hpp"
#include "support/by_codecs.hpp"

namespace fuzzed {

// The names are those of the seeds, and a member of each kind that has a codec.
struct Record {
    std::string id{};
    std::string name{};
    std::int64_t age{};
    std::uint64_t version{};
    std::uint8_t small{};
    double balance{};
    float ratio{};
    bool active{};
    dynasio::timestamp created_at{};
    std::optional<std::string> country{};
    std::optional<std::int32_t> count{};
    std::vector<std::string> tags{};
    std::vector<std::optional<std::int64_t>> numbers{};
    std::map<std::string, std::vector<double>> map{};
    std::unordered_map<std::string, bool> flags{};
    dynasio::dynamodb::number exact{};
    dynasio::dynamodb::binary bytes{};
    dynasio::dynamodb::attribute_value any{};
};

constexpr auto dynasio_schema(dynasio::tag<Record>) {
    using namespace dynasio;
    return entity<Record>(partition_key<&Record::id>, attribute<&Record::numbers>{"a"}, attribute<&Record::map>{"b"},
                          attribute<&Record::any>{"c"}, attribute<&Record::bytes>{"d"});
}

} // namespace fuzzed

namespace {

using namespace dynasio;
using dynamodb::json_reader;

void attribute_values(std::string_view text) {
    dynamodb::item item;
    bool const read = fuzz::succeeds({errc::malformed_response, errc::nesting_too_deep}, [&] {
        json_reader in(text);
        item = dynamodb::read_item(in);
        in.finish();
    });
    if (!read) return;
    std::string written;
    // An answer may have what no request may: empty sets, members twice, more levels.
    if (!fuzz::succeeds({errc::invalid_argument, errc::nesting_too_deep},
                        [&] { dynamodb::append_json(written, item); })) {
        fuzz::require(written.empty(), "what cannot be written leaves nothing behind");
        return;
    }
    json_reader in(written);
    auto const again = dynamodb::read_item(in);
    in.finish();
    fuzz::require(again == item, "an item that was written is read again alike");
}

void into_a_struct(std::string_view text) {
    auto const& type = entity_type_of<fuzzed::Record>();
    fuzzed::Record record;
    bool const read = fuzz::succeeds({errc::malformed_response, errc::nesting_too_deep, errc::attribute_type_mismatch,
                                      errc::attribute_missing, errc::number_out_of_range},
                                     [&] {
                                         json_reader in(text);
                                         type.decode(in, &record);
                                         in.finish();
                                     });
    fuzzed::Record by_codecs;
    bool const read_by_codecs =
        fuzz::succeeds({errc::malformed_response, errc::nesting_too_deep, errc::attribute_type_mismatch,
                        errc::attribute_missing, errc::number_out_of_range},
                       [&] {
                           json_reader in(text);
                           test::decode_by_codecs(type, in, &by_codecs);
                           in.finish();
                       });
    fuzz::require(read == read_by_codecs, "the short ways read what the codecs read");
    if (!read) return;
    std::string written = "{";
    if (!fuzz::succeeds({errc::invalid_argument, errc::empty_key, errc::nesting_too_deep},
                        [&] { type.encode_members(written, &record, {}); }))
        return;
    fuzz::require(written == '{' + test::encode_by_codecs(type, &record), "the short ways write what the codecs write");
    fuzz::require(written == '{' + test::encode_by_codecs(type, &by_codecs), "the short ways read as the codecs do");
    written += '}';
    fuzzed::Record again;
    json_reader in(written);
    type.decode(in, &again);
    in.finish();
    std::string twice = "{";
    type.encode_members(twice, &again, {});
    twice += '}';
    fuzz::require(twice == written, "a struct that was written is read again alike");
    fuzz::require(again.id == record.id && again.exact == record.exact && again.any == record.any,
                  "what was read is what was written");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = fuzz::text_of(data, size);
    attribute_values(text);
    into_a_struct(text);
    return 0;
}
