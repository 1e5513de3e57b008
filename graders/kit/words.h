// SPDX-License-Identifier: MIT
/*
 * The table of words that inputs are made of: at least 512 different ones, 4 to 12 small letters
 * each, so that they stand in URLs, fields and file names as they are.
 */
#ifndef KIT_WORDS_H
#define KIT_WORDS_H

#include <stddef.h>

size_t kit_words_count(void);
const char *kit_words_get(size_t index); // index < kit_words_count(); a constant

#endif
