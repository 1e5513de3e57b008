// SPDX-License-Identifier: MIT
// Messages on a unix socket that bring descriptors along.
#ifndef LAB_DESCRIPTORS_H
#define LAB_DESCRIPTORS_H

#include <stddef.h>
#include <sys/types.h>

enum { DESCRIPTORS_MOST = 2 }; // of one message

// Sends a message with its descriptors, 0 to DESCRIPTORS_MOST; the kernel duplicates them. `flags`
// as for sendmsg(2), MSG_NOSIGNAL is added. Bytes sent, or -1 and errno; EINTR is handled.
ssize_t descriptors_send(int socket, const char *text, const int *descriptors, size_t count,
                         int flags);
// Receives a message and its descriptors, close-on-exec, -1 for those that did not come. Whoever
// sends more than `count` has the rest closed. `flags` as for recvmsg(2). Its length, 0 at the end,
// -1 and errno; EINTR is handled.
ssize_t descriptors_receive(int socket, char *buffer, size_t size, int *out, size_t count,
                            int flags);

#endif
