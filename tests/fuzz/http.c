// SPDX-License-Identifier: MIT
// The strict reader of answers: at once and as bytes come it finds the same.
// parser: graders/kit/http.c graders/kit/http_head.c
#include "target.h"

#include <string.h>

#include "http.h"

static void must_be_right(const struct kit_http_parse *out, enum kit_http_verdict verdict,
                          size_t size)
{
    if (verdict == KIT_HTTP_WRONG) {
        must_be_a_line(out->message);
        must_be_a_line(out->because);
        MUST(out->offset <= size);
    } else if (verdict == KIT_HTTP_WHOLE) {
        MUST(out->total <= size && out->head_length <= out->total);
        MUST(out->status >= 100 && out->status <= 599);
        MUST(!(out->chunked && out->has_length));
    }
    MUST(out->body.length <= size);
}

// Feeds the bytes in pieces and compares with what was found at once.
static void read_in_pieces(const uint8_t *data, size_t size, size_t piece, bool head_only,
                           enum kit_http_verdict verdict, const struct kit_http_parse *whole)
{
    struct http_reader reader;
    http_reader_start(&reader, head_only);
    enum kit_http_verdict found = KIT_HTTP_MORE;
    for (size_t at = 0; at < size && found == KIT_HTTP_MORE; at += piece)
        found = http_reader_feed(&reader, data, at + piece < size ? at + piece : size, false);
    if (found == KIT_HTTP_MORE)
        found = http_reader_feed(&reader, data, size, true);
    must_be_right(&reader.out, found, size);
    MUST(found == verdict);
    if (found == KIT_HTTP_WHOLE) {
        MUST(reader.out.total == whole->total && reader.out.status == whole->status);
        MUST(reader.out.body.length == whole->body.length);
        for (size_t i = 0; i < whole->body.length; i++) {
            size_t raw =
                http_raw_offset(reader.chunks, reader.chunk_count, reader.out.head_length, i);
            MUST(raw < size && data[raw] == (uint8_t)whole->body.data[i]);
        }
    }
    http_reader_release(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int head_only = 0; head_only < 2; head_only++) {
        struct kit_http_parse open, closed;
        enum kit_http_verdict verdict = kit_http_parse(data, size, head_only, true, &closed);
        MUST(verdict != KIT_HTTP_MORE);
        must_be_right(&closed, verdict, size);
        enum kit_http_verdict sooner = kit_http_parse(data, size, head_only, false, &open);
        must_be_right(&open, sooner, size);
        // More bytes can only complete an answer, never turn its verdict round.
        MUST(sooner == KIT_HTTP_MORE || sooner == verdict);
        read_in_pieces(data, size, 1 + size % 5, head_only, verdict, &closed);
        kit_http_parse_release(&open);
        kit_http_parse_release(&closed);
    }
    return 0;
}
