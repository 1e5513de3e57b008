// SPDX-License-Identifier: MIT
// From a snapshot to events: the resolver, in a box.
#include "trace/resolve.h"

#include "base/str.h"
#include "trace/boxed_tool.h"
#include "trace/resolver/resolver.h"

enum { CPU_SECONDS = 2, OUTPUT_MOST = RESOLVER_OUTPUT_MOST + 4096 };

bool resolve(const struct stage *stage, const char *resolver, const char *program, int snapshot,
             struct events *out, struct err *err)
{
    static const char *const argv[] = {"/resolver", RESOLVER_PROGRAM, NULL};
    const struct boxed_tool tool = {
        .name = "the resolver",
        .argv = argv,
        .mounts = {{resolver, "/resolver", false}, {program, RESOLVER_PROGRAM, false}},
        .mount_count = 2,
        .input = snapshot,
        .cpu_seconds = CPU_SECONDS,
        .output_most = OUTPUT_MOST,
    };
    auto_str struct str lines = STR_INIT;
    bool whole = boxed_tool_run(stage, &tool, &lines, err);
    if (!events_read(str_text(&lines), lines.length, out) && whole) {
        err_set(err, ERR_ENV, "the resolver's lines cannot be read");
        return false;
    }
    return whole;
}
