// SPDX-License-Identifier: MIT
/*
 * The strict reader: the way through an answer, line by line and chunk by chunk (RFC 9112 sections
 * 6 and 7). The rules for the head's lines are in http_head.c. Nothing here waits or records.
 */
#include "http.h"

#include <stdlib.h>
#include <string.h>

static const char chunked_rule[] =
    "RFC 9112 7.1: each chunk is its size in hexadecimal, \\r\\n, the data, \\r\\n";

// What one stage has done with the bytes.
enum step { GO_ON, NEED_MORE, STOP };

void http_reader_start(struct http_reader *reader, bool head_only)
{
    *reader = (struct http_reader){.verdict = KIT_HTTP_MORE, .head_only = head_only};
}

void http_reader_release(struct http_reader *reader)
{
    kit_http_parse_release(&reader->out);
    free(take(reader->chunks));
}

void kit_http_parse_release(struct kit_http_parse *parse)
{
    str_release(&parse->body);
    str_release(&parse->made);
}

size_t http_raw_offset(const struct http_chunk *chunks, size_t count, size_t head_length,
                       size_t index)
{
    size_t low = 0, high = count; // the last chunk that begins at or before index
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (chunks[middle].body <= index)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? head_length + index : chunks[low - 1].raw + (index - chunks[low - 1].body);
}

static void add_chunk(struct http_reader *reader)
{
    if (reader->chunk_count == reader->chunk_capacity) {
        reader->chunk_capacity = reader->chunk_capacity > 0 ? reader->chunk_capacity * 2 : 16;
        reader->chunks =
            mem_resize(reader->chunks, reader->chunk_capacity * sizeof *reader->chunks);
    }
    reader->chunks[reader->chunk_count++] =
        (struct http_chunk){reader->out.body.length, reader->at};
}

static struct http_line next_line(struct http_reader *reader, const unsigned char *bytes,
                                  size_t length)
{
    if (reader->searched < reader->at)
        reader->searched = reader->at;
    const unsigned char *found = length > reader->searched ? memchr(bytes + reader->searched, '\n',
                                                                    length - reader->searched)
                                                           : NULL;
    size_t end = found != NULL ? (size_t)(found - bytes) : length;
    reader->searched = end;
    return (struct http_line){bytes, reader->at, end, found != NULL};
}

static bool is_empty_line(const struct http_line *line)
{
    return line->whole && (line->end == line->start ||
                           (line->end == line->start + 1 && line->bytes[line->start] == '\r'));
}

static void leave_line(struct http_reader *reader, const struct http_line *line)
{
    reader->at = line->end + 1;
}

// ---------------------------------------------------------------- the head

// A line that is not whole is judged only where that costs little for each new piece, or when
// nothing more comes.
static bool worth_judging(const struct http_line *line, bool closed)
{
    return line->whole || closed || line->end - line->start <= 64;
}

static enum step read_status_line(struct http_reader *reader, const unsigned char *bytes,
                                  size_t length, bool closed)
{
    struct http_line line = next_line(reader, bytes, length);
    if (worth_judging(&line, closed) && !http_judge_status_line(reader, &line))
        return STOP;
    if (!line.whole)
        return NEED_MORE;
    leave_line(reader, &line);
    reader->stage = HTTP_FIELDS;
    return GO_ON;
}

static enum step end_of_head(struct http_reader *reader, const struct http_line *line)
{
    if (!http_judge_ending(reader, line))
        return STOP;
    leave_line(reader, line);
    reader->out.head_length = reader->at;
    return http_judge_framing(reader) ? GO_ON : STOP;
}

static enum step read_field_line(struct http_reader *reader, const unsigned char *bytes,
                                 size_t length, bool closed)
{
    struct http_line line = next_line(reader, bytes, length);
    if (is_empty_line(&line))
        return end_of_head(reader, &line);
    bool only_return = line.end == line.start + 1 && bytes[line.start] == '\r';
    bool judge = worth_judging(&line, closed) && line.end > line.start && !only_return;
    if (judge && !http_judge_field_line(reader, &line, true))
        return STOP;
    if (!line.whole)
        return NEED_MORE;
    leave_line(reader, &line);
    return GO_ON;
}

