// SPDX-License-Identifier: MIT
/*
 * PID 1 of the box. At the levels without namespaces: the ancestor of all in it, who ends them.
 * bubblewrap has made namespaces and mounts; this program sets limits, address
 * layout and seccomp for the program, executes it, and reports the raw status of its first process.
 * It stays until it is killed, so that processes that live on can be seen, and with it dies
 * everything in the box.
 *
 * It cannot be dumped, so no process of the box can trace it, read its memory or take its
 * descriptors: the status socket is out of reach, and no exit status can be forged.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box/sweep.h"
#include "config.h"

#define RESTRICT_SELF 446 // landlock_restrict_self, on every architecture
#define STACK_BYTES (8u << 20)
#define LOCKED_BYTES (64u << 10)
#define QUEUE_BYTES (800u << 10)

// A configuration as it lies in memory.
struct setup {
    const struct init_config *config;
    const struct sock_filter *filter;
    const struct sock_filter *trace_filter;
    char **argv;
    char **environment;
};

struct failure {
    int32_t error;
    char what[24];
};

static bool report_send(const struct init_report *message)
{
    ssize_t sent;
    do
        sent = send(INIT_STATUS, message, sizeof *message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)sizeof *message;
}

static bool report(enum init_report_kind kind, int value, const char *what)
{
    struct init_report message = {.kind = (int32_t)kind, .value = value};
    strncpy(message.what, what, sizeof message.what - 1);
    return report_send(&message);
}

_Noreturn static void give_up(const char *what)
{
    report(INIT_FAILED, errno, what);
    _exit(1);
}

// The strings behind the filter, as a NULL-terminated array.
static char **take_strings(char **text, const char *end, uint32_t count)
{
    char **strings = calloc((size_t)count + 1, sizeof *strings);
    if (strings == NULL)
        give_up("memory");
    for (uint32_t i = 0; i < count; i++) {
        char *stop = memchr(*text, '\0', (size_t)(end - *text));
        if (stop != NULL) {
            strings[i] = *text;
            *text = stop + 1;
        } else {
            give_up("configuration");
        }
    }
    return strings;
}

static struct setup read_setup(void)
{
    struct stat status;
    if (fstat(INIT_CONFIG, &status) < 0 || status.st_size < (off_t)sizeof(struct init_config))
        give_up("configuration");
    size_t size = (size_t)status.st_size;
    char *start = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, INIT_CONFIG, 0);
    if (start == MAP_FAILED)
        give_up("configuration");
    const struct init_config *config = (const void *)start;
    size_t trace_at = sizeof *config + config->filter_bytes;
    size_t text_at = trace_at + config->trace_bytes;
    if (config->magic != INIT_MAGIC || config->argument_count == 0 ||
        text_at + config->strings_bytes != size)
        give_up("configuration");
    char *text = start + text_at;
    struct setup setup = {config, (const void *)(start + sizeof *config),
                          (const void *)(start + trace_at), NULL, NULL};
    setup.argv = take_strings(&text, start + size, config->argument_count);
    setup.environment = take_strings(&text, start + size, config->environment_count);
    return setup;
}

_Noreturn static void child_fail(int out, const char *what)
{
    struct failure failure = {.error = errno};
    strncpy(failure.what, what, sizeof failure.what - 1);
    ssize_t sent = write(out, &failure, sizeof failure);
    _exit(sent == (ssize_t)sizeof failure ? 127 : 126);
}

// Never above what the caller's own limits allow.
static bool limit(__rlimit_resource_t resource, uint64_t soft, uint64_t hard)
{
    struct rlimit now;
    if (getrlimit(resource, &now) < 0)
        return false;
    struct rlimit wanted = {soft, hard};
    if (now.rlim_max != RLIM_INFINITY && wanted.rlim_max > now.rlim_max)
        wanted.rlim_max = now.rlim_max;
    if (wanted.rlim_cur > wanted.rlim_max)
        wanted.rlim_cur = wanted.rlim_max;
    return setrlimit(resource, &wanted) == 0;
}

static bool limit_if(__rlimit_resource_t resource, uint64_t value)
{
    return value == 0 || limit(resource, value, value);
}

// RLIMIT_NPROC counts the processes of this user in this user namespace: those of the box, and
// box-init itself. At the soft CPU limit comes SIGXCPU, which tells the story; a second later
// SIGKILL, for who ignores it.
static bool limit_all(const struct init_config *config)
{
    uint64_t processes = config->processes > 0 ? config->processes + 1 : 0;
    uint64_t cpu = config->cpu_seconds;
    return limit(RLIMIT_CORE, 0, 0) && limit(RLIMIT_STACK, STACK_BYTES, STACK_BYTES) &&
           limit(RLIMIT_MEMLOCK, LOCKED_BYTES, LOCKED_BYTES) &&
           limit(RLIMIT_MSGQUEUE, QUEUE_BYTES, QUEUE_BYTES) && limit(RLIMIT_NICE, 0, 0) &&
           limit(RLIMIT_RTPRIO, 0, 0) && limit_if(RLIMIT_FSIZE, config->file_size) &&
           limit_if(RLIMIT_NOFILE, config->descriptors) && limit_if(RLIMIT_NPROC, processes) &&
           (cpu == 0 || limit(RLIMIT_CPU, cpu, cpu + 1)) && limit_if(RLIMIT_AS, config->memory);
}

// When memory runs out the kernel takes the program first. Writing to one's own /proc files needs
// to be dumpable; nothing else runs in the box yet.
static void be_first_victim(void)
{
    prctl(PR_SET_DUMPABLE, 1);
    int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file >= 0) {
        ssize_t ignored = write(file, "1000", 4);
        (void)ignored;
        close(file);
    }
}

static void signals_reset(void)
{
    for (int number = 1; number < NSIG; number++)
        if (number != SIGKILL && number != SIGSTOP)
            signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool install_filter(const struct sock_filter *filter, uint32_t bytes)
{
    size_t length = bytes / sizeof(struct sock_filter);
    struct sock_fprog program = {(unsigned short)length, (struct sock_filter *)filter};
    return length == 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

// Until the caller has found a tracer, or knows that there is none. PID 1 waits for this process,
// so the leash is held here: a caller that is gone ends the wait.
static bool await_tracer(int out)
{
    char answer = 0;
    if (!report(INIT_WAITS, 0, ""))
        child_fail(out, "status socket");
    ssize_t got;
    do
        got = recv(INIT_STATUS, &answer, 1, 0);
    while (got < 0 && errno == EINTR);
    if (got != 1)
        child_fail(out, "status socket");
    return answer == INIT_GO_TRACED;
}

_Noreturn static void child_run(const struct setup *setup, int out)
{
    signals_reset();
    setsid();
    umask(022);
    be_first_victim();
    // Addresses are the same in each run, so that a traced run meets what the first one did.
    if (personality(ADDR_NO_RANDOMIZE) < 0)
        child_fail(out, "personality");
    if (!limit_all(setup->config))
        child_fail(out, "setrlimit");
    for (int standard = 0; standard < 3; standard++)
        if (dup2(INIT_STANDARD + standard, standard) < 0)
            child_fail(out, "descriptors");
    if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
        child_fail(out, "close_range");
    if (!report(INIT_CHILD, 0, ""))
        child_fail(out, "status socket");
    const struct init_config *config = setup->config;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        child_fail(out, "no_new_privs");
    if ((config->flags & INIT_HAS_RULES) != 0 && syscall(RESTRICT_SELF, INIT_RULES, 0) < 0)
        child_fail(out, "landlock");
    bool traced = config->trace_bytes > 0 && await_tracer(out);
    if (!install_filter(setup->filter, config->filter_bytes) ||
        (traced && !install_filter(setup->trace_filter, config->trace_bytes)))
        child_fail(out, "seccomp");
    execve(setup->argv[0], setup->argv, setup->environment);
    child_fail(out, "");
}

// Forks and executes; returns the pid once the program runs.
static pid_t start(const struct setup *setup)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        give_up("pipe");
    pid_t pid = fork();
    if (pid < 0)
        give_up("fork");
    if (pid == 0) {
        close(ends[0]);
        child_run(setup, ends[1]);
    }
    close(ends[1]);
    // The program alone holds its standard descriptors: their other ends see when it is gone.
    syscall(SYS_close_range, (unsigned)INIT_STANDARD, (unsigned)INIT_RULES, 0);
    struct failure failure;
    ssize_t got = read(ends[0], &failure, sizeof failure);
    if (got == (ssize_t)sizeof failure) {
        errno = failure.error;
        give_up(failure.what);
    }
    close(ends[0]);
    return pid;
}

// The program has asked to be traced by its parent (PTRACE_TRACEME): it stops at each signal until
// somebody lets it go on. So it does, as if nobody traced it.
static void let_go(pid_t pid, int status)
{
    int signal = status >> 16 == 0 ? WSTOPSIG(status) : 0;
    ptrace(PTRACE_DETACH, pid, NULL, (void *)(uintptr_t)signal);
}

static void report_end_with(int status, const struct rusage *usage)
{
    const struct init_report message = {
        .kind = INIT_ENDED, .value = status, .peak = (int64_t)usage->ru_maxrss * 1024};
    report_send(&message);
}

// Takes every ended process; reports the program's first one.
static void reap(pid_t program)
{
    int status;
    struct rusage usage = {0};
    // __WALL: whatever is traced by this process, see below, is seen by it.
    for (pid_t ended; (ended = wait4(-1, &status, WNOHANG | __WALL, &usage)) > 0;)
        if (WIFSTOPPED(status))
            let_go(ended, status);
        else if (ended == program)
            report_end_with(status, &usage);
}

// Until the caller is gone, which closes its end of the status socket. A parent-death signal alone
// would not do: bubblewrap, killed at a wrong moment of its start, leaves a child that waits for
// it for ever, so it is not tied to the caller.
static void stay(pid_t program, int children)
{
    struct pollfd events[] = {{children, POLLIN, 0}, {INIT_STATUS, 0, 0}};
    while (events[1].revents == 0) {
        struct signalfd_siginfo ignored;
        if (poll(events, 2, -1) < 0 && errno != EINTR)
            return;
        if (events[0].revents != 0 && read(children, &ignored, sizeof ignored) < 0)
            return;
        if (events[0].revents != 0 && ignored.ssi_signo == SIGTERM)
            return;
        reap(program);
    }
}

static pid_t first; // process of the program

static void report_end(pid_t pid, int status)
{
    if (pid == first)
        report(INIT_ENDED, status, "");
}

// Without a PID namespace nobody else ends what the program has left.
_Noreturn static void end_all(pid_t program)
{
    first = program;
    kill(-program, SIGKILL);
    sweep_descendants(report_end);
    _exit(0);
}

static int watch_children(void)
{
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigaddset(&child, SIGTERM); // box_kill, where this is not PID 1
    int file = signalfd(-1, &child, SFD_CLOEXEC);
    if (file < 0 || sigprocmask(SIG_BLOCK, &child, NULL) < 0)
        give_up("signalfd");
    return file;
}

int main(void)
{
    prctl(PR_SET_NAME, "box-init");
    if (prctl(PR_SET_DUMPABLE, 0) < 0)
        give_up("prctl");
    if (!report(INIT_IS_UP, 0, ""))
        _exit(1);
    struct setup setup = read_setup();
    bool bare = (setup.config->flags & INIT_IS_BARE) != 0;
    if (prctl(bare ? PR_SET_CHILD_SUBREAPER : PR_SET_PDEATHSIG, bare ? 1 : SIGKILL) < 0)
        give_up("prctl");
    close(INIT_CONFIG);
    close(INIT_SELF);
    syscall(SYS_close_range, (unsigned)INIT_FILES, ~0U, 0);
    int children = watch_children();
    pid_t program = start(&setup);
    report(INIT_STARTED, 0, "");
    stay(program, children);
    if (bare)
        end_all(program);
    _exit(0);
}
