// SPDX-License-Identifier: MIT
// Levels: which one this machine allows.
#include "box/level.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "box/cell.h"
#include "box/cure.h"
#include "box/landlock.h"

static const char *const names[] = {"full", "namespaces", "container", "none"};
enum { LEVELS = sizeof names / sizeof *names };

const char *box_level_name(enum box_level level)
{
    return names[level];
}

bool box_level_parse(const char *name, enum box_level *out)
{
    for (size_t i = 0; i < LEVELS; i++) {
        if (strcmp(names[i], name) != 0)
            continue;
        *out = (enum box_level)i;
        return true;
    }
    return false;
}

bool box_level_is_bare(enum box_level level)
{
    return level == BOX_CONTAINER || level == BOX_NONE;
}

enum box_level box_level_told(void)
{
    const char *told = getenv(BOX_LEVEL_VARIABLE);
    enum box_level level = BOX_NAMESPACES;
    if (told != NULL)
        box_level_parse(told, &level);
    return level;
}

// In a child of its own, which gives up root as a check does and makes a cell for nothing.
_Noreturn static void child_try(const struct process_user *user)
{
    struct err ignored = ERR_INIT;
    const struct cell_options options = {.level = BOX_NAMESPACES};
    int status = 1;
    if (!process_become(user) || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        _exit(1);
    pid_t pid = cell_enter(&options, &ignored);
    if (pid == 0)
        _exit(0);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    _exit(pid > 0 && status == 0 ? 0 : 1);
}

static bool cell_works(const struct process_user *user)
{
    int status = 1;
    pid_t pid = fork();
    if (pid == 0)
        child_try(user);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return pid > 0 && status == 0;
}

static enum box_level try_all(const struct process_user *user)
{
    if (!cell_works(user) && cure_in_container() && landlock_version() > 0)
        return BOX_CONTAINER;
    return BOX_NAMESPACES;
}

bool box_level_find(const struct process_user *user, enum box_level *out, struct err *err)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static bool tried;
    static enum box_level found;
    const char *told = getenv(BOX_LEVEL_VARIABLE);
    if (told != NULL && told[0] != '\0') {
        if (box_level_parse(told, out))
            return true;
        err_set(err, ERR_USAGE, "%s: no level of the sandbox", told);
        err_set_cure(err, "The levels are full, namespaces, container and none.");
        return false;
    }
    pthread_mutex_lock(&lock);
    if (!tried)
        found = try_all(user);
    tried = true;
    *out = found;
    pthread_mutex_unlock(&lock);
    return true;
}
