// SPDX-License-Identifier: MIT
/*
 * Tries: structures in structures, thousands deep
 * Held by: construction
 * Told: nothing
 * Kind: source
 */
#include "hostile.h"

#define OPEN struct {
#define CLOSE                                                                                      \
    }                                                                                              \
    inner;
#define OPEN8 OPEN OPEN OPEN OPEN OPEN OPEN OPEN OPEN
#define CLOSE8 CLOSE CLOSE CLOSE CLOSE CLOSE CLOSE CLOSE CLOSE
#define OPEN64 OPEN8 OPEN8 OPEN8 OPEN8 OPEN8 OPEN8 OPEN8 OPEN8
#define CLOSE64 CLOSE8 CLOSE8 CLOSE8 CLOSE8 CLOSE8 CLOSE8 CLOSE8 CLOSE8

struct deep {
    OPEN64 int number;
    CLOSE64
};

static void attack(void)
{
    dprintf(2, "%zu\n", sizeof(struct deep));
}
