// SPDX-License-Identifier: MIT
// The only list of subcommands, in the order of `lab --help`: one line each.
#ifndef LAB_CMD_LIST_H
#define LAB_CMD_LIST_H

#define CMD_LIST(X)                                                                                \
    X(start)                                                                                       \
    X(check)                                                                                       \
    X(watch)                                                                                       \
    X(build)                                                                                       \
    X(run)                                                                                         \
    X(trace)                                                                                       \
    X(debug)                                                                                       \
    X(hint)                                                                                        \
    X(lesson)                                                                                      \
    X(status)                                                                                      \
    X(list)                                                                                        \
    X(next)                                                                                        \
    X(solution)                                                                                    \
    X(reset)                                                                                       \
    X(pack)                                                                                        \
    X(doctor)                                                                                      \
    X(allow)                                                                                       \
    X(new)                                                                                         \
    X(validate)\
    X(grade)

#endif
