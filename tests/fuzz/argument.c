// SPDX-License-Identifier: MIT
// A learner's source, looked through for the argument of a call: its first byte is the argument's
// number, the second the line.
// parser: runner/trace/argument.c
#include "target.h"

#include "trace/argument.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const char *text = (const char *)data + 2;
    int argument = data[0] - '0', line = data[1] - '0', lines = 1;
    for (size_t i = 0; i + 2 < size; i++)
        lines += text[i] == '\n';
    int found = argument_line(text, size - 2, line, "print", argument < 0 ? 0 : argument);
    MUST(found == line || (found > line && found <= lines));
    return 0;
}
