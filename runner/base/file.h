// SPDX-License-Identifier: MIT
/*
 * Paths, files and folders. Messages name the path and what the kernel said.
 */
#ifndef LAB_FILE_H
#define LAB_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

char *path_join(const char *folder, const char *name); // the caller frees it
// The folder that a path lies in; "." without a '/'. The caller frees it.
char *path_parent(const char *path);
// The part behind the last '/'; borrowed from path.
const char *path_base(const char *path);
bool path_exists(const char *path);
bool path_is_folder(const char *path);
// The absolute path without links; NULL and err when there is no such file.
char *path_real(const char *path, struct err *err);

// Appends a regular file's bytes to *out. More than `most` bytes, or no regular file: an error of
// kind ENV. `relative` to the folder descriptor at (AT_FDCWD for the current one); links are not
// followed in the last part.
bool file_read(int at, const char *path, size_t most, struct str *out, struct err *err);
// Writes to a temporary file beside it, syncs it, renames: readers see the old bytes or the new.
bool file_write_atomic(const char *path, const void *bytes, size_t length, mode_t mode,
                       struct err *err);
// Creates or truncates and writes, without the care above.
bool file_write(int at, const char *path, const void *bytes, size_t length, mode_t mode,
                struct err *err);
// While a thread holds this, no file is open for writing in file_write and file_copy. Who makes a
// process holds it until that process has executed its program: a copy of a descriptor that writes
// would make the file "text file busy" for whoever executes it.
void file_writers_hold(void);
void file_writers_let_go(void);
// Copies bytes and gives the copy this mode, whatever the umask says.
bool file_copy(const char *from, const char *to, mode_t mode, struct err *err);

bool folder_make_all(const char *path, mode_t mode, struct err *err);
// Removes a folder and all in it; never leaves it through a link. No such folder is success.
bool folder_remove_all(const char *path, struct err *err);
// The names in a folder, sorted, without those that begin with a dot.
bool folder_list(const char *path, struct strings *out, struct err *err);

// $XDG_…_HOME/lab or its default below HOME (kind "DATA", "STATE", "CACHE", "CONFIG"); the
// caller frees it. HOME unset: the password database, then /nonexistent.
char *path_xdg(const char *kind);

#endif
