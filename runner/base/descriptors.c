// SPDX-License-Identifier: MIT
// Descriptors that a message brings along (unix(7), SCM_RIGHTS).
#include "base/descriptors.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
    struct cmsghdr head;
    char space[CMSG_SPACE(DESCRIPTORS_MOST * sizeof(int))];
};

ssize_t descriptors_send(int socket, const char *text, const int *descriptors, size_t count,
                         int flags)
{
    const size_t size = (count < DESCRIPTORS_MOST ? count : DESCRIPTORS_MOST) * sizeof(int);
    union control control = {
        .head = {.cmsg_len = CMSG_LEN(size), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
    memcpy(CMSG_DATA(&control.head), descriptors, size);
    struct iovec part = {(void *)(size_t)text, strlen(text)};
    const struct msghdr message = {.msg_iov = &part,
                                   .msg_iovlen = 1,
                                   .msg_control = count > 0 ? &control : NULL,
                                   .msg_controllen = count > 0 ? CMSG_SPACE(size) : 0};
    ssize_t sent;
    do
        sent = sendmsg(socket, &message, flags | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent;
}

// The room for one descriptor is padded to that for two, so more can come than was asked for.
static void take(const struct cmsghdr *head, int *out, size_t count)
{
    int all[DESCRIPTORS_MOST];
    size_t came = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    came = came < DESCRIPTORS_MOST ? came : DESCRIPTORS_MOST;
    memcpy(all, CMSG_DATA(head), came * sizeof(int));
    for (size_t i = 0; i < came; i++) {
        if (i < count)
            out[i] = all[i];
        else
            close(all[i]);
    }
}

ssize_t descriptors_receive(int socket, char *buffer, size_t size, int *out, size_t count,
                            int flags)
{
    union control control;
    struct iovec part = {buffer, size};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t got;
    do
        got = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    for (size_t i = 0; i < count; i++)
        out[i] = -1;
    const struct cmsghdr *first = got >= 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (first != NULL && first->cmsg_level == SOL_SOCKET && first->cmsg_type == SCM_RIGHTS)
        take(first, out, count);
    return got;
}
