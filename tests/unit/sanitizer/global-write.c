// SPDX-License-Identifier: MIT
// One client more than the table has places.
static int clients[4]; // variable

static void remember(int *place, int client)
{
    *place = client; // crash
}

int main(void)
{
    for (int i = 0; i <= 4; i++)
        remember(clients + i, i); // caller
}
