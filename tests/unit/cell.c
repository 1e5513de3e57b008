// SPDX-License-Identifier: MIT
// The cell: its own network, processes and scratch folder; a box inside it; what is said when the
// machine refuses a part of it.
#include "unit.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/statvfs.h>

#include "box/cell.h"
#include "boxed.h"

#define SCRATCH_BYTES (4u << 20)
#define PORT 34567

static struct stage stage;
static char *scratch;

static int complain(const char *what)
{
    fprintf(stderr, "%s (%s)\n", what, strerror(errno));
    return 1;
}

// In a child that gave up root: enters a cell, runs the body as its PID 1, returns its status.
_Noreturn static void enter(int (*body)(void))
{
    struct err err = ERR_INIT;
    const struct cell_options options = {.scratch = scratch, .scratch_bytes = SCRATCH_BYTES};
    int status = 0;
    if (!process_become(&stage.user))
        _exit(complain("cannot give up root"));
    pid_t pid = cell_enter(&options, &err);
    if (pid == 0) {
        stage.user.drop = false;
        _exit(body());
    }
    if (pid < 0)
        _exit(complain(err.message));
    waitpid(pid, &status, 0);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 90);
}

static pid_t start_cell(int (*body)(void))
{
    pid_t pid = fork();
    if (pid == 0)
        enter(body);
    return pid;
}

// With a scratch folder, and all that a box needs where the unprivileged user can read it.
static void open_stage(void)
{
    struct err err = ERR_INIT;
    boxed_must(stage_open(&stage, &err), &err);
    scratch = stage_folder(&stage, "scratch", &err);
    auto_free char *init = box_init_path(&err);
    boxed_must(scratch != NULL && init != NULL, &err);
    auto_free char *copy = boxed_copy(&stage, init, "box-init");
    auto_free char *program = boxed_program(&stage);
    ck_assert_ptr_nonnull(program);
    setenv("LAB_BOX_INIT", copy, 1);
}

static void close_stage(void)
{
    free(take(scratch));
    stage_close(&stage);
}

static void expect_ok(int (*body)(void))
{
    int status;
    open_stage();
    waitpid(start_cell(body), &status, 0);
    ck_assert_int_eq(status, 0);
    close_stage();
}

// ---------------------------------------------------------------- network

static int listen_on(int family, const void *address, socklen_t length)
{
    int handle = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (handle < 0 || bind(handle, address, length) < 0 || listen(handle, 5) < 0)
        return -1;
    return handle;
}

static int reaches_itself(void)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    six.sin6_addr = in6addr_loopback;
    int client = socket(AF_INET, SOCK_STREAM, 0);
    if (listen_on(AF_INET, &four, sizeof four) < 0 ||
        connect(client, (struct sockaddr *)&four, sizeof four) < 0)
        return complain("IPv4");
    if (path_exists("/proc/sys/net/ipv6") && listen_on(AF_INET6, &six, sizeof six) < 0)
        return complain("IPv6");
    four.sin_addr.s_addr = htonl(0x08080808);
    client = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(client, (struct sockaddr *)&four, sizeof four) == 0 || errno != ENETUNREACH)
        return complain("a way out");
    struct if_nameindex *devices = if_nameindex();
    int result =
        devices != NULL && strcmp(devices[0].if_name, "lo") == 0 && devices[1].if_name == NULL
            ? 0
            : complain("devices");
    if_freenameindex(devices);
    return result;
}

START_TEST(network_is_loopback_only)
{
    expect_ok(reaches_itself);
}
END_TEST

START_TEST(many_cells_have_the_same_port_at_once)
{
    pid_t cells[6];
    open_stage();
    for (int i = 0; i < 6; i++)
        cells[i] = start_cell(reaches_itself);
    for (int i = 0; i < 6; i++) {
        int status;
        waitpid(cells[i], &status, 0);
        ck_assert_int_eq(status, 0);
    }
    close_stage();
}
END_TEST

// ---------------------------------------------------------------- processes, folder

