#ifndef DYNASIO_HTTP_DETAIL_RESPONSE_READER_HPP
#define DYNASIO_HTTP_DETAIL_RESPONSE_READER_HPP

#include <dynasio/http/detail/chunk_decoder.hpp>
#include <dynasio/http/detail/head_parser.hpp>
#include <dynasio/http/detail/storage_pool.hpp>
#include <dynasio/http/response.hpp>

#include <dynasio/core/error.hpp>

#include <cstddef>
#include <span>

namespace dynasio::http::detail {

/// Reads one answer from bytes. Does no I/O.
///
///     while (reader.commit(receive(reader.prepare())) == progress::need_more) {}
///
/// The head and the body (with the chunks joined, if it was chunked) end up in one piece of memory, which the finished
/// response owns. Interim (1xx) answers are skipped. Not for answers to HEAD and CONNECT, which have no body.
class response_reader {
public:
    enum class progress { need_more, done, failed };

    /// An answer that does not fit `storage` moves to a large storage of the same pool, which grows as needed.
    response_reader(answer_ptr storage, std::size_t max_head_bytes, std::size_t max_body_bytes);

    /// Room for the bytes that are received next, never empty, valid until the next call. Precondition: the last
    /// progress was need_more.
    [[nodiscard]] std::span<char> prepare();
    /// The first `n` bytes of prepare()'s room were filled.
    progress commit(std::size_t n);
    /// The peer closed its side. The answer fails, unless its body is delimited by the end of the connection.
    progress commit_eof();

    /// After progress::failed: transport_errc::malformed_http, response_too_large or connection_lost.
    [[nodiscard]] error_code error() const noexcept { return error_; }
    /// A sentence for people about error().
    [[nodiscard]] char const* reason() const noexcept { return reason_; }
    /// Whether at least one byte has been received.
    [[nodiscard]] bool started() const noexcept { return started_; }
    /// After progress::done: whether the connection can carry another exchange.
    [[nodiscard]] bool keep_alive() const noexcept { return keep_alive_; }

    /// The answer. Precondition: progress::done; call it once.
    [[nodiscard]] response take() noexcept;

private:
    enum class phase { head, sized_body, chunked_body, body_to_end, done, failed };

    progress parse_head();
    progress head_done();
    progress parse_chunks();
    progress advance_body();
    progress fail(transport_errc code, char const* reason) noexcept;
    progress fail(head_parser::outcome reason) noexcept;
    progress done(bool reusable) noexcept;
    [[nodiscard]] std::size_t room_wanted() const noexcept;
    void grow(std::size_t wanted);

    answer_ptr storage_;
    head_parser head_;
    chunk_decoder chunks_;
    std::size_t max_head_;
    std::size_t max_body_;
    std::size_t head_bytes_ = 0; // bytes of interim heads, which count towards the limit
    std::size_t head_begin_ = 0;
    std::size_t parsed_ = 0; // [parsed_, size_) is received and not yet parsed
    std::size_t size_ = 0;
    std::size_t body_begin_ = 0;
    std::size_t body_size_ = 0; // as announced, or as received so far when it was not announced
    error_code error_{};
    char const* reason_ = "";
    phase phase_ = phase::head;
    bool started_ = false;
    bool keep_alive_ = false;
};

} // namespace dynasio::http::detail

#endif
