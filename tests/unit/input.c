// SPDX-License-Identifier: MIT
// Inputs from the seed: the same again for the same seed, different ones for another.
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "internal.h"
#include "words.h"

START_TEST(the_table_holds_many_different_friendly_words)
{
    ck_assert_uint_ge(kit_words_count(), 512);
    for (size_t i = 0; i < kit_words_count(); i++) {
        const char *word = kit_words_get(i);
        ck_assert_uint_ge(strlen(word), 3);
        ck_assert_uint_le(strlen(word), 12);
        ck_assert_uint_eq(strspn(word, "abcdefghijklmnopqrstuvwxyz"), strlen(word));
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(word, kit_words_get(j));
    }
}
END_TEST

START_TEST(words_are_short_and_safe_in_urls)
{
    kit_input_start(7193);
    for (size_t i = 0; i < 2000; i++) {
        const char *word = kit_word();
        ck_assert_uint_le(strlen(word), 24);
        size_t noun = strspn(word, "abcdefghijklmnopqrstuvwxyz");
        ck_assert_int_eq(word[noun], '-');
        ck_assert_uint_eq(strspn(word + noun + 1, "0123456789"), 5);
        ck_assert_uint_eq(strlen(word), noun + 6);
    }
}
END_TEST

START_TEST(no_word_of_a_check_is_a_part_of_another_one)
{
    kit_input_start(1);
    const char *words[300];
    for (size_t i = 0; i < 300; i++) {
        words[i] = kit_word();
        for (size_t j = 0; j < i; j++) {
            ck_assert_ptr_null(strstr(words[i], words[j]));
            ck_assert_ptr_null(strstr(words[j], words[i]));
        }
    }
}
END_TEST

START_TEST(words_go_on_after_all_numbers_were_used)
{
    kit_input_start(2);
    for (size_t i = 0; i < 50000; i++)
        ck_assert_uint_gt(strlen(kit_word()), 6);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_inputs)
{
    char word[32];
    uint64_t numbers[2];
    struct kit_bytes bytes[2], text[2];
    for (int i = 0; i < 2; i++) {
        kit_input_start(42);
        const char *made = kit_word();
        if (i == 0)
            snprintf(word, sizeof word, "%s", made);
        ck_assert_str_eq(made, word);
        numbers[i] = kit_number(0, UINT64_MAX);
        bytes[i] = kit_random_bytes(1000);
        text[i] = kit_random_text(1000);
    }
    ck_assert_uint_eq(numbers[0], numbers[1]);
    ck_assert_mem_eq(bytes[0].data, bytes[1].data, 1000);
    ck_assert_mem_eq(text[0].data, text[1].data, 1000);
}
END_TEST

START_TEST(other_seeds_give_other_inputs)
{
    kit_input_start(42);
    const char *word = kit_word();
    struct kit_bytes bytes = kit_random_bytes(64);
    struct kit_bytes text = kit_random_text(64);
    kit_input_start(43);
    ck_assert_str_ne(kit_word(), word);
    ck_assert_mem_ne(kit_random_bytes(64).data, bytes.data, 64);
    ck_assert_mem_ne(kit_random_text(64).data, text.data, 64);
}
END_TEST

START_TEST(numbers_stay_between_their_limits)
{
    kit_input_start(5);
    bool least = false, most = false;
    for (int i = 0; i < 200; i++) {
        uint64_t number = kit_number(3, 7);
        ck_assert_uint_ge(number, 3);
        ck_assert_uint_le(number, 7);
        least |= number == 3;
        most |= number == 7;
    }
    ck_assert(least && most);
    ck_assert_uint_eq(kit_number(9, 9), 9);
}
END_TEST

START_TEST(random_bytes_hold_every_value)
{
    kit_input_start(6);
    for (size_t length = 256; length < 1100; length += 37) {
        struct kit_bytes bytes = kit_random_bytes(length);
        bool seen[256] = {false};
        for (size_t i = 0; i < bytes.length; i++)
            seen[bytes.data[i]] = true;
        for (size_t i = 0; i < 256; i++)
            ck_assert(seen[i]);
    }
}
END_TEST

START_TEST(short_random_bytes_have_a_nul_inside)
{
    kit_input_start(8);
    for (size_t length = 3; length < 256; length++) {
        struct kit_bytes bytes = kit_random_bytes(length);
        ck_assert_uint_eq(bytes.length, length);
        ck_assert_ptr_nonnull(memchr(bytes.data + 1, '\0', length - 2));
    }
    for (size_t length = 0; length < 3; length++)
        ck_assert_uint_eq(kit_random_bytes(length).length, length);
}
END_TEST

START_TEST(random_text_is_lines_of_words_that_compress_well)
{
    kit_input_start(9);
    for (size_t length = 0; length < 300; length++) {
        struct kit_bytes text = kit_random_text(length);
        ck_assert_uint_eq(text.length, length);
        ck_assert(length == 0 || text.data[length - 1] == '\n');
    }
    struct kit_bytes text = kit_random_text(20000);
    size_t line = 0;
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = text.data[i];
        ck_assert(c == '\n' || c == ' ' || (c >= 'a' && c <= 'z'));
        line = c == '\n' ? 0 : line + 1;
        ck_assert_uint_lt(line, 80);
    }
    static unsigned char packed[30000];
    uLongf size = sizeof packed;
    ck_assert_int_eq(compress(packed, &size, text.data, text.length), Z_OK);
    ck_assert_uint_lt(size, text.length / 2);
}
END_TEST

START_TEST(parts_are_joined_in_their_order)
{
    kit_input_start(3);
    const struct kit_bytes parts[] = {
        kit_text("one "), {NULL, 0}, kit_text("two "), kit_text(""), kit_text("three")};
    struct kit_bytes all = kit_join_all(parts, 5);
    ck_assert_uint_eq(all.length, strlen("one two three"));
    ck_assert_mem_eq(all.data, "one two three", all.length);
    ck_assert_uint_eq(kit_join_all(parts, 0).length, 0);
    struct kit_bytes both = kit_join(parts[0], parts[4]);
    ck_assert_uint_eq(both.length, strlen("one three"));
    ck_assert_mem_eq(both.data, "one three", both.length);
}
END_TEST

START_TEST(kept_memory_is_zeroed_aligned_and_copied)
{
    for (size_t size = 1; size < 100; size += 7) {
        unsigned char *block = kit_keep(size);
        ck_assert_uint_eq((uintptr_t)block % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            ck_assert_int_eq(block[i], 0);
        memset(block, 1, size);
    }
    const char *copy = kit_keep_bytes("a\0b", 3);
    ck_assert_mem_eq(copy, "a\0b\0", 4);
    ck_assert_str_eq(kit_format("%s-%d", "fig", 3), "fig-3");
    ck_assert_uint_eq(kit_text("plum").length, 4);
}
END_TEST

UNIT_MAIN("input", the_table_holds_many_different_friendly_words, words_are_short_and_safe_in_urls,
          no_word_of_a_check_is_a_part_of_another_one, words_go_on_after_all_numbers_were_used,
          the_same_seed_gives_the_same_inputs, other_seeds_give_other_inputs,
          numbers_stay_between_their_limits, random_bytes_hold_every_value,
          short_random_bytes_have_a_nul_inside, random_text_is_lines_of_words_that_compress_well,
          parts_are_joined_in_their_order, kept_memory_is_zeroed_aligned_and_copied)
