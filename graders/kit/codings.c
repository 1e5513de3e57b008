// SPDX-License-Identifier: MIT
// Bodies in a coding, for origins to send.
#include <zlib.h>

#include "internal.h"

enum { GZIP_WINDOW = 15 + 16 }; // the largest window, gzip's header and trailer around it

struct kit_bytes kit_gzip(struct kit_bytes bytes)
{
    kit_settle();
    z_stream stream = {0};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        kit_break("zlib: %s", stream.msg != NULL ? stream.msg : "no memory");
    size_t most = deflateBound(&stream, bytes.length);
    unsigned char *out = kit_keep(most);
    stream.next_in = (unsigned char *)(uintptr_t)bytes.data;
    stream.avail_in = (unsigned)bytes.length;
    stream.next_out = out;
    stream.avail_out = (unsigned)most;
    int result = deflate(&stream, Z_FINISH);
    size_t length = stream.total_out;
    deflateEnd(&stream);
    if (result != Z_STREAM_END)
        kit_break("kit_gzip: zlib says %d", result);
    return (struct kit_bytes){out, length};
}

struct kit_bytes kit_chunked(struct kit_bytes bytes, size_t chunk)
{
    kit_settle();
    if (chunk == 0)
        kit_break("chunks have at least one byte");
    auto_str struct str out = STR_INIT;
    for (size_t at = 0; at < bytes.length; at += chunk) {
        size_t length = bytes.length - at < chunk ? bytes.length - at : chunk;
        str_append_format(&out, "%zx\r\n", length);
        str_append_bytes(&out, bytes.data + at, length);
        str_append(&out, "\r\n");
    }
    str_append(&out, "0\r\n\r\n");
    return (struct kit_bytes){(unsigned char *)kit_keep_bytes(out.data, out.length), out.length};
}
