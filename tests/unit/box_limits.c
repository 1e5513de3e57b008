// SPDX-License-Identifier: MIT
// The box's limits: what a program may use up, and how it learns that there is no more.
#include "unit.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>

#include "boxed.h"

#define MEBIBYTE (1ull << 20)

// ---------------------------------------------------------------- probes, inside

static int counts_children(void)
{
    int count = 1; // itself
    while (fork() > 0)
        count++;
    if (getpid() == getpgrp())
        printf("%d %s\n", count, strerrorname_np(errno));
    else
        pause();
    return 0;
}

static int counts_descriptors(void)
{
    int count = 0;
    while (fcntl(count, F_GETFD) >= 0 || dup(0) >= 0)
        count++;
    printf("%d %s\n", count, strerrorname_np(errno));
    return 0;
}

static int writes_without_end(void)
{
    static const char block[65536];
    signal(SIGXFSZ, SIG_DFL);
    int file = open("/tmp/file", O_WRONLY | O_CREAT, 0600);
    while (write(file, block, sizeof block) > 0)
        continue;
    return errno == ENOSPC ? 28 : 1;
}

static int fills_tmp(void)
{
    static const char block[65536];
    for (int i = 0; i < 100000; i++) {
        auto_free char *path = str_format("/tmp/%d", i);
        int file = open(path, O_WRONLY | O_CREAT, 0600);
        if (file < 0 || write(file, block, sizeof block) != (ssize_t)sizeof block) {
            printf("%s\n", strerrorname_np(errno));
            return 0;
        }
        close(file);
    }
    return 1;
}

static int computes_without_end(void)
{
    volatile bool on = true;
    while (on)
        continue;
    return 0;
}

static int allocates_a_gibibyte(void)
{
    void *block =
        mmap(NULL, 1024 * MEBIBYTE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    printf("%s\n", block == MAP_FAILED ? strerrorname_np(errno) : "given");
    return 0;
}

static int has_small_limits(void)
{
    struct rlimit core, locked;
    getrlimit(RLIMIT_CORE, &core);
    getrlimit(RLIMIT_MEMLOCK, &locked);
    char score[16] = "";
    int file = open("/proc/self/oom_score_adj", O_RDONLY);
    if (core.rlim_max != 0 || locked.rlim_max > MEBIBYTE)
        return 1;
    if (read(file, score, sizeof score - 1) <= 0 || strcmp(score, "1000\n") != 0)
        return 2;
    if (shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600) < 0)
        return 3;
    return shmget(IPC_PRIVATE, 64 * MEBIBYTE, IPC_CREAT | 0600) < 0 && errno == ENOMEM ? 0 : 4;
}

BOXED_PROBES({"children", counts_children}, {"descriptors", counts_descriptors},
             {"file", writes_without_end}, {"fill", fills_tmp}, {"cpu", computes_without_end},
             {"memory", allocates_a_gibibyte}, {"small", has_small_limits})

// ---------------------------------------------------------------- tests, outside

static void expect_output(const char *probe, struct box_limits limits, const char *output)
{
    struct boxed boxed = boxed_run(probe, (struct box_options){BOXED_OPTIONS, .limits = limits});
    boxed_must(boxed.event == BOX_ENDED, &boxed.err);
    ck_assert_int_eq(boxed.status, 0);
    ck_assert_str_eq(str_text(&boxed.output), output);
    boxed_release(&boxed);
}

static void expect_signal(const char *probe, struct box_limits limits, int number)
{
    struct boxed boxed = boxed_run(probe, (struct box_options){BOXED_OPTIONS, .limits = limits});
    boxed_must(boxed.event == BOX_ENDED, &boxed.err);
    ck_assert_msg(WIFSIGNALED(boxed.status) && WTERMSIG(boxed.status) == number,
                  "raw status %d: %s", boxed.status, str_text(&boxed.output));
    boxed_release(&boxed);
}

START_TEST(processes_are_counted_in_the_box_alone)
{
    // The same for two boxes at a time: each counts its own.
    expect_output("children", (struct box_limits){.processes = 8}, "8 EAGAIN\n");
}
END_TEST

START_TEST(descriptors_run_out)
{
    expect_output("descriptors", (struct box_limits){.descriptors = 50}, "50 EMFILE\n");
}
END_TEST

START_TEST(a_large_file_ends_the_program)
{
    expect_signal("file", (struct box_limits){.file_size = MEBIBYTE}, SIGXFSZ);
}
END_TEST

START_TEST(tmp_runs_full)
{
    expect_output("fill", (struct box_limits){0}, "ENOSPC\n");
}
END_TEST

START_TEST(endless_computing_ends)
{
    expect_signal("cpu", (struct box_limits){.cpu_seconds = 1}, SIGXCPU);
}
END_TEST

START_TEST(address_space_runs_out)
{
#ifdef __SANITIZE_ADDRESS__
    return; // reserves terabytes itself
#endif
    expect_output("memory", (struct box_limits){.memory = 256 * MEBIBYTE}, "ENOMEM\n");
}
END_TEST

START_TEST(core_files_locked_and_shared_memory_are_small)
{
    boxed_expect_ok("small", (struct box_options){BOXED_OPTIONS});
}
END_TEST

UNIT_MAIN("box_limits", processes_are_counted_in_the_box_alone, descriptors_run_out,
          a_large_file_ends_the_program, tmp_runs_full, endless_computing_ends,
          address_space_runs_out, core_files_locked_and_shared_memory_are_small)
