// SPDX-License-Identifier: MIT
// base/hash: content hashes.
#include "unit.h"

#include <string.h>

#include "base/hash.h"
#include "base/str.h"

START_TEST(known_digests_come_out)
{
    // FIPS 180-4, the examples of SHA-256.
    auto_free char *empty = hash_hex("", 0);
    auto_free char *abc = hash_hex("abc", 3);
    ck_assert_str_eq(empty, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    ck_assert_str_eq(abc, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ck_assert_uint_eq(strlen(abc), HASH_DIGITS);
}
END_TEST

START_TEST(parts_add_up_to_the_whole)
{
    struct hash *hash = hash_new();
    hash_add(hash, "a", 1);
    hash_add(hash, NULL, 0);
    hash_add(hash, "bc", 2);
    auto_free char *parts = hash_finish(hash);
    auto_free char *whole = hash_hex("abc", 3);
    ck_assert_str_eq(parts, whole);
}
END_TEST

static char *hash_of_two(const char *a, const char *b)
{
    struct hash *hash = hash_new();
    hash_add_text(hash, a);
    hash_add_text(hash, b);
    return hash_finish(hash);
}

START_TEST(fields_keep_their_borders)
{
    auto_free char *one = hash_of_two("ab", "c");
    auto_free char *other = hash_of_two("a", "bc");
    auto_free char *none = hash_of_two("abc", NULL);
    auto_free char *empty = hash_of_two("abc", "");
    ck_assert_str_ne(one, other);
    ck_assert_str_ne(none, empty);
}
END_TEST

UNIT_MAIN("hash", known_digests_come_out, parts_add_up_to_the_whole, fields_keep_their_borders)
