// SPDX-License-Identifier: MIT
/*
 * A lab, a grader and a box-init whose mechanisms can be left out one by one, to prove that each of
 * them holds the attacks that name it. They are the very libraries that are installed: the linker
 * puts the functions of this folder in front of some of their calls (--wrap). So nothing in lab
 * itself can be switched off.
 *
 * The variable HOSTILE_WITHOUT lists what is left out, by the names of runner/box/README.md,
 * separated by blanks. HOSTILE_SHORT shortens the limits of compilations.
 */
#ifndef LAB_WITHOUT_H
#define LAB_WITHOUT_H

#include <stdbool.h>

// Whether a mechanism is left out. A name that the table does not have ends the process.
bool without(const char *name);
// Ends the process when HOSTILE_WITHOUT names what the table does not have.
void without_check(void);

#endif
