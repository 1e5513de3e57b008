// SPDX-License-Identifier: MIT
/*
 * What surrounds the program: its environment, its port, its limits. Nothing of the host's
 * environment gets in.
 */
#include "core.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MIB ((uint64_t)1 << 20)
#define FIRST_PORT 20000
#define LAST_PORT 32767 // from the next one on the kernel gives ports to who connects

static struct strings chosen; // by kit_environment, "NAME=value"
enum { DESCRIPTORS_USUAL = 1024 };
static unsigned descriptors = DESCRIPTORS_USUAL;

void kit_environment(const char *name, const char *value)
{
    kit_settle();
    struct kit_program *program = kit_the_program();
    if (program != NULL && kit_program_state(program) == KIT_RUNNING)
        kit_break("kit_environment(\"%s\") comes after kit_serve() or kit_run()", name);
    kit_surroundings_set(name, value);
    reproduce_note_environment(name, value);
}

void kit_surroundings_set(const char *name, const char *value)
{
    strings_add_format(&chosen, "%s=%s", name, value);
}

void kit_limit_descriptors(unsigned count)
{
    kit_settle();
    struct kit_program *program = kit_the_program();
    if (program != NULL && kit_program_state(program) == KIT_RUNNING)
        kit_break("kit_limit_descriptors() comes after kit_serve() or kit_run()");
    descriptors = count;
}

// A later "NAME=value" replaces an earlier one.
static void variable_put(struct strings *list, const char *variable)
{
    size_t name = strcspn(variable, "=") + 1;
    for (size_t i = 0; i < list->count; i++) {
        if (strncmp(list->items[i], variable, name) == 0) {
            free(list->items[i]);
            list->items[i] = mem_copy_string(variable);
            return;
        }
    }
    strings_add(list, variable);
}

/*
 * Sanitizers. abort_on_error: a report ends the program by SIGABRT, which no exit status can look
 * like. exitcode=0 for leaks: else a leak ends by _exit before stdio is flushed, and the program's
 * own status is lost. No hard_rss_limit_mb: it costs every program a thread that wakes ten times a
 * second, so that none would ever be fast asleep, and it counts each process by itself; the kit
 * weighs all of them together (kit_program_weigh). The quarantine of freed memory counts as used
 * memory and is kept small for that.
 */
static const char *const defaults[] = {
    "FILES_DIR=/tmp/files",
    "REQUEST_TIMEOUT_MS=30000",
    "HOME=/tmp",
    "TMPDIR=/tmp",
    "PATH=/usr/bin:/bin:/usr/sbin:/sbin",
    "LANG=C.UTF-8",
    "ASAN_OPTIONS=abort_on_error=1:detect_leaks=1:quarantine_size_mb=16",
    "LSAN_OPTIONS=exitcode=0",
    "UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1:abort_on_error=1",
};

// Leaks are found by tracing one's own threads, which works for nobody who is traced already; and
// it takes a descriptor, without which it ends the program by SIGABRT.
static const char without_leaks[] =
    "ASAN_OPTIONS=abort_on_error=1:detect_leaks=0:quarantine_size_mb=16";

const char *const *kit_surroundings_environment(int port, bool checked)
{
    struct strings *list = kit_keep(sizeof *list);
    if (port > 0)
        strings_add_format(list, "PORT=%d", port);
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
        if (checked || strstr(defaults[i], "SAN_OPTIONS=") == NULL)
            strings_add(list, defaults[i]);
    if (checked && (kit_tracing_from_start() || descriptors < DESCRIPTORS_USUAL))
        variable_put(list, without_leaks);
    const char *const *asked = kit_the_request()->environment;
    for (size_t i = 0; asked != NULL && asked[i] != NULL; i++)
        variable_put(list, asked[i]);
    for (size_t i = 0; i < chosen.count; i++)
        variable_put(list, chosen.items[i]);
    return (const char *const *)list->items;
}

// A port of the machine's that nobody has, as the kernel chooses: there is no network of one's own.
static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    auto_close int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (handle < 0 || bind(handle, (struct sockaddr *)&address, length) != 0 ||
        getsockname(handle, (struct sockaddr *)&address, &length) != 0)
        kit_break("no free port: %s", strerror(errno));
    return ntohs(address.sin_port);
}

// The port is drawn from a stream of its own: it takes no number away from the check's inputs.
int kit_surroundings_port(void)
{
    const char *const *asked = kit_the_request()->environment;
    for (size_t i = 0; asked != NULL && asked[i] != NULL; i++)
        if (str_starts_with(asked[i], "PORT="))
            return atoi(asked[i] + strlen("PORT="));
    static int chosen_port; // a program that is started again finds its port again
    if (box_level_is_bare(box_level_told())) {
        if (chosen_port == 0)
            chosen_port = free_port();
        return chosen_port;
    }
    struct seed_stream stream = {kit_the_request()->seed ^ 0x504f5254504f5254U};
    return FIRST_PORT + (int)seed_below(&stream, LAST_PORT - FIRST_PORT + 1);
}

int kit_surroundings_free_port(void)
{
    static int taken[64];
    static size_t count;
    if (box_level_is_bare(box_level_told()))
        return 0; // the kernel chooses
    static struct seed_stream stream;
    if (count == 0)
        stream.state = kit_the_request()->seed ^ 0x4f524947494e0000U;
    if (count == sizeof taken / sizeof *taken)
        kit_break("a check can have %zu origins", count);
    int port = 0;
    for (bool again = true; again;) {
        port = FIRST_PORT + (int)seed_below(&stream, LAST_PORT - FIRST_PORT + 1);
        again = port == kit_surroundings_port();
        for (size_t i = 0; i < count; i++)
            again |= taken[i] == port;
    }
    taken[count++] = port;
    return port;
}

// Sanitized programs keep shadow memory, red zones and freed blocks beside what they asked for.
uint64_t kit_surroundings_memory(bool checked)
{
    uint64_t memory = (uint64_t)kit_the_request()->limit_memory_mb * MIB;
    return checked ? 2 * memory + 128 * MIB : memory;
}

/*
 * The limit of address space is no measure of memory: a thread reserves 8 MiB of stack and more for
 * its heap and touches little of it. It only stops a single wild allocation; kit_program_weigh is
 * exact.
 */
struct box_limits kit_surroundings_limits(bool checked)
{
    const struct kit_request *request = kit_the_request();
    uint64_t threads = (uint64_t)request->limit_processes;
    uint64_t space = ((uint64_t)request->limit_memory_mb + 16 * threads) * MIB;
    return (struct box_limits){
        .memory = checked ? 0 : space,
        .file_size = (uint64_t)request->limit_files_mb * MIB,
        .processes = threads,
        .descriptors = descriptors,
    };
}
