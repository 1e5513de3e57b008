// SPDX-License-Identifier: MIT
/*
 * Preparations of services in $XDG_CACHE_HOME/lab/services/NAME-KEY/: a few files, and their sums.
 * An entry appears whole, by a rename; one that does not fit its sums goes.
 */
#ifndef LAB_SERVICES_CACHE_H
#define LAB_SERVICES_CACHE_H

#include <stdbool.h>

// Writes the entry's files into the empty folder. False, and the folder is empty again, when there
// is no entry that is whole.
bool services_cache_load(const char *name, const char *key, const char *folder);
// Keeps the files of the folder as an entry, then removes those of this service that nobody has
// used for a month.
void services_cache_store(const char *name, const char *key, const char *folder);

#endif
