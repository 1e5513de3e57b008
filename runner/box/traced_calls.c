// SPDX-License-Identifier: MIT
// The system calls that a traced program stops at, and where their arguments are.
#include "box/traced_calls.h"

#include <sys/syscall.h>

const struct traced_call traced_calls[] = {
    {SYS_write, TRACED_SENDS, TRACED_BUFFER, 0},
    {SYS_writev, TRACED_SENDS, TRACED_VECTOR, 0},
    {SYS_pwrite64, TRACED_SENDS, TRACED_BUFFER, 0},
    {SYS_pwritev, TRACED_SENDS, TRACED_VECTOR, 0},
    {SYS_pwritev2, TRACED_SENDS, TRACED_VECTOR, 0},
    {SYS_sendto, TRACED_SENDS, TRACED_BUFFER, 0},
    {SYS_sendmsg, TRACED_SENDS, TRACED_MESSAGE, 0},
    {SYS_sendmmsg, TRACED_SENDS, TRACED_MESSAGES, 0},
    {SYS_sendfile, TRACED_SENDS, TRACED_FROM_SECOND, 0},
    {SYS_splice, TRACED_SENDS, TRACED_FROM_FIRST, 2},
    {SYS_read, TRACED_RECEIVES, TRACED_BUFFER, 0},
    {SYS_readv, TRACED_RECEIVES, TRACED_VECTOR, 0},
    {SYS_pread64, TRACED_RECEIVES, TRACED_BUFFER, 0},
    {SYS_preadv, TRACED_RECEIVES, TRACED_VECTOR, 0},
    {SYS_preadv2, TRACED_RECEIVES, TRACED_VECTOR, 0},
    {SYS_recvfrom, TRACED_RECEIVES, TRACED_BUFFER, 0},
    {SYS_recvmsg, TRACED_RECEIVES, TRACED_MESSAGE, 0},
    {SYS_recvmmsg, TRACED_RECEIVES, TRACED_MESSAGES, 0},
    {SYS_close, TRACED_CLOSES, TRACED_NO_BUFFER, 0},
    {SYS_shutdown, TRACED_CLOSES, TRACED_NO_BUFFER, 0},
    {SYS_socket, TRACED_SETS_UP, TRACED_NO_BUFFER, -1},
    {SYS_bind, TRACED_SETS_UP, TRACED_NO_BUFFER, 0},
    {SYS_listen, TRACED_SETS_UP, TRACED_NO_BUFFER, 0},
    {SYS_connect, TRACED_SETS_UP, TRACED_NO_BUFFER, 0},
    {SYS_accept, TRACED_ACCEPTS, TRACED_NO_BUFFER, 0},
    {SYS_accept4, TRACED_ACCEPTS, TRACED_NO_BUFFER, 0},
    {SYS_openat, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 1},
    {SYS_openat2, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 1},
    {SYS_statx, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 1},
    {SYS_newfstatat, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 1},
    {SYS_faccessat, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 1},
    {SYS_faccessat2, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 1},
    {SYS_renameat, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 1},
    {SYS_renameat2, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 1},
    {SYS_linkat, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 1},
    {SYS_symlinkat, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 2},
    {SYS_unlinkat, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 1},
    {SYS_mkdirat, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 1},
    {SYS_truncate, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 0},
    {SYS_chdir, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 0},
    {SYS_execve, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 0},
#ifdef SYS_open // the older calls, that newer architectures do without
    {SYS_open, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 0},
    {SYS_creat, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 0},
    {SYS_stat, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 0},
    {SYS_lstat, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 0},
    {SYS_access, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 0},
    {SYS_rename, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 0},
    {SYS_link, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 0},
    {SYS_symlink, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 1},
    {SYS_unlink, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 0},
    {SYS_mkdir, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 0},
    {SYS_rmdir, TRACED_NAMES_PATH, TRACED_NO_BUFFER, 0},
    {SYS_dup2, TRACED_DUPLICATES, TRACED_NO_BUFFER, 1},
#endif
    {SYS_dup3, TRACED_DUPLICATES, TRACED_NO_BUFFER, 1},
    {SYS_close_range, TRACED_CLOSES_MANY, TRACED_NO_BUFFER, 0},
    {SYS_mmap, TRACED_MAPS_CODE, TRACED_NO_BUFFER, 2},
    {SYS_mprotect, TRACED_MAPS_CODE, TRACED_NO_BUFFER, 2},
};
const size_t traced_call_count = sizeof traced_calls / sizeof *traced_calls;

const struct traced_call *traced_call_find(int number)
{
    for (size_t i = 0; i < traced_call_count; i++)
        if (traced_calls[i].number == number)
            return &traced_calls[i];
    return NULL;
}
