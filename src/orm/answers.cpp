#include "answers.hpp"

#include <cstdlib>
#include <string>

namespace dynasio::detail {

using dynamodb::json_reader;

double read_capacity_units(json_reader& in) {
    double units = 0;
    auto const one = [&] {
        std::string_view name;
        in.enter_object();
        while (in.next_member(name)) {
            if (name == "CapacityUnits")
                units += std::strtod(std::string(in.read_number()).c_str(), nullptr);
            else
                in.skip_value();
        }
    };
    switch (in.peek()) {
    case json_reader::kind::object:
        one();
        break;
    case json_reader::kind::array:
        in.enter_array();
        while (in.next_element()) one();
        break;
    default:
        in.skip_value();
    }
    return units;
}

bool has_attributes(std::string_view body) {
    json_reader in(body);
    std::string_view name;
    bool found = false;
    in.enter_object();
    while (in.next_member(name)) {
        if (in.read_if_null()) continue;
        if (name == "Attributes") found = true;
        in.skip_value();
    }
    in.finish();
    return found;
}

} // namespace dynasio::detail
