// SPDX-License-Identifier: MIT
/*
 * Tries: to type into the terminal of whoever called
 * Held by: filter-terminal session box-devices
 * Told: nothing
 * Terminal: yes
 */
#include "hostile.h"

#include <sys/ioctl.h>

// A machine that has TIOCSTI switched off answers otherwise than the filter does.
static void attack(void)
{
    int terminal = open("/dev/tty", O_RDWR);
    char letter = ' ';
    if (terminal >= 0 && (ioctl(terminal, TIOCSTI, &letter) == 0 || errno != EPERM))
        through("TIOCSTI");
    else
        held(terminal < 0 ? "/dev/tty" : "TIOCSTI");
}
