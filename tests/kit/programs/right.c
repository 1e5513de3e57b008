// SPDX-License-Identifier: MIT
// Answers each line with pong.
#include "start.h"

int main(void)
{
    answer_all(listen_here());
}
