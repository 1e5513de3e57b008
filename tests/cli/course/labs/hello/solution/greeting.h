// SPDX-License-Identifier: 0BSD
// What the server says before the name.
#define GREETING "hello "
