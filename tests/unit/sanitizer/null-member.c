// SPDX-License-Identifier: MIT
// Undefined behaviour: a member through NULL.
struct client {
    int descriptor;
};

static int descriptor_of(const struct client *client)
{
    return client->descriptor; // crash
}

int main(void)
{
    return descriptor_of(0); // caller
}
