// SPDX-License-Identifier: MIT
// Landlock: the rules of a box that has no mounts of its own.
#include "box/landlock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"

// The kernel's numbers: the headers of a distribution may be older than its kernel.
enum { CREATE_RULESET = 444, ADD_RULE = 445 }; // the same on every architecture
enum { VERSION_FLAG = 1, PATH_BENEATH = 1, NET_PORT = 2 };
enum {
    EXECUTE = 1 << 0,
    WRITE_FILE = 1 << 1,
    READ_FILE = 1 << 2,
    READ_FOLDER = 1 << 3,
    FIRST_RIGHTS = (1 << 13) - 1, // version 1
    REFER = 1 << 13,              // 2
    TRUNCATE = 1 << 14,           // 3
    IOCTL_DEVICE = 1 << 15,       // 5
};
enum { CONNECT_TCP = 1 << 1 };                                  // 4
enum { SCOPE_ABSTRACT_SOCKET = 1 << 0, SCOPE_SIGNAL = 1 << 1 }; // 6

struct ruleset {
    uint64_t files, network, scoped;
};

struct path_rule {
    uint64_t rights;
    int32_t folder;
} __attribute__((packed));

struct port_rule {
    uint64_t rights, port;
};

enum {
    LOOK = READ_FILE | READ_FOLDER,
    USE = LOOK | EXECUTE,
    OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEVICE,
};

int landlock_version(void)
{
    long version = syscall(CREATE_RULESET, NULL, 0, VERSION_FLAG);
    return version > 0 ? (int)version : 0;
}

static uint64_t all_rights(int version)
{
    return FIRST_RIGHTS | (version >= 2 ? REFER : 0) | (version >= 3 ? TRUNCATE : 0) |
           (version >= 5 ? IOCTL_DEVICE : 0);
}

// What is not there needs no rule, nor does a link: where it leads to has one or has none.
static bool allow(int rules, const char *path, uint64_t rights)
{
    auto_close int file = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;
    if (file < 0 || fstat(file, &status) < 0 || S_ISLNK(status.st_mode))
        return true;
    if (!S_ISDIR(status.st_mode))
        rights &= OF_A_FILE;
    const struct path_rule rule = {rights, file};
    return syscall(ADD_RULE, rules, PATH_BENEATH, &rule, 0) == 0;
}

static bool hides_below(const char *path, const struct strings *hidden)
{
    for (size_t i = 0; i < hidden->count; i++)
        if (str_starts_with(hidden->items[i], path) && hidden->items[i][strlen(path)] == '/')
            return true;
    return false;
}

static bool allow_but_hidden(int rules, const char *path, const struct strings *hidden);

// Rules only allow: what lies beside a hidden folder is allowed one by one.
static bool allow_entries(int rules, const char *path, const struct strings *hidden)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return true;
    bool good = true;
    for (struct dirent *entry; good && (entry = readdir(folder)) != NULL;) {
        if (str_equal(entry->d_name, ".") || str_equal(entry->d_name, ".."))
            continue;
        auto_free char *below = path_join(path, entry->d_name);
        good = strings_have(hidden, below) || allow_but_hidden(rules, below, hidden);
    }
    closedir(folder);
    return good;
}

static bool allow_but_hidden(int rules, const char *path, const struct strings *hidden)
{
    return hides_below(path, hidden) ? allow_entries(rules, path, hidden) : allow(rules, path, USE);
}

static bool allow_system(int rules, const struct strings *hidden)
{
    static const char *const programs[] = {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};
    static const char *const texts[] = {"/etc/ld.so.cache",
                                        "/etc/ld.so.preload",
                                        "/etc/alternatives",
                                        "/etc/services",
                                        "/etc/protocols",
                                        "/etc/passwd",
                                        "/etc/group",
                                        "/etc/hosts",
                                        "/etc/nsswitch.conf",
                                        "/etc/localtime",
                                        "/proc"};
    static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random",
                                          "/dev/urandom"};
    bool good = allow_but_hidden(rules, "/usr", hidden);
    // Links into /usr on merged systems: the rule for /usr counts, with what it hides.
    for (size_t i = 0; good && i < sizeof programs / sizeof *programs; i++)
        good = allow(rules, programs[i], USE);
    for (size_t i = 0; good && i < sizeof texts / sizeof *texts; i++)
        good = allow(rules, texts[i], LOOK);
    for (size_t i = 0; good && i < sizeof devices / sizeof *devices; i++)
        good = allow(rules, devices[i], READ_FILE | WRITE_FILE);
    return good;
}

static bool allow_all(int rules, int version, const struct box_options *options)
{
    auto_strings struct strings hidden = STRINGS_INIT;
    for (const char *const *path = options->hidden; path != NULL && *path != NULL; path++) {
        auto_free char *real = path_real(*path, NULL);
        if (real != NULL)
            strings_add(&hidden, real);
    }
    bool good = allow_system(rules, &hidden);
    for (size_t i = 0; good && i < options->mount_count; i++)
        good = allow(rules, options->mounts[i].source,
                     options->mounts[i].writable ? all_rights(version) : (uint64_t)USE);
    return good;
}

static bool allow_ports(int rules, uint64_t network, const struct box_options *options)
{
    bool good = true;
    for (const int *port = options->connect_ports;
         good && network != 0 && port != NULL && *port > 0; port++) {
        const struct port_rule rule = {CONNECT_TCP, (uint64_t)*port};
        good = syscall(ADD_RULE, rules, NET_PORT, &rule, 0) == 0;
    }
    return good;
}

int landlock_rules(const struct box_options *options, struct err *err)
{
    int version = landlock_version();
    const struct ruleset ruleset = {
        .files = all_rights(version),
        .network = version >= 4 && options->no_connect ? CONNECT_TCP : 0,
        .scoped = version >= 6 ? SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL : 0};
    // A kernel takes the members that it knows; those behind must be left out.
    size_t size = version >= 6   ? sizeof ruleset
                  : version >= 4 ? sizeof ruleset - sizeof ruleset.scoped
                                 : sizeof ruleset.files;
    int rules = version > 0 ? (int)syscall(CREATE_RULESET, &ruleset, size, 0) : -1;
    if (rules >= 0 && allow_all(rules, version, options) &&
        allow_ports(rules, ruleset.network, options))
        return rules;
    err_set(err, ERR_ENV, "cannot restrict the program's files (Landlock): %s", strerror(errno));
    err_set_cure(err, "Landlock needs Linux 5.13, among the kernel's lsm=, and a container that "
                      "allows its system calls.");
    if (rules >= 0)
        close(rules);
    return -1;
}