// ---------------------------------------------------------------- the body

// Takes what is there of `left` bytes of body.
static void take_body(struct http_reader *reader, const unsigned char *bytes, size_t length)
{
    size_t there = length - reader->at;
    size_t taken = reader->left < there ? (size_t)reader->left : there;
    if (taken > 0)
        str_append_bytes(&reader->out.body, bytes + reader->at, taken);
    reader->at += taken;
    reader->left -= taken;
}

static enum step read_length_body(struct http_reader *reader, const unsigned char *bytes,
                                  size_t length)
{
    take_body(reader, bytes, length);
    if (reader->left > 0)
        return NEED_MORE;
    reader->stage = HTTP_DONE;
    return GO_ON;
}

static enum step read_body_until_close(struct http_reader *reader, const unsigned char *bytes,
                                       size_t length, bool closed)
{
    reader->left = length - reader->at;
    take_body(reader, bytes, length);
    if (!closed)
        return NEED_MORE;
    reader->stage = HTTP_DONE;
    return GO_ON;
}

static int hex_value(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// What may follow the size: blanks and a chunk extension, which is skipped.
static bool judge_extension(struct http_reader *reader, const struct http_line *line, size_t at)
{
    while (at < line->end && (line->bytes[at] == ' ' || line->bytes[at] == '\t'))
        at++;
    if (at < line->end && line->bytes[at] != ';' && line->bytes[at] != '\r')
        return http_wrong(reader, at, "the size of a chunk is not hexadecimal", NULL, chunked_rule);
    return http_judge_text(reader, line, at) && http_judge_ending(reader, line);
}

static bool judge_chunk_size(struct http_reader *reader, const struct http_line *line)
{
    uint64_t size = 0;
    size_t i = line->start;
    for (; i < line->end && hex_value(line->bytes[i]) >= 0; i++) {
        if (size > (INT64_MAX >> 4))
            return http_wrong(reader, line->start, "the size of a chunk is too large a number",
                              NULL, chunked_rule);
        size = size * 16 + (uint64_t)hex_value(line->bytes[i]);
    }
    if (i == line->start && (i < line->end || line->whole))
        return http_wrong(reader, i, "a chunk does not begin with its size in hexadecimal", NULL,
                          chunked_rule);
    reader->chunk_size = size;
    return judge_extension(reader, line, i);
}

static enum step read_chunk_size(struct http_reader *reader, const unsigned char *bytes,
                                 size_t length, bool closed)
{
    struct http_line line = next_line(reader, bytes, length);
    if (worth_judging(&line, closed) && !judge_chunk_size(reader, &line))
        return STOP;
    if (!line.whole)
        return NEED_MORE;
    leave_line(reader, &line);
    reader->left = reader->chunk_size;
    if (reader->chunk_size > 0)
        add_chunk(reader);
    reader->stage = reader->chunk_size > 0 ? HTTP_CHUNK_DATA : HTTP_TRAILERS;
    return GO_ON;
}

static enum step read_chunk_data(struct http_reader *reader, const unsigned char *bytes,
                                 size_t length)
{
    take_body(reader, bytes, length);
    if (reader->left > 0)
        return NEED_MORE;
    reader->stage = HTTP_CHUNK_END;
    return GO_ON;
}

static enum step read_chunk_end(struct http_reader *reader, const unsigned char *bytes,
                                size_t length)
{
    static const char end[] = "\r\n";
    for (size_t i = 0; i < 2; i++) {
        if (reader->at + i >= length)
            return NEED_MORE;
        if (bytes[reader->at + i] == (unsigned char)end[i])
            continue;
        str_append_format(&reader->out.made, "the %llu bytes of a chunk are not followed by \\r\\n",
                          (unsigned long long)reader->chunk_size);
        http_wrong(reader, reader->at + i, str_text(&reader->out.made), "\r\n", chunked_rule);
        return STOP;
    }
    reader->at += 2;
    reader->stage = HTTP_CHUNK_SIZE;
    return GO_ON;
}

static enum step read_trailer(struct http_reader *reader, const unsigned char *bytes, size_t length,
                              bool closed)
{
    struct http_line line = next_line(reader, bytes, length);
    bool empty = is_empty_line(&line);
    bool only_return = line.end == line.start + 1 && bytes[line.start] == '\r';
    bool judge = worth_judging(&line, closed) && line.end > line.start && !only_return;
    if (empty ? !http_judge_ending(reader, &line)
              : judge && !http_judge_field_line(reader, &line, false))
        return STOP;
    if (!line.whole)
        return NEED_MORE;
    leave_line(reader, &line);
    if (empty)
        reader->stage = HTTP_DONE;
    return GO_ON;
}

// ---------------------------------------------------------------- the whole

static enum step read_stage(struct http_reader *reader, const unsigned char *bytes, size_t length,
                            bool closed)
{
    switch (reader->stage) {
    case HTTP_STATUS_LINE:
        return read_status_line(reader, bytes, length, closed);
    case HTTP_FIELDS:
        return read_field_line(reader, bytes, length, closed);
    case HTTP_BODY_LENGTH:
        return read_length_body(reader, bytes, length);
    case HTTP_BODY_CLOSE:
        return read_body_until_close(reader, bytes, length, closed);
    case HTTP_CHUNK_SIZE:
        return read_chunk_size(reader, bytes, length, closed);
    case HTTP_CHUNK_DATA:
        return read_chunk_data(reader, bytes, length);
    case HTTP_CHUNK_END:
        return read_chunk_end(reader, bytes, length);
    case HTTP_TRAILERS:
        return read_trailer(reader, bytes, length, closed);
    case HTTP_DONE:
        break;
    }
    reader->verdict = KIT_HTTP_WHOLE;
    reader->out.total = reader->at;
    return STOP;
}

// No rule is broken, and no more bytes will come.
static void end_too_early(struct http_reader *reader, size_t length)
{
    struct str *made = &reader->out.made;
    reader->out.truncated = true;
    str_append(made, "the connection was closed ");
    if (length == 0)
        str_append(made, "without an answer");
    else if (reader->stage == HTTP_STATUS_LINE || reader->stage == HTTP_FIELDS)
        str_append(made, "before the empty line that ends the head");
    else if (reader->stage == HTTP_BODY_LENGTH)
        str_append_format(made, "after %zu of %llu bytes of the body", reader->out.body.length,
                          (unsigned long long)reader->out.length);
    else
        str_append(made, "before the chunk of size 0 that ends the body");
    http_wrong(reader, length, str_text(made), NULL,
               length == 0 ? "RFC 9110 3.3: a server answers each request"
                           : "RFC 9112 8: an answer that ends too early is of no use to a client");
}

enum kit_http_verdict http_reader_feed(struct http_reader *reader, const unsigned char *bytes,
                                       size_t length, bool closed)
{
    if (reader->verdict != KIT_HTTP_MORE)
        return reader->verdict;
    enum step step;
    do
        step = read_stage(reader, bytes, length, closed);
    while (step == GO_ON);
    if (step == NEED_MORE && closed)
        end_too_early(reader, length);
    return reader->verdict;
}

enum kit_http_verdict kit_http_parse(const unsigned char *bytes, size_t length, bool head_only,
                                     bool closed, struct kit_http_parse *out)
{
    struct http_reader reader;
    http_reader_start(&reader, head_only);
    enum kit_http_verdict verdict = http_reader_feed(&reader, bytes, length, closed);
    *out = reader.out;
    reader.out = (struct kit_http_parse){0};
    http_reader_release(&reader);
    return verdict;
}
