#include <dynasio/yaml/yaml.hpp>

#include <dynasio/orm/schema.hpp>

#include <cstdlib>
#include <string>

struct Setting {
    std::string id{}, text{};
};
constexpr auto dynasio_schema(dynasio::tag<Setting>) {
    using namespace dynasio::dsl;
    return entity<Setting>(partition_key<&Setting::id>);
}

int main() {
    auto const setting = dynasio::from_yaml<Setting>("id: s-1\ntext: 'no'\n");
    return dynasio::to_yaml(setting) == "id: s-1\ntext: \"no\"\n" ? EXIT_SUCCESS : EXIT_FAILURE;
}
