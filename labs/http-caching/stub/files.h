// SPDX-License-Identifier: 0BSD
/*
 * The files of $FILES_DIR, given by the lab. Others write there too, at any time: read a file each
 * time that you are asked for it.
 */
#ifndef FILES_H
#define FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct file {
    char *bytes; // malloc()ed; a NUL that does not count stands behind them
    size_t length;
    time_t modified; // when it was written last
};

// Reads the whole file. False: there is none of that name, or it is no name for a file ("", one
// with a '/' or with a '.' at its beginning). Free out->bytes, or hand it on to a page.
bool file_read(const char *name, struct file *out);
// Writes it, all or nothing: who reads meanwhile gets the old bytes or the new ones. False: it was
// not written.
bool file_write(const char *name, const char *bytes, size_t length);

// A number made of all the bytes: other bytes give another number, as good as always (FNV-1a).
uint64_t hash_bytes(const char *bytes, size_t length);

#endif