static int is_alone(void)
{
    int signal_number = 0;
    if (getpid() != 1 || getuid() == 0 || !path_exists("/proc/1/status") ||
        path_exists("/proc/2/status"))
        return complain("processes");
    prctl(PR_GET_PDEATHSIG, &signal_number);
    return signal_number == SIGKILL ? 0 : complain("parent-death signal");
}

START_TEST(first_process_is_alone)
{
    expect_ok(is_alone);
}
END_TEST

static int has_a_small_folder(void)
{
    static const char block[1u << 20];
    struct stat status;
    struct statvfs system;
    struct err err = ERR_INIT;
    if (stat(scratch, &status) < 0 || status.st_uid != getuid() || (status.st_mode & 07777) != 0700)
        return complain("owner or mode");
    if (statvfs(scratch, &system) < 0 || (system.f_flag & ST_NODEV) == 0 ||
        (system.f_flag & ST_NOSUID) == 0 || system.f_files > 4096)
        return complain("flags of the mount");
    auto_free char *path = path_join(scratch, "file");
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    for (int i = 0; i < 4; i++)
        if (write(file, block, sizeof block) < 0 && i < 3)
            return complain("not even three MiB fit");
    if (write(file, block, sizeof block) > 0)
        return complain("more than its size fits");
    return folder_remove_all(path, &err) ? 0 : complain(err.message);
}

START_TEST(scratch_folder_is_private_and_sized)
{
    expect_ok(has_a_small_folder);
}
END_TEST

static int leaves_a_process(void)
{
    if (fork() == 0) {
        setsid();
        if (fork() == 0)
            for (;;)
                pause();
        _exit(0);
    }
    return 0;
}

static int never_ends(void)
{
    leaves_a_process();
    return pause();
}

START_TEST(everything_ends_with_the_first_process)
{
    int ends[2];
    char byte;
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    expect_ok(leaves_a_process);
    close(ends[1]);
    ck_assert_int_eq(read(ends[0], &byte, 1), 0);
}
END_TEST

START_TEST(everything_ends_with_the_parent)
{
    int ends[2];
    char byte;
    open_stage();
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t parent = start_cell(never_ends);
    close(ends[1]);
    kill(parent, SIGKILL); // at whatever point of its start
    waitpid(parent, NULL, 0);
    ck_assert_int_eq(read(ends[0], &byte, 1), 0);
    close_stage();
}
END_TEST

// ---------------------------------------------------------------- a box in a cell

// Inside the box: the cell's listener is reached, its files are not.
static int talks_to_its_cell(void)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    struct err err = ERR_INIT;
    if (connect(client, (struct sockaddr *)&four, sizeof four) < 0)
        return complain("the cell's listener");
    return file_write(AT_FDCWD, "/tmp/mark", "x", 1, 0600, &err) ? 0 : complain(err.message);
}

BOXED_PROBES({"talks", talks_to_its_cell})

static int holds_a_box(void)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    const struct box_mount mount = {scratch, "/tmp", true};
    struct box_options options = {.mounts = &mount, .mount_count = 1, .standard_input = -1};
    auto_free char *mark = path_join(scratch, "mark");
    if (listen_on(AF_INET, &four, sizeof four) < 0)
        return complain("listen");
    struct boxed boxed = boxed_run_in(&stage, "talks", options);
    if (boxed.event != BOX_ENDED || boxed.status != 0)
        return complain(boxed.err.message != NULL ? boxed.err.message : str_text(&boxed.output));
    return path_exists(mark) ? 0 : complain("mark");
}

START_TEST(box_in_a_cell_shares_its_network_and_its_scratch_folder)
{
    expect_ok(holds_a_box);
}
END_TEST

// ---------------------------------------------------------------- refusals

static int expect_refusal(const char *message, const char *cure)
{
    struct err err = ERR_INIT;
    const struct cell_options options = {.scratch = NULL, .scratch_bytes = 0};
    pid_t pid = cell_enter(&options, &err);
    if (pid == 0)
        _exit(0);
    if (pid > 0 || err.kind != ERR_ENV || strstr(err.message, message) == NULL ||
        err.cure == NULL || strstr(err.cure, cure) == NULL) {
        fprintf(stderr, "%s / %s\n", err.message, err.cure);
        return 1;
    }
    err_release(&err);
    return 0;
}

