// SPDX-License-Identifier: MIT
/*
 * The strict reader while bytes still come: the same rules as kit_http_parse, but it goes on where
 * it stopped, so that a body of many megabytes in small pieces is looked at once.
 *
 *     http_reader_start(&reader, false);
 *     while (http_reader_feed(&reader, all, length, closed) == KIT_HTTP_MORE)
 *         …                                   // `all` grows and begins with the answer
 *     http_reader_release(&reader);
 */
#ifndef KIT_HTTP_H
#define KIT_HTTP_H

#include "internal.h"

enum http_stage {
    HTTP_STATUS_LINE,
    HTTP_FIELDS,
    HTTP_BODY_LENGTH,
    HTTP_BODY_CLOSE,
    HTTP_CHUNK_SIZE,
    HTTP_CHUNK_DATA,
    HTTP_CHUNK_END,
    HTTP_TRAILERS,
    HTTP_DONE,
};

// From byte `body` of the body on, bytes came at `raw` of the answer.
struct http_chunk {
    size_t body, raw;
};

struct http_reader {
    struct kit_http_parse out;
    enum kit_http_verdict verdict;
    enum http_stage stage;
    bool head_only;
    size_t at;       // the first byte that was not judged
    size_t searched; // between `at` and here no line ends
    uint64_t left;   // of the body or of the chunk
    uint64_t chunk_size;
    size_t coding_offset; // where the value of Transfer-Encoding stands
    struct http_chunk *chunks;
    size_t chunk_count, chunk_capacity;
};

// One line without its \n, judged as far as it came.
struct http_line {
    const unsigned char *bytes; // of the whole answer
    size_t start, end;          // end: the \n, or where the bytes end so far
    bool whole;                 // the \n is there
};

void http_reader_start(struct http_reader *reader, bool head_only);
// `bytes` is the answer from its first byte on; what was fed before stays as it was.
enum kit_http_verdict http_reader_feed(struct http_reader *reader, const unsigned char *bytes,
                                       size_t length, bool closed);
void http_reader_release(struct http_reader *reader);
// Where byte `index` of the body stands in the answer.
size_t http_raw_offset(const struct http_chunk *chunks, size_t count, size_t head_length,
                       size_t index);

// ---- http_head.c. Each returns false after it has called http_wrong.
// Notes the broken rule. The texts must live as long as the reader. Returns false.
bool http_wrong(struct http_reader *reader, size_t offset, const char *message,
                const char *expected, const char *because);
// Printable bytes up to the end of the line: no NUL, no control byte, no lonely \r.
bool http_judge_text(struct http_reader *reader, const struct http_line *line, size_t from);
bool http_judge_ending(struct http_reader *reader, const struct http_line *line);
bool http_judge_status_line(struct http_reader *reader, const struct http_line *line);
// A field line that is not the empty one. `counts`: lengths and codings are taken from it.
bool http_judge_field_line(struct http_reader *reader, const struct http_line *line, bool counts);
// What the fields say together; chooses the stage of the body.
bool http_judge_framing(struct http_reader *reader);

#endif
