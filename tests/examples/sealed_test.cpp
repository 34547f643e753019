#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "../../examples/encryption/sealed.hpp"
#include "support/coroutine.hpp"
#include "support/error_of.hpp"

// The encryption of examples/encryption by itself.
namespace {

using dynasio::errc;
using dynasio::test::error_of;
using sealed::cipher_key;
using sealed::secret;

cipher_key key_of(unsigned char fill) {
    cipher_key made{};
    made.fill(fill);
    return made;
}
std::string const here = sealed::place("patients", "ann", "diagnosis");

TEST(sealed_values, are_opened_where_they_belong) {
    for (std::string const& text :
         {std::string(), std::string("a"), std::string("\0x", 2), std::string(100'000, 'x')}) {
        auto const stored = sealed::encrypt(text, "2026", key_of(1), here);
        EXPECT_EQ(sealed::key_name_of(stored), "2026");
        EXPECT_EQ(sealed::decrypt(stored, key_of(1), here), text);
        EXPECT_NE(sealed::encrypt(text, "2026", key_of(1), here), stored) << "the nonce is not new";
    }
}

TEST(sealed_values, are_refused_elsewhere_and_with_another_key) {
    auto const stored = sealed::encrypt("text", "2026", key_of(1), here);
    for (std::string const& place :
         {sealed::place("patients", "bob", "diagnosis"), sealed::place("patients", "ann", "name"),
          sealed::place("doctors", "ann", "diagnosis"), sealed::place("patientsan", "n", "diagnosis"), std::string()})
        EXPECT_EQ(error_of([&] { static_cast<void>(sealed::decrypt(stored, key_of(1), place)); }).code(),
                  errc::attribute_type_mismatch);
    EXPECT_EQ(error_of([&] { static_cast<void>(sealed::decrypt(stored, key_of(2), here)); }).code(),
              errc::attribute_type_mismatch);
}

TEST(sealed_values, are_refused_with_any_byte_changed_or_missing) {
    auto const stored = sealed::encrypt("text", "2026", key_of(1), here);
    for (std::size_t i = 0; i < stored.size(); ++i) {
        auto changed = stored;
        changed[i] ^= std::byte{1};
        bool refused = false;
        try {
            // The name of the key is protected by the key that it leads to.
            auto const with = sealed::key_name_of(changed) == "2026" ? key_of(1) : key_of(2);
            static_cast<void>(sealed::decrypt(changed, with, here));
        } catch (dynasio::error const& e) {
            refused = e.code() == errc::attribute_type_mismatch;
        }
        EXPECT_TRUE(refused) << i;
        std::vector<std::byte> const cut(stored.begin(), stored.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_EQ(error_of([&] { static_cast<void>(sealed::decrypt(cut, key_of(1), here)); }).code(),
                  errc::attribute_type_mismatch);
    }
}

TEST(secrets, are_sealed_anew_only_when_they_have_changed) {
    boost::asio::io_context io;
    int fetched = 0;
    boost::asio::make_service<sealed::key_ring>(io, "k", [&](std::string) -> boost::asio::awaitable<cipher_key> {
        ++fetched;
        co_return key_of(1);
    });
    secret value;
    value.text = "text";
    dynasio::test::run(io, sealed::seal(value, here));
    auto const stored = value.stored;
    dynasio::test::run(io, sealed::seal(value, here));
    EXPECT_EQ(value.stored, stored);
    EXPECT_EQ(fetched, 1);
    value.text = "other";
    dynasio::test::run(io, sealed::seal(value, here));
    EXPECT_NE(value.stored, stored);

    // The entity gets another key.
    auto const before = value.stored;
    std::string const elsewhere = sealed::place("patients", "ann2", "diagnosis");
    dynasio::test::run(io, sealed::seal(value, elsewhere));
    EXPECT_NE(value.stored, before);
    EXPECT_EQ(sealed::decrypt(value.stored, key_of(1), elsewhere), "other");
    value.stored = before;

    secret read;
    read.stored = value.stored;
    dynasio::test::run(io, sealed::open(read, here));
    EXPECT_EQ(read.text, "other");
}

TEST(secrets, are_refused_in_an_item_whose_key_is_not_known) {
    EXPECT_EQ(error_of([] { static_cast<void>(sealed::place("patients", "", "diagnosis")); }).code(), errc::empty_key);
}

TEST(secrets, need_keys_that_somebody_has_given) {
    boost::asio::io_context io;
    secret value;
    value.text = "text";
    EXPECT_THROW(dynasio::test::run(io, sealed::seal(value, here)), std::logic_error);
}

TEST(secrets, are_never_stored_as_they_are) {
    secret value;
    value.text = "text";
    std::string out;
    EXPECT_EQ(error_of([&] { dynasio::codec<secret>::encode(out, value); }).code(), errc::invalid_argument);
    EXPECT_EQ(out.find("text"), std::string::npos);
}

TEST(secrets, of_items_from_before_the_encryption_are_read_and_sealed_by_the_next_save) {
    std::string const wire = R"({"S":"old text"})";
    dynasio::dynamodb::json_reader in(wire);
    secret value;
    dynasio::codec<secret>::decode(in, value);
    EXPECT_EQ(value.text, "old text");
    EXPECT_TRUE(value.stored.empty());
}

} // namespace
