// SPDX-License-Identifier: 0BSD
#include "greeting.h"

int main(void)
{
    return 0;
}
