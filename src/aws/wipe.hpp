#ifndef DYNASIO_SRC_AWS_WIPE_HPP
#define DYNASIO_SRC_AWS_WIPE_HPP

#include <openssl/crypto.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace dynasio::aws {

/// Overwrites the whole buffer, including the bytes behind the end that former contents left, and empties the string.
inline void wipe(std::string& secret) noexcept {
    // Resizing to the capacity does not reallocate, so this cannot throw.
    secret.resize(secret.capacity());
    ::OPENSSL_cleanse(secret.data(), secret.size());
    secret.clear();
}

/// Moves a secret and wipes the source. A plain move would leave the characters of a short string in the source's own
/// buffer.
inline std::string take_secret(std::string& from) noexcept {
    std::string to = std::move(from);
    wipe(from);
    return to;
}

/// Makes room for `by` more characters. The old buffer is wiped; growing the string itself would leave its content in
/// freed memory.
inline void make_room(std::string& secret, std::size_t by) {
    if (secret.capacity() - secret.size() >= by) return;
    std::string larger;
    larger.reserve(std::max(secret.size() + by, 2 * secret.capacity()));
    larger += secret;
    wipe(secret);
    secret = std::move(larger);
}

/// Wipes a string at the end of a scope.
class wipe_at_exit {
public:
    explicit wipe_at_exit(std::string& secret) noexcept : secret_(secret) {}
    ~wipe_at_exit() { wipe(secret_); }
    wipe_at_exit(wipe_at_exit const&) = delete;
    wipe_at_exit& operator=(wipe_at_exit const&) = delete;

private:
    std::string& secret_;
};

} // namespace dynasio::aws

#endif
