// SPDX-License-Identifier: MIT
// The command line of bubblewrap: what the box looks like inside.
#include "box/bubblewrap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "box/init/config.h"

#define TMP_BYTES "67108864"

static const char *const file_targets[BUBBLEWRAP_FILES] = {"/etc/passwd", "/etc/group",
                                                           "/etc/hosts", "/etc/nsswitch.conf"};

static void add(struct strings *list, const char *const *words)
{
    for (; *words != NULL; words++)
        strings_add(list, *words);
}
#define ADD(list, ...) add(list, (const char *const[]){__VA_ARGS__, NULL})

int bubblewrap_memory(const char *name, struct err *err)
{
    int file = memfd_create(name, MFD_CLOEXEC);
    if (file < 0)
        err_set(err, ERR_ENV, "cannot make a file in memory: %s", strerror(errno));
    return file;
}

static int open_text(const char *text, struct err *err)
{
    int file = bubblewrap_memory("lab-file", err);
    if (file >= 0 && (write(file, text, strlen(text)) != (ssize_t)strlen(text) ||
                      lseek(file, 0, SEEK_SET) < 0)) {
        err_set(err, ERR_ENV, "cannot write a file in memory: %s", strerror(errno));
        close(file);
        file = -1;
    }
    return file;
}

// One user, with the ids that the program runs with, so that getpwuid finds it; names resolve
// without a server.
bool bubblewrap_files(const struct process_user *user, int out[BUBBLEWRAP_FILES], struct err *err)
{
    unsigned int uid = user->drop ? user->uid : geteuid();
    unsigned int gid = user->drop ? user->gid : getegid();
    auto_free char *passwd = str_format("lab:x:%u:%u:lab:/tmp:/bin/sh\n", uid, gid);
    auto_free char *group = str_format("lab:x:%u:\n", gid);
    const char *texts[BUBBLEWRAP_FILES] = {
        passwd, group, "127.0.0.1 localhost\n::1 localhost\n127.0.1.1 lab\n",
        "passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n"};
    bool whole = true;
    for (size_t i = 0; i < BUBBLEWRAP_FILES; i++) {
        out[i] = whole ? open_text(texts[i], err) : -1;
        whole = whole && out[i] >= 0;
    }
    return whole;
}

// /bin and its like: links into /usr on merged systems, folders of their own on others.
static void add_links(struct strings *list)
{
    static const char *const folders[] = {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char target[256];
        ssize_t length = readlink(folders[i], target, sizeof target - 1);
        if (length > 0) {
            target[length] = '\0';
            ADD(list, "--symlink", target, folders[i]);
        } else if (path_is_folder(folders[i])) {
            ADD(list, "--ro-bind", folders[i], folders[i]);
        }
    }
}

static void add_system(struct strings *list)
{
    static const char *const shared[] = {"/etc/ld.so.cache", "/etc/alternatives", "/etc/services",
                                         "/etc/protocols"};
    ADD(list, "--ro-bind", "/usr", "/usr", "--perms", "0755", "--dir", "/etc");
    add_links(list);
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        ADD(list, "--ro-bind-try", shared[i], shared[i]);
    for (int i = 0; i < BUBBLEWRAP_FILES; i++) {
        auto_free char *number = str_format("%d", INIT_FILES + i);
        ADD(list, "--perms", "0444", "--file", number, file_targets[i]);
    }
}

static void add_devices(struct strings *list)
{
    static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random",
                                          "/dev/urandom"};
    ADD(list, "--perms", "0755", "--dir", "/dev");
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
        ADD(list, "--dev-bind", devices[i], devices[i]);
    ADD(list, "--symlink", "/proc/self/fd", "/dev/fd");
    ADD(list, "--symlink", "/proc/self/fd/0", "/dev/stdin");
    ADD(list, "--symlink", "/proc/self/fd/1", "/dev/stdout");
    ADD(list, "--symlink", "/proc/self/fd/2", "/dev/stderr");
    // POSIX shared memory counts as files: /tmp has a size, and in a cell a number of files too.
    ADD(list, "--symlink", "/tmp", "/dev/shm");
}

// Empty, read-only folders over what must not be seen. Only /usr is visible, and its real path is
// what counts; elsewhere there is nothing to hide.
static void add_hidden(struct strings *list, const char *const *hidden)
{
    for (; hidden != NULL && *hidden != NULL; hidden++) {
        auto_free char *real = path_real(*hidden, NULL);
        if (real != NULL && str_starts_with(real, "/usr/") && path_is_folder(real))
            ADD(list, "--tmpfs", real, "--remount-ro", real);
    }
}

void bubblewrap_arguments(const struct box_options *options, struct strings *out)
{
    auto_free char *init = str_format("/proc/self/fd/%d", INIT_SELF);
    ADD(out, "bwrap", "--unshare-user", "--disable-userns", "--unshare-pid", "--unshare-ipc",
        "--unshare-uts", "--unshare-cgroup-try");
    if (options->own_network)
        strings_add(out, "--unshare-net");
    ADD(out, "--hostname", "lab", "--new-session", "--as-pid-1");
    add_system(out);
    ADD(out, "--proc", "/proc");
    add_devices(out);
    if (options->allow_tmp)
        ADD(out, "--perms", "1777", "--size", TMP_BYTES, "--tmpfs", "/tmp");
    add_hidden(out, options->hidden);
    for (size_t i = 0; i < options->mount_count; i++) {
        const struct box_mount *mount = &options->mounts[i];
        ADD(out, mount->writable ? "--bind" : "--ro-bind", mount->source, mount->target);
    }
    // Last: what came before still had to be made in it.
    ADD(out, "--remount-ro", "/");
    ADD(out, "--chdir", options->folder != NULL ? options->folder : "/tmp", "--", init);
}
