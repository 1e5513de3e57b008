// SPDX-License-Identifier: MIT
/*
 * Tries: to make the reader of debugging data read what it likes
 * Held by: construction
 * Told: .
 * Points: 0|20
 */
#define GREETING "hullo "
#include "hostile.h"

// A unit whose length is a lie, abbreviations of abbreviations, frames whose
// unwinding is an endless expression.
__asm__(".pushsection .debug_info,\"\",@progbits\n"
        ".long 0xfffffff0\n.short 5\n.fill 4096,1,0x7f\n.popsection\n"
        ".pushsection .debug_abbrev,\"\",@progbits\n"
        ".fill 4096,1,0x81\n.popsection\n"
        ".pushsection .debug_aranges,\"\",@progbits\n"
        ".long 0xfffffff0\n.short 2\n.fill 256,1,0xff\n.popsection\n"
        ".pushsection .debug_str,\"MS\",@progbits,1\n"
        ".fill 8192,1,0x1b\n.popsection\n"
        ".pushsection .debug_frame,\"\",@progbits\n"
        ".long 28\n.long -1\n.byte 4\n.asciz \"\"\n.byte 8,0,1,0x78,16,0x0f,3,0x2f,0xfd,0xff\n"
        ".fill 9,1,0\n.popsection\n");

// The assembler makes the line table itself: so the lines are the largest, in too many files.
static void attack(void)
{
    __asm__ volatile(
        ".rept 20000\n\t.loc 1 2147483647 2147483647\n\tnop\n\t.loc 1 0 0\n\tnop\n\t.endr");
}
