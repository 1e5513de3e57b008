// SPDX-License-Identifier: MIT
// Takes the gzip coding off a body (RFC 1952).
#include <zlib.h>

#include "net.h"

enum { piece = 64 * 1024 };
static const size_t most = (size_t)64 * 1024 * 1024;

_Noreturn static void fail_gzip(const struct kit_reply *reply, const char *what, size_t at)
{
    struct kit_failure failure = {
        .message = kit_format("the body is no whole gzip stream: %s", what),
        .actual = (const char *)reply->body.data,
        .actual_length = reply->body.length < 64 ? reply->body.length : 64,
        .connection = reply->connection,
    };
    failure.has_offset = reply_raw_offset(reply, at, &failure.offset);
    kit_fail_because(&failure, "RFC 9110 8.4.1: Content-Encoding: gzip announces the format of "
                               "RFC 1952, from its first byte to its check sum");
}

static const char *complaint(const z_stream *stream, int result, bool all_given)
{
    if (stream->msg != NULL)
        return stream->msg;
    if (result == Z_BUF_ERROR || all_given)
        return kit_format("it ends after %lu bytes, before its check sum", stream->total_in);
    return "it cannot be read";
}

// Unpacks one member, appending to *out. Returns how many bytes of `in` it took.
static size_t unpack_member(const struct kit_reply *reply, size_t start, struct str *out)
{
    struct kit_bytes body = reply->body;
    z_stream stream = {0};
    stream.next_in = (z_const Bytef *)(body.data + start);
    stream.avail_in = (uInt)(body.length - start);
    if (inflateInit2(&stream, 15 + 16) != Z_OK) // 16: gzip and nothing else
        kit_break("zlib does not start");
    int result = Z_OK;
    while (result == Z_OK) {
        stream.next_out = (Bytef *)str_reserve(out, piece);
        stream.avail_out = piece;
        result = inflate(&stream, Z_NO_FLUSH);
        out->length += piece - stream.avail_out;
        if (out->length > most)
            fail_gzip(reply, "it unpacks to more than 64 MiB", start);
    }
    size_t taken = stream.total_in;
    if (result != Z_STREAM_END)
        // zlib has read a wrong header when it complains of it: the fault is where it begins.
        fail_gzip(reply, complaint(&stream, result, stream.avail_in == 0),
                  taken <= 2 ? start : start + taken);
    inflateEnd(&stream);
    return taken;
}

struct kit_bytes kit_gunzip(const struct kit_reply *reply)
{
    kit_settle();
    auto_str struct str out = STR_INIT;
    size_t at = 0;
    do // a stream is one member or several, one behind the other
        at += unpack_member(reply, at, &out);
    while (at < reply->body.length);
    size_t length = out.length;
    return (struct kit_bytes){(unsigned char *)kit_keep_bytes(out.data, length), length};
}
