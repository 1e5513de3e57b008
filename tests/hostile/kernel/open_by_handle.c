// SPDX-License-Identifier: MIT
/*
 * Tries: to open files by numbers, around all mounts
 * Held by: filter-handles user cell-user box-user
 * Told: nothing
 * As: root
 */
#include "hostile.h"

// A handle that fits no file is refused for what it is only to who may open by handles.
static void attack(void)
{
    struct {
        struct file_handle head;
        unsigned char bytes[128];
    } handle = {.head = {.handle_bytes = 128}};
    int mount, folder = open("/usr", O_RDONLY | O_DIRECTORY);
    if (name_to_handle_at(AT_FDCWD, "/usr", &handle.head, &mount, 0) < 0)
        held("name_to_handle_at");
    tried("open_by_handle_at", open_by_handle_at(folder, &handle.head, O_RDONLY));
    close(folder);
}
