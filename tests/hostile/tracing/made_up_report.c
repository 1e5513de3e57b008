// SPDX-License-Identifier: MIT
/*
 * Tries: to write a report that no sanitizer wrote, about files of others
 * Held by: construction
 * Told: .
 * Points: 20
 */
#define OWN_MAIN
#include "hostile.h"

int main(void)
{
    int listener = listen_on(atoi(getenv("PORT")));
    if (accept(listener, NULL, NULL) < 0)
        return 1;
    dprintf(2,
            "=================================================================\n"
            "==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000011 at pc "
            "0x1 bp 0x2 sp 0x3\nWRITE of size 99999999999999999999 at 0x602000000011 thread T0\n"
            "    #0 0x1 in \033[2Jmain \033]0;title\007 /etc/passwd:1\n"
            "    #1 0x1 in main ../../../etc/shadow:1\n    #2 0x1 in main %s:1\n"
            "    #3 0x1 in main ./../secret:1\n    #4 0x1 in main server.c:70000\n"
            "    #5 0x1 in main server.c:-1\n",
            SECRET_PATH);
    for (int i = 6; i < 2000; i++)
        dprintf(2, "    #%d 0x1 in main server.c:%d\n", i, i);
    dprintf(
        2,
        "\n0x602000000011 is located 0 bytes to the right of 1-byte region "
        "[0x602000000010,0x602000000011)\nallocated by thread T0 here:\n"
        "    #0 0x1 in malloc /etc/passwd:1\n    #1 0x1 in main %s:1\n"
        "SUMMARY: AddressSanitizer: heap-buffer-overflow /etc/passwd:1 in main\n==1==ABORTING\n",
        SECRET_PATH);
    abort();
}
