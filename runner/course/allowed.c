// SPDX-License-Identifier: MIT
/*
 * Which courses may run their graders. What is part of lab may, and what lies below /usr, where
 * only root writes. Any other course is a stranger's code until its path stands in the settings:
 * $XDG_CONFIG_HOME/lab/courses, one escaped path a line.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/program.h"
#include "base/text.h"
#include "course/internal.h"

#define LIST_MOST (1u << 20)

// The file, and what it holds; nothing where it could be somebody else's words.
static void read_list(const char *path, struct str *out)
{
    struct stat status;
    if (lstat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid() &&
        (status.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
        !file_read(AT_FDCWD, path, LIST_MOST, out, NULL))
        str_clear(out);
}

static char *list_path(void)
{
    auto_free char *folder = path_xdg("CONFIG");
    return path_join(folder, "courses");
}

static bool is_listed(const struct str *list, const char *root)
{
    auto_free char *wanted = text_escape(root, strlen(root));
    size_t length = strlen(wanted);
    for (const char *line = str_text(list); *line != '\0';) {
        size_t here = strcspn(line, "\n");
        if (here == length && strncmp(line, wanted, length) == 0)
            return true;
        line += here + (line[here] == '\n');
    }
    return false;
}

bool course_is_allowed(const char *root)
{
    auto_free char *real = path_real(root, NULL);
    auto_free char *built_in = place_built_in_course(NULL);
    if (real == NULL)
        return false;
    if (str_equal(real, built_in) || str_starts_with(real, "/usr/"))
        return true;
    auto_free char *path = list_path();
    auto_str struct str list = STR_INIT;
    read_list(path, &list);
    return is_listed(&list, real);
}

bool course_demand_allowed(const char *root, struct err *err)
{
    if (course_is_allowed(root))
        return true;
    auto_str struct str word = STR_INIT;
    text_append_shell_word(&word, root);
    err_set(err, ERR_ENV,
            "the course %s is not part of lab, and its graders are programs that run with your "
            "rights",
            root);
    err_set_cure(err, "where you trust it: %s allow %s", program_word(), str_text(&word));
    return false;
}

bool course_allow(const char *root, struct err *err)
{
    auto_free char *real = path_real(root, err);
    if (real == NULL)
        return false;
    auto_free char *path = list_path();
    auto_free char *folder = path_parent(path);
    auto_str struct str list = STR_INIT;
    read_list(path, &list);
    if (is_listed(&list, real))
        return true;
    if (list.length > 0 && list.data[list.length - 1] != '\n')
        str_append_char(&list, '\n');
    text_append_escaped(&list, real, strlen(real));
    str_append_char(&list, '\n');
    return folder_make_all(folder, 0700, err) &&
           file_write_atomic(path, str_text(&list), list.length, 0600, err);
}
