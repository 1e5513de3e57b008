// SPDX-License-Identifier: MIT
// A program's memory map as libdwfl knows it, and the frames that were found in it.
#ifndef LAB_RESOLVER_SESSION_H
#define LAB_RESOLVER_SESSION_H

#include <elfutils/libdwfl.h>
#include <stdint.h>

#include "base/str.h"
#include "trace/snapshot.h"

struct session; // one map and the modules in it

// Appends what of the text of /proc/PID/maps matters here: the files and their addresses.
void session_clean_map(const char *maps, size_t length, struct str *out);
// NULL when nothing of such a map can be used.
struct session *session_open(const struct str *map, const char *program);
void session_close(struct session *session); // NULL is fine
// The same files at the same addresses.
bool session_fits(const struct session *session, const struct str *map);

// The parts of an event. Their sizes are the event's and have been looked at.
struct event_parts {
    const struct snapshot_event *event;
    const unsigned char *path, *data, *stack;
    const unsigned char *links, *polled; // struct snapshot_…, not aligned
};
// Appends the frames of one event as a JSON array.
void session_append_frames(struct session *session, const struct event_parts *parts,
                           struct str *out);

// ---- what the files of the session share

struct maps_file { // neighbouring mappings of one file
    uint64_t low, high;
    char name[4096];
};
// Reads the next file's mappings from *text on and moves it; false at the end. Lines that are none
// are passed over.
bool maps_next(const char **text, const char *end, struct maps_file *out);

// Opens what a module is made of, see dwfl_report_elf; `context` is the program's path.
int module_find(Dwfl_Module *module, void **context, const char *name, Dwarf_Addr base,
                char **file_name, Elf **elf);
// No debugging data but the file's own.
int module_find_debugging(Dwfl_Module *module, void **context, const char *name, Dwarf_Addr base,
                          const char *file_name, const char *link, GElf_Word check,
                          char **debug_name);

// Appends one address as one JSON object a function (inlined ones are their own), with a comma
// behind each, at most `most`; returns how many.
size_t frame_append(Dwfl *dwfl, Dwarf_Addr pc, bool exact, size_t most, struct str *out);

// A JSON string of escaped ASCII.
void json_append_bytes(struct str *out, const void *bytes, size_t length, size_t most);

#endif
