// SPDX-License-Identifier: MIT
/*
 * Tries: a program inside the kernel, by bpf()
 * Held by: filter-doors user cell-user box-user
 * Told: nothing
 * As: root
 */
#include "hostile.h"

#include <linux/bpf.h>

static void attack(void)
{
    union bpf_attr attributes = {
        .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
    tried("bpf", syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes));
}
