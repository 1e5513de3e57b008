// SPDX-License-Identifier: MIT
/*
 * The compiler: where it is, what it is, and the command lines of the three compilations.
 */
#ifndef LAB_COMPILER_H
#define LAB_COMPILER_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "course/course.h"

enum compile_kind {
    COMPILE_SYNTAX,
    COMPILE_CHECKED,
    COMPILE_PLAIN,
    COMPILE_KINDS,
    COMPILE_STEPPED = COMPILE_KINDS
}; // no part of a build: see build_stepped

struct compiler {
    char *name;     // what a learner types: "cc"
    char *path;     // without links, below /usr: /usr/bin/x86_64-linux-gnu-gcc-12
    char *identity; // changes when compiler, assembler, linker or C library change
    bool gold;      // the linker that is twice as fast with sanitizers is there
    bool
        static_runtimes; // the sanitizers' static libraries are there: a program starts 3 ms sooner
};

// Finds gcc in PATH. None, an incomplete one, or one outside /usr (the box shows nothing else):
// ENV with the cure.
bool compiler_find(struct compiler *out, struct err *err);
void compiler_release(struct compiler *compiler);

// What pkg-config says of a lab's packages.
struct package_flags {
    struct strings compile, link;
    struct strings versions; // one a package
};

// Missing packages: ENV, all named, with the apt-get line as the cure.
bool package_flags_ask(const struct lab *lab, struct package_flags *out, struct err *err);
void package_flags_release(struct package_flags *flags);

// Appends the words that pkg-config printed: blanks divide, a backslash quotes the next character.
void package_words(const char *text, struct strings *out);

// Appends the arguments (without argv[0]) that compile c_files to `output`; COMPILE_SYNTAX has no
// output.
void compiler_arguments(enum compile_kind kind, const struct compiler *compiler,
                        const struct package_flags *packages, const struct strings *c_files,
                        const char *output, struct strings *out);

// One line for a shell; the caller frees it.
char *command_line(const struct strings *argv);

#endif
