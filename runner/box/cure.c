// SPDX-License-Identifier: MIT
// What to do when the kernel or the machine refuses a mechanism of the sandbox.
#include "box/cure.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

#define CONTAINER                                                                                  \
    "start the container with --security-opt seccomp=unconfined --security-opt "                   \
    "systempaths=unconfined --security-opt apparmor=unconfined"

// A setting of the kernel's, or `otherwise` when there is no such setting.
static long setting(const char *path, long otherwise)
{
    char text[32];
    auto_close int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
    if (length <= 0)
        return otherwise;
    text[length] = '\0';
    return strtol(text, NULL, 10);
}

bool cure_in_container(void)
{
    return path_exists("/.dockerenv") || path_exists("/run/.containerenv") ||
           path_exists("/run/secrets/kubernetes.io");
}

static void choose_namespaces(struct err *err, int error)
{
    if (setting("/proc/sys/user/max_user_namespaces", 1) == 0)
        err_set_cure(err, "Allow user namespaces: sudo sysctl -w user.max_user_namespaces=15000");
    else if (setting("/proc/sys/kernel/unprivileged_userns_clone", 1) == 0)
        err_set_cure(err,
                     "Allow user namespaces: sudo sysctl -w kernel.unprivileged_userns_clone=1");
    else if (setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 0) != 0)
        err_set_cure(err, "AppArmor forbids user namespaces (Ubuntu 24.04 does): sudo sysctl -w "
                          "kernel.apparmor_restrict_unprivileged_userns=0, or give bwrap and lab "
                          "an AppArmor profile with the rule \"userns,\"");
    else if (error == ENOSPC || error == EUSERS)
        err_set_cure(err, "Raise the limits below /proc/sys/user (max_user_namespaces, "
                          "max_net_namespaces and others): too many namespaces are in use");
    else if (cure_in_container() || error == ENOSYS)
        err_set_cure(err, "This looks like a container that forbids namespaces: " CONTAINER);
    else
        err_set_cure(err, "Something forbids user namespaces here (a container, a chroot, a "
                          "security module). In a container: " CONTAINER);
}

// Whoever checks a program of their own may do without.
static void offer_none(struct err *err)
{
    if (err == NULL)
        return;
    auto_free char *cure = mem_copy_string(err->cure);
    err_set_cure(err, "%s; or, for a program of your own: lab check --no-sandbox", cure);
}

void cure_namespaces(struct err *err, int error)
{
    choose_namespaces(err, error);
    offer_none(err);
}

void cure_proc(struct err *err)
{
    err_set_cure(err, "A part of /proc is covered, as Docker does, and then the kernel allows no "
                      "fresh one: " CONTAINER);
    offer_none(err);
}

void cure_bubblewrap(struct err *err, const char *said)
{
    if (strstr(said, "Unknown option") != NULL)
        err_set_cure(err, "Install bubblewrap 0.8 or newer: sudo apt-get install bubblewrap");
    else if (strstr(said, "mount proc") != NULL)
        cure_proc(err);
    else if (strstr(said, "namespace") != NULL || strstr(said, "uid map") != NULL ||
             strstr(said, "loopback") != NULL)
        cure_namespaces(err, strstr(said, "ENOSPC") != NULL ? ENOSPC : 0);
    else if (strstr(said, "/proc/self/fd/") != NULL)
        err_set_cure(err, "Make box-init executable for everybody: chmod 755");
}
