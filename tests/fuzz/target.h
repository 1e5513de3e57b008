// SPDX-License-Identifier: MIT
/*
 * What the fuzz targets share. A target reads one input as the parser's caller would, and looks at
 * what must hold whatever was read; libFuzzer and the sanitizers look for the rest. Its working
 * directory is an empty folder of its own (tests/fuzz/try makes it).
 *
 * Lines of its source say, to tests/fuzz/try and coverage: `// parser: FILE …` names the files
 * whose lines the seed corpus must cover, `// most: N` the bytes of an input (4096), `// runs: N`
 * how many are tried in the ordinary suite (5000).
 */
#ifndef LAB_FUZZ_TARGET_H
#define LAB_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Like assert, but never compiled out, and seen by the fuzzer as a crash.
#define MUST(what)                                                                                 \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            fprintf(stderr, "%s:%d: must hold: %s\n", __FILE__, __LINE__, #what);                  \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

// Everything that is said about a fault is one line, with no byte that a terminal obeys.
static inline void must_be_a_line(const char *text)
{
    MUST(text != NULL && text[0] != '\0');
    for (; *text != '\0'; text++)
        MUST((unsigned char)*text >= 0x20 && *text != 0x7f);
}

#endif
