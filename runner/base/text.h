// SPDX-License-Identifier: MIT
/*
 * Text for people: escaped bytes, widths, words that were meant.
 */
#ifndef LAB_TEXT_H
#define LAB_TEXT_H

#include <stddef.h>

#include "base/str.h"

// Appends bytes as ASCII: \\ \r \n \t \xHH for what is not printable. Reversible by text_unescape.
void text_append_escaped(struct str *out, const void *bytes, size_t length);
char *text_escape(const void *bytes, size_t length); // the caller frees it
// The reverse; a backslash that begins none of the escapes stands for itself.
void text_append_unescaped(struct str *out, const char *escaped);

// Appends a word as a shell reads it back: quoted where it has to be, control characters as bash
// and zsh write them ($'\n').
void text_append_shell_word(struct str *out, const char *word);

// Appends one line of UTF-8 text so that a terminal or a JSON reader takes no harm: tabs become
// blanks up to the next multiple of eight, other control characters and broken bytes a '?'. Columns
// count from the beginning of *out.
void text_append_clean(struct str *out, const char *text, size_t length);

// Columns that UTF-8 text takes on a terminal; a control character counts 1, a broken byte 1.
size_t text_width(const char *utf8);

// How many of the bytes, from the first on, are whole characters of UTF-8 (RFC 3629: no overlong
// forms, no surrogates, nothing above U+10FFFF). All of them: the text is valid. NULs are valid.
size_t text_utf8_prefix(const char *bytes, size_t length);

// The candidate nearest to what was typed, or NULL when none is near. A difference of at most a
// third of the typed letters counts as near. Borrowed from candidates.
const char *text_suggest(const char *typed, const char *const *candidates, size_t count);

#endif
