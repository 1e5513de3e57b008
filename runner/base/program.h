// SPDX-License-Identifier: MIT
// How this program is called in the commands that it prints.
#ifndef LAB_PROGRAM_H
#define LAB_PROGRAM_H

// "lab" when PATH finds this program, else "./lab": the one in the workspace. Borrowed.
const char *program_word(void);

#endif
