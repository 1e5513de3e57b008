// SPDX-License-Identifier: MIT
// A small source, what the compiler says first of it, and the sentence of help for that.
#ifndef LAB_COMPILE_SAMPLE_H
#define LAB_COMPILE_SAMPLE_H

struct compile_sample {
    const char *name; // of the file, without .c
    const char *source;
    const char *message;
    const char *help;
};

#endif