static int allows_no_namespaces(void)
{
    struct err err = ERR_INIT;
    if (!file_write(AT_FDCWD, "/proc/sys/user/max_user_namespaces", "0", 1, 0, &err))
        return complain(err.message);
    if (expect_refusal("cannot make namespaces for a cell", "user.max_user_namespaces=15000") != 0)
        return 1;
    struct boxed boxed = boxed_run_in(&stage, "", (struct box_options){BOXED_OPTIONS});
    return boxed.event == BOX_BROKEN && boxed.err.kind == ERR_ENV &&
                   strstr(boxed.err.message, "bwrap: ") != NULL && boxed.err.cure != NULL &&
                   strstr(boxed.err.cure, "user.max_user_namespaces=15000") != NULL
               ? 0
               : complain(boxed.err.message);
}

START_TEST(forbidden_user_namespaces_have_a_cure)
{
    expect_ok(allows_no_namespaces);
}
END_TEST

static int covers_a_part_of_proc(void)
{
    if (mount("tmpfs", "/proc/irq", "tmpfs", 0, "size=4k") < 0)
        return complain("mount");
    if (expect_refusal("/proc of its own", "systempaths=unconfined") != 0)
        return 1;
    struct boxed boxed = boxed_run_in(&stage, "", (struct box_options){BOXED_OPTIONS});
    return boxed.event == BOX_BROKEN && boxed.err.cure != NULL &&
                   strstr(boxed.err.cure, "systempaths=unconfined") != NULL
               ? 0
               : complain(boxed.err.message);
}

START_TEST(half_covered_proc_has_a_cure)
{
    expect_ok(covers_a_part_of_proc);
}
END_TEST

static void *sleep_in_thread(void *unused)
{
    pause();
    return unused;
}

START_TEST(root_and_threads_are_refused)
{
    struct err err = ERR_INIT;
    const struct cell_options options = {.scratch = NULL, .scratch_bytes = 0};
    pthread_t thread;
    if (geteuid() == 0) {
        ck_assert_int_eq(cell_enter(&options, &err), -1);
        ck_assert_int_eq(err.kind, ERR_BUG);
        ck_assert(process_become(&(struct process_user){true, 60777, 60777, NULL}));
    }
    ck_assert_int_eq(pthread_create(&thread, NULL, sleep_in_thread, NULL), 0);
    ck_assert_int_eq(cell_enter(&options, &err), -1);
    ck_assert_int_eq(err.kind, ERR_BUG);
    err_release(&err);
}
END_TEST

START_TEST(everything_works_here)
{
    struct err err = ERR_INIT;
    enum box_level level = BOX_NONE;
    boxed_must(box_try(&level, &err), &err);
    ck_assert(level == BOX_FULL || level == BOX_NAMESPACES);
}
END_TEST

START_TEST(missing_bubblewrap_has_a_cure)
{
    struct err err = ERR_INIT;
    setenv("PATH", "/nonexistent", 1);
    enum box_level level = BOX_NONE;
    ck_assert(!box_try(&level, &err));
    ck_assert_int_eq(err.kind, ERR_ENV);
    ck_assert_str_eq(err.message, "bwrap: not found in PATH");
    ck_assert_str_eq(err.cure, "Install bubblewrap: sudo apt-get install bubblewrap");
    err_release(&err);
}
END_TEST

UNIT_MAIN("cell", network_is_loopback_only, many_cells_have_the_same_port_at_once,
          first_process_is_alone, scratch_folder_is_private_and_sized,
          everything_ends_with_the_first_process, everything_ends_with_the_parent,
          box_in_a_cell_shares_its_network_and_its_scratch_folder,
          forbidden_user_namespaces_have_a_cure, half_covered_proc_has_a_cure,
          root_and_threads_are_refused, everything_works_here, missing_bubblewrap_has_a_cure)
