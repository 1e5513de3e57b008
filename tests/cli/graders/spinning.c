// SPDX-License-Identifier: MIT
// The grader of a lab with many checks that all wait for the program's answer.
#include "kit.h"

#define EACH(X) X(one) X(two) X(three) X(four) X(five) X(six) X(seven) X(eight)

#define DEFINE(name)                                                                               \
    START_TEST(name)                                                                               \
    {                                                                                              \
        struct kit_connection *client = kit_connect(kit_serve());                                  \
        kit_send(client, "%s\n", kit_word());                                                      \
        kit_expect_bytes(client, kit_text("hello\n"));                                             \
    }                                                                                              \
    END_TEST
#define ADD(name) KIT_CHECK("listen", name, .build = KIT_PLAIN);

EACH(DEFINE)

void kit_checks(void)
{
    EACH(ADD)
}
