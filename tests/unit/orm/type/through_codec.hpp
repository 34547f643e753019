#ifndef DYNASIO_TESTS_UNIT_ORM_TYPE_THROUGH_CODEC_HPP
#define DYNASIO_TESTS_UNIT_ORM_TYPE_THROUGH_CODEC_HPP

#include <dynasio/orm/codec.hpp>

#include <string>
#include <string_view>

namespace dynasio::test {

template <class T> std::string encoded(T const& value) {
    std::string out;
    codec<T>::encode(out, value);
    return out;
}

/// Reads the whole text.
template <class T> T decoded(std::string const& text) {
    dynamodb::json_reader in{std::string_view(text)};
    T value{};
    codec<T>::decode(in, value);
    in.finish();
    return value;
}

} // namespace dynasio::test

#endif
