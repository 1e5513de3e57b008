// SPDX-License-Identifier: MIT
// Looks into processes for the records' pipe: who has it writes a pass. Open at: none (but for lab)
#include "attack.h"

static void look_into(pid_t pid)
{
    static const char *const files[] = {"mem", "environ", "maps", "fd/3"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[64], byte;
        snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, files[i]);
        // What has no memory of its own can be opened, and is empty.
        int file = open(path, O_RDWR);
        file = file < 0 ? open(path, O_RDONLY) : file;
        if (readlink(path, &byte, 1) > 0 || (file >= 0 && (i == 0 || read(file, &byte, 1) > 0)))
            through(path);
        close(file);
    }
    if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) == 0) {
        through("a process outside was traced");
        waitpid(pid, NULL, __WALL);
        ptrace(PTRACE_DETACH, pid, NULL, NULL);
    }
}

static void attack(void)
{
    each_process(look_into);
}
