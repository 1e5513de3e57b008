// SPDX-License-Identifier: MIT
/*
 * snapshots FOLDER: writes the seeds of the target `resolver`, as the tracer of this build would.
 * To be run again when snapshot.h has changed:
 *
 *   cmake --build --preset fuzz && build-fuzz/tests/fuzz/made-snapshots tests/fuzz/corpus/resolver
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "trace/snapshot.h"

// In the middle of program.c's functions.
enum { OUTER = MADE_CODE + 500, INNER = MADE_CODE + 1500, FOREIGN = MADE_CODE + 5000 };
enum { OUTSIDE = MADE_CODE + 12000 };

static const char maps[] = "00400000-00401000 r--p 00000000 fe:00 1   /program\n"
                           "00401000-00410000 r-xp 00001000 fe:00 1   /program\n"
                           "00410000-00411000 rw-p 00000000 00:00 0 \n"
                           "10000000-10001000 r-xp 00000000 fe:00 2   /tmp/a name\n"
                           "7ffff7fc1000-7ffff7fc3000 r-xp 00000000 00:00 0   [vdso]\n"
                           "7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0   [stack]\n"
                           "no map\n12-\n5-4 r 0 0 0 /x\n1-2 r 0 0\n"
                           "00420000-00421000 r-xp 00000000 fe:00 3   /program";

static FILE *file;

static void head(uint32_t kind, size_t size)
{
    const struct snapshot_head head = {SNAPSHOT_MAGIC, kind, size};
    fwrite(&head, sizeof head, 1, file);
}

static void begin(const char *name)
{
    file = fopen(name, "we");
}

static void put_maps(void)
{
    head(SNAPSHOT_MAPS, sizeof maps - 1);
    fwrite(maps, sizeof maps - 1, 1, file);
}

static void put_end(void)
{
    const struct snapshot_end end = {.lost = 3, .ended = 1};
    head(SNAPSHOT_END, sizeof end);
    fwrite(&end, sizeof end, 1, file);
    fclose(file);
}

static struct snapshot_event event_at(uint32_t kind, unsigned long long address)
{
    struct snapshot_event event;
    memset(&event, 0, sizeof event);
    event.kind = kind;
    event.pid = event.tid = event.own_tid = 2;
    event.clock = 5000000000;
    event.clock_after = 5000001000;
    event.number = 1;
    event.descriptor = 4;
    event.registers.rip = address;
    event.registers.rsp = event.registers.rbp = event.stack_address = 0x7ffffffdf000;
    return event;
}

static void put_event(const struct snapshot_event *event, const void *parts, size_t size)
{
    head(SNAPSHOT_EVENT, sizeof *event + size);
    fwrite(event, sizeof *event, 1, file);
    fwrite(parts, 1, size, file);
}

static void seed_call(void)
{
    // Two frames by their pointers on the stack, a third beyond it.
    struct {
        char path[4], data[4];
        uint64_t stack[4];
        struct snapshot_link link;
    } parts = {"/a\"\\", "a\033\n\377", {0}, {0, 0, 0}};
    struct snapshot_event event = event_at(EVENT_CALL, INNER);
    const uint64_t stack = event.stack_address;
    parts.stack[0] = stack + 16;
    parts.stack[1] = OUTER;
    parts.stack[2] = stack + 4096;
    parts.stack[3] = FOREIGN;
    parts.link = (struct snapshot_link){stack + 4096, stack + 8192, OUTSIDE};
    event.path_bytes = event.data_bytes = 4;
    event.stack_bytes = sizeof parts.stack;
    event.link_count = 1;
    event.piece_count = 2;
    event.pieces[0] = (struct snapshot_piece){0x1000, 4};
    event.pieces[1] = (struct snapshot_piece){0x2000, 5};
    event.result = SNAPSHOT_UNFINISHED;
    event.socket = SOCKET_CONNECTED;
    event.local = 8080;
    event.peer = 50001;
    begin("call");
    put_maps();
    put_maps();
    put_event(&event, &parts, sizeof parts);
    put_end();
}

static void seed_kinds(void)
{
    static const unsigned long long places[] = {OUTER, INNER,      FOREIGN,        OUTSIDE,
                                                0,     0x10000500, 0x7ffff7fc1a00, ~0ULL};
    begin("kinds");
    put_maps();
    for (uint32_t kind = 0; kind < 5; kind++) {
        struct snapshot_event event = event_at(EVENT_STARTED + kind, places[kind]);
        event.state = kind == 2 ? 'S' : '\0';
        event.cpu = 12345;
        event.result = -2;
        put_event(&event, "", 0);
    }
    put_end();
    begin("places");
    put_maps();
    for (size_t i = 4; i < sizeof places / sizeof *places; i++) {
        struct snapshot_event event = event_at(EVENT_WATCH, places[i]);
        event.address = 0x1234;
        event.slot = 1;
        put_event(&event, "", 0);
    }
    put_end();
}

static void seed_odd(void)
{
    struct snapshot_event event = event_at(77, OUTER);
    event.maps = 5;
    begin("no-such-map");
    put_maps();
    put_event(&event, "", 0);
    put_end();
    begin("parts-do-not-fit");
    put_event(&event, "more", 4);
    put_end();
    begin("event-too-short");
    head(SNAPSHOT_EVENT, 4);
    fwrite("1234", 4, 1, file);
    fclose(file);
    begin("unknown-record");
    head(9, 0);
    fclose(file);
    begin("end-too-short");
    head(SNAPSHOT_END, 1);
    fwrite("", 1, 1, file);
    fclose(file);
    begin("longer-than-it-is");
    head(SNAPSHOT_MAPS, (size_t)-1);
    fclose(file);
    begin("no-snapshot");
    fputs("no snapshot at all", file);
    fclose(file);
}

int main(int argc, char **argv)
{
    if (argc != 2 || chdir(argv[1]) != 0) {
        fputs("usage: snapshots FOLDER\n", stderr);
        return 2;
    }
    seed_call();
    seed_kinds();
    seed_odd();
    return 0;
}
