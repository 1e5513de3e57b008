// SPDX-License-Identifier: MIT
/*
 * /proc/PID/maps: read at a process's first event and again when executable mappings have changed.
 * Processes whose files lie at the same addresses, a server's forked children, share one record.
 */
#include "trace/tracer/tracer.h"

#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static char *maps_read(pid_t pid, size_t *out_length)
{
    char *text = mem_alloc(SNAPSHOT_MAPS_MOST + 1);
    size_t length = proc_read(pid, 0, "maps", text, SNAPSHOT_MAPS_MOST + 1);
    while (length > 0 && text[length - 1] != '\n') // cut at the bound
        length--;
    text[length] = '\0';
    *out_length = length;
    return text;
}

// FNV-1a over the lines that name files: heaps and stacks come and go and hold no code.
static uint64_t hash_of(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *line = text; *line != '\0';) {
        const char *end = strchr(line, '\n');
        size_t length = end != NULL ? (size_t)(end - line) : strlen(line);
        if (memchr(line, '/', length) != NULL)
            for (size_t i = 0; i < length; i++)
                hash = (hash ^ (unsigned char)line[i]) * 0x100000001b3u;
        line += length + (end != NULL ? 1 : 0);
    }
    return hash;
}

void maps_ensure(struct tracer *tracer, struct process *process)
{
    if (process->has_maps)
        return;
    size_t length;
    auto_free char *text = maps_read(process->pid, &length);
    if (length > 0)
        process->maps = output_maps(&tracer->output, text, length, hash_of(text));
    process->has_maps = length > 0;
}

static uint64_t loader_base(pid_t pid)
{
    union {
        char bytes[4096];
        Elf64_auxv_t entries[4096 / sizeof(Elf64_auxv_t)];
    } vector;
    size_t length = proc_read(pid, 0, "auxv", vector.bytes, sizeof vector);
    for (size_t i = 0; i < length / sizeof *vector.entries; i++)
        if (vector.entries[i].a_type == AT_BASE)
            return vector.entries[i].a_un.a_val;
    return 0;
}

// The mappings from the loader's base up that are one file's.
void maps_find_loader(struct process *process)
{
    size_t length;
    process->loader_start = loader_base(process->pid);
    process->loader_end = process->loader_start;
    if (process->loader_start == 0)
        return;
    auto_free char *text = maps_read(process->pid, &length);
    for (const char *line = text; line != NULL && *line != '\0';) {
        uint64_t start, end;
        int path = 0;
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %*s %*s %*s %n", &start, &end, &path) >= 2 &&
            start == process->loader_end && path > 0 && line[path] == '/')
            process->loader_end = end;
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
}
