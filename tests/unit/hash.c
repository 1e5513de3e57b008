// SPDX-License-Identifier: MIT
// SHA-256: the standard's examples, and parts that keep their borders.
#include "unit.h"

#include <string.h>

#include "base/hash.h"
#include "base/str.h"

START_TEST(examples_of_the_standard_come_out)
    {
        static const struct {
            const char *text, *hex;
        } cases[] = {
            {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
            {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
            {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
             "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        };
        struct hash hash = HASH_INIT;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            hash_add(&hash, cases[i].text, strlen(cases[i].text));
            auto_free char *hex = hash_take_hex(&hash);
            ck_assert_str_eq(hex, cases[i].hex);
        }
    }
END_TEST

START_TEST(a_million_letters_in_uneven_pieces_come_out)
    {
        static const char letters[] =
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        struct hash hash = HASH_INIT;
        size_t left = 1000000;
        for (size_t piece = 1; left > 0; piece = piece % (sizeof letters - 1) + 1) {
            size_t length = piece < left ? piece : left;
            hash_add(&hash, letters, length);
            left -= length;
        }
        auto_free char *hex = hash_take_hex(&hash);
        ck_assert_str_eq(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
END_TEST

START_TEST(parts_keep_their_borders)
    {
        struct hash hash = HASH_INIT;
        hash_add_part(&hash, "ab", 2);
        hash_add_part(&hash, "c", 1);
        auto_free char *one = hash_take_hex(&hash);
        hash_add_part(&hash, "a", 1);
        hash_add_part(&hash, "bc", 2);
        auto_free char *two = hash_take_hex(&hash);
        ck_assert_str_ne(one, two);
    }
END_TEST

UNIT_MAIN("hash", examples_of_the_standard_come_out, a_million_letters_in_uneven_pieces_come_out,
          parts_keep_their_borders)
