// SPDX-License-Identifier: MIT
// Long text on a terminal goes through $PAGER (less); short text, and text for a file, does not.
#ifndef LAB_PAGER_H
#define LAB_PAGER_H

void pager_print(const char *text);

#endif
