#ifndef DYNASIO_EXAMPLES_ENCRYPTION_SEALED_HPP
#define DYNASIO_EXAMPLES_ENCRYPTION_SEALED_HPP

// Members that are stored encrypted and authenticated: AES-256-GCM (NIST SP 800-38D) with a nonce of its own for each
// value. A value is bound to the table, the key of the item and the name of the attribute, so that one that was copied
// to another place is refused. What is encrypted can be neither a key nor an operand of a condition.

#include <dynasio/orm/codec.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/this_coro.hpp>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sealed {

using cipher_key = std::array<unsigned char, 32>;

//[key_ring
/// Where keys come from: a service of the io_context, so that hooks find it without globals. `fetch` gives the key of a
/// name, for example from a key management service; `current` names the one that seals. Older ones still open.
class key_ring : public boost::asio::execution_context::service {
public:
    using key_type = key_ring;
    using source = std::function<boost::asio::awaitable<cipher_key>(std::string name)>;
    inline static boost::asio::execution_context::id id{};

    key_ring(boost::asio::execution_context& context, std::string current, source fetch)
        : service(context), current_(std::move(current)), fetch_(std::move(fetch)) {}
    /// What Asio makes for a context to which the program has given none.
    explicit key_ring(boost::asio::execution_context& context)
        : key_ring(context, "", [](std::string) -> boost::asio::awaitable<cipher_key> {
              throw std::logic_error("give the io_context its keys first: asio::make_service<sealed::key_ring>(…)");
          }) {}

    [[nodiscard]] std::string const& current() const { return current_; }
    void use(std::string name) { current_ = std::move(name); }
    [[nodiscard]] boost::asio::awaitable<cipher_key> get(std::string name) { return fetch_(std::move(name)); }

private:
    void shutdown() override { fetch_ = nullptr; }

    std::string current_;
    source fetch_;
};
//]

//[secret
/// A text of an entity whose stored form is encrypted. seal() makes that form, open() reads it.
struct secret {
    std::string text{};

    std::vector<std::byte> stored{}; ///< What the table has: version, name of the key, nonce, tag, ciphertext.
    // What `stored` was made of: a text that has not changed, in an item that is the same, is not sealed anew.
    std::string text_of_stored{}, place_of_stored{};
};
//]

/// What a value is bound to. A key that the save would make is not known when before_save is called, so it is refused.
inline std::string place(std::string_view table, std::string_view item, std::string_view attribute) {
    if (item.empty())
        dynasio::throw_error(dynasio::errc::empty_key,
                             "an encrypted value is bound to the key of its item: set the key "
                             "before the save");
    std::string text;
    for (auto const part : {table, item, attribute}) text.append(std::to_string(part.size())).append(":").append(part);
    return text;
}

namespace detail {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::byte format{1};

using context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

inline context begin(cipher_key const& with, unsigned char const* nonce, std::string_view bound_to, int sealing) {
    context made(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    int size = 0;
    if (!made || EVP_CipherInit_ex(made.get(), EVP_aes_256_gcm(), nullptr, with.data(), nonce, sealing) != 1 ||
        EVP_CipherUpdate(made.get(), nullptr, &size, reinterpret_cast<unsigned char const*>(bound_to.data()),
                         static_cast<int>(bound_to.size())) != 1)
        throw std::runtime_error("the cipher could not be set up");
    return made;
}

[[noreturn]] inline void refuse(std::string const& why) {
    dynasio::throw_error(dynasio::errc::attribute_type_mismatch, "an encrypted value cannot be opened: " + why);
}

} // namespace detail

/// `text` encrypted, with the name of its key in front.
inline std::vector<std::byte> encrypt(std::string_view text, std::string_view key_name, cipher_key const& with,
                                      std::string_view bound_to) {
    if (key_name.size() > 255) throw std::invalid_argument("the name of a key has 255 bytes at most");
    std::vector<std::byte> out(2 + key_name.size() + detail::nonce_size + detail::tag_size + text.size());
    out[0] = detail::format;
    out[1] = static_cast<std::byte>(key_name.size());
    auto* at = reinterpret_cast<unsigned char*>(out.data()) + 2;
    at = std::copy(key_name.begin(), key_name.end(), at);
    auto* const nonce = at;
    auto* const tag = nonce + detail::nonce_size;
    auto* const to = tag + detail::tag_size;
    if (RAND_bytes(nonce, detail::nonce_size) != 1) throw std::runtime_error("no random numbers");
    auto const cipher = detail::begin(with, nonce, bound_to, 1);
    int size = 0;
    if (EVP_CipherUpdate(cipher.get(), to, &size, reinterpret_cast<unsigned char const*>(text.data()),
                         static_cast<int>(text.size())) != 1 ||
        EVP_CipherFinal_ex(cipher.get(), to + size, &size) != 1 ||
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, detail::tag_size, tag) != 1)
        throw std::runtime_error("the text could not be encrypted");
    return out;
}

