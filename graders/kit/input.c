// SPDX-License-Identifier: MIT
/*
 * Inputs chosen by the seed: words, numbers, bytes. The same seed and the same calls give the same
 * inputs on every machine.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "words.h"

enum {
    least_number = 10000, // of the numbers behind words: all have five digits
    number_count = 90000,
    line_length = 64, // of random text, about
    text_words = 48,  // different words in one random text: few, so that it compresses well
};

static struct seed_stream stream;
static bool number_used[number_count];
static size_t numbers_used;

void kit_input_start(uint64_t seed)
{
    stream = (struct seed_stream){seed};
    memset(number_used, 0, sizeof number_used);
    numbers_used = 0;
}

// A number that no word of this check has yet: then no word is a part of another one, and what
// belongs to one client is never taken for another's.
static unsigned fresh_number(void)
{
    if (numbers_used >= number_count / 2) {
        memset(number_used, 0, sizeof number_used);
        numbers_used = 0;
    }
    size_t number;
    do
        number = (size_t)seed_below(&stream, number_count);
    while (number_used[number]);
    number_used[number] = true;
    numbers_used++;
    return (unsigned)number + least_number;
}

static const char *any_noun(void)
{
    return kit_words_get((size_t)seed_below(&stream, kit_words_count()));
}

const char *kit_word(void)
{
    kit_settle();
    const char *noun = any_noun();
    return kit_format("%s-%u", noun, fresh_number());
}

uint64_t kit_number(uint64_t least, uint64_t most)
{
    kit_settle();
    if (least > most)
        kit_break("kit_number(%llu, %llu): the least is above the most", (unsigned long long)least,
                  (unsigned long long)most);
    uint64_t span = most - least + 1;
    return span == 0 ? seed_next(&stream) : least + seed_below(&stream, span);
}

// Writes each of the 256 values once, at places spread over all of the bytes.
static void put_every_value(unsigned char *bytes, size_t length)
{
    unsigned char values[256] = {0};
    for (size_t i = 0; i < sizeof values; i++) {
        size_t other = (size_t)seed_below(&stream, i + 1);
        values[i] = values[other];
        values[other] = (unsigned char)i;
    }
    size_t stride = length / sizeof values;
    for (size_t i = 0; i < sizeof values; i++)
        bytes[i * stride + (size_t)seed_below(&stream, stride)] = values[i];
}

struct kit_bytes kit_random_bytes(size_t length)
{
    kit_settle();
    unsigned char *bytes = kit_keep(length + 1);
    for (size_t i = 0; i < length; i += sizeof(uint64_t)) {
        uint64_t bits = seed_next(&stream);
        size_t part = length - i < sizeof bits ? length - i : sizeof bits;
        for (size_t j = 0; j < part; j++)
            bytes[i + j] = (unsigned char)(bits >> (8 * j)); // the same on every byte order
    }
    if (length >= 256)
        put_every_value(bytes, length);
    else if (length >= 3)
        bytes[1 + (size_t)seed_below(&stream, length - 2)] = '\0'; // inside, where strings break
    return (struct kit_bytes){bytes, length};
}

// Appends lines of words until there are `length` bytes at least.
static void append_lines(struct str *text, size_t length)
{
    const char *chosen[text_words];
    for (size_t i = 0; i < text_words; i++)
        chosen[i] = any_noun();
    size_t line_start = 0;
    while (text->length < length) {
        str_append(text, chosen[seed_below(&stream, text_words)]);
        bool full = text->length - line_start >= line_length;
        str_append_char(text, full ? '\n' : ' ');
        if (full)
            line_start = text->length;
    }
}

struct kit_bytes kit_random_text(size_t length)
{
    kit_settle();
    auto_str struct str text = STR_INIT;
    append_lines(&text, length);
    char *kept = kit_keep_bytes(text.data, length);
    if (length > 0)
        kept[length - 1] = '\n';
    return (struct kit_bytes){(unsigned char *)kept, length};
}

void kit_fixed_input(const char *why)
{
    kit_settle();
    kit_record_fixed_input(why);
}

const char *kit_random_letters(size_t length)
{
    kit_settle();
    char *text = kit_keep(length + 1);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)('a' + kit_number(0, 'z' - 'a'));
    return text;
}

struct kit_bytes kit_part(struct kit_bytes bytes, size_t from, size_t length)
{
    kit_settle();
    if (from > bytes.length || length > bytes.length - from)
        kit_break("kit_part: %zu bytes from %zu on, of %zu", length, from, bytes.length);
    return (struct kit_bytes){bytes.data + from, length};
}

struct kit_bytes kit_join(struct kit_bytes first, struct kit_bytes second)
{
    return kit_join_all((const struct kit_bytes[]){first, second}, 2);
}

struct kit_bytes kit_join_all(const struct kit_bytes *parts, size_t count)
{
    kit_settle();
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        length += parts[i].length;
    unsigned char *all = kit_keep(length + 1), *end = all;
    for (size_t i = 0; i < count; i++)
        if (parts[i].length > 0) // memcpy() takes no NULL
            end = (unsigned char *)memcpy(end, parts[i].data, parts[i].length) + parts[i].length;
    return (struct kit_bytes){all, length};
}