/// The name of the key that a stored value was encrypted with.
inline std::string key_name_of(std::vector<std::byte> const& stored) {
    auto const size = stored.size() < 2 ? 0 : std::to_integer<std::size_t>(stored[1]);
    if (stored.size() < 2 + size + detail::nonce_size + detail::tag_size || stored[0] != detail::format)
        detail::refuse("it has not the form of one");
    return {reinterpret_cast<char const*>(stored.data()) + 2, size};
}

inline std::string decrypt(std::vector<std::byte> const& stored, cipher_key const& with, std::string_view bound_to) {
    auto const head = 2 + key_name_of(stored).size();
    auto const* const nonce = reinterpret_cast<unsigned char const*>(stored.data()) + head;
    auto const* const tag = nonce + detail::nonce_size;
    auto const* const from = tag + detail::tag_size;
    std::string text(stored.size() - head - detail::nonce_size - detail::tag_size, '\0');
    auto* const to = reinterpret_cast<unsigned char*>(text.data());
    auto const cipher = detail::begin(with, nonce, bound_to, 0);
    std::array<unsigned char, detail::tag_size> expected{};
    std::copy_n(tag, detail::tag_size, expected.data());
    int size = 0;
    if (EVP_CipherUpdate(cipher.get(), to, &size, from, static_cast<int>(text.size())) != 1 ||
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, detail::tag_size, expected.data()) != 1 ||
        EVP_CipherFinal_ex(cipher.get(), to + size, &size) != 1)
        detail::refuse("it was changed, or belongs to another item or attribute, or to another key");
    return text;
}

inline boost::asio::awaitable<key_ring*> ring() {
    auto const executor = co_await boost::asio::this_coro::executor;
    co_return &boost::asio::use_service<key_ring>(boost::asio::query(executor, boost::asio::execution::context));
}

//[hooks
/// For before_save: encrypts a text that has changed since it was opened.
inline boost::asio::awaitable<void> seal(secret& value, std::string bound_to) {
    if (!value.stored.empty() && value.text == value.text_of_stored && value.place_of_stored == bound_to) co_return;
    key_ring* const keys = co_await ring();
    std::string const name = keys->current();
    cipher_key const with = co_await keys->get(name);
    value.stored = encrypt(value.text, name, with, bound_to);
    value.text_of_stored = value.text;
    value.place_of_stored = bound_to;
}

/// For after_read: decrypts what was stored.
inline boost::asio::awaitable<void> open(secret& value, std::string bound_to) {
    if (value.stored.empty()) co_return;
    key_ring* const keys = co_await ring();
    cipher_key const with = co_await keys->get(key_name_of(value.stored));
    value.text = decrypt(value.stored, with, bound_to);
    value.text_of_stored = value.text;
    value.place_of_stored = bound_to;
}
//]

} // namespace sealed

//[codec
template <> struct dynasio::codec<sealed::secret> {
    static constexpr auto type = dynasio::dynamodb::attribute_type::binary;
    static void encode(std::string& out, sealed::secret const& value) {
        if (value.text != value.text_of_stored)
            throw_error(errc::invalid_argument, "a secret was changed and not sealed; seal() it in before_save");
        if (!value.stored.empty()) codec<std::vector<std::byte>>::encode(out, value.stored);
    }
    /// A text that was stored before it was encrypted is taken, too; the next save encrypts it.
    static void decode(dynasio::dynamodb::json_reader& in, sealed::secret& value) {
        value = {};
        dynasio::dynamodb::json_reader ahead = in;
        if (ahead.open_attribute() == dynasio::dynamodb::attribute_type::string)
            codec<std::string>::decode(in, value.text);
        else
            codec<std::vector<std::byte>>::decode(in, value.stored);
    }
};
//]

#endif
