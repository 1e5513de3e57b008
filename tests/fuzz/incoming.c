// SPDX-License-Identifier: MIT
// The strict reader of requests: what is said of a beginning holds for the whole.
// parser: graders/kit/incoming_rules.c
#include "target.h"

#include "incoming.h"

static void must_be_right(const struct incoming_parse *out, enum kit_http_verdict verdict,
                          size_t size)
{
    if (verdict == KIT_HTTP_WRONG) {
        must_be_a_line(out->message);
        must_be_a_line(out->because);
        MUST(out->offset <= size);
    } else if (verdict == KIT_HTTP_WHOLE) {
        MUST(out->total <= size && out->head_length <= out->total);
        MUST(out->target_length > 0 && out->method_length > 0);
        MUST(out->target_offset + out->target_length < out->head_length);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct incoming_parse all, part;
    enum kit_http_verdict verdict = incoming_parse(data, size, true, &all);
    MUST(verdict != KIT_HTTP_MORE);
    must_be_right(&all, verdict, size);
    for (size_t length = 0; length <= size && length < 2048; length++) {
        enum kit_http_verdict sooner = incoming_parse(data, length, false, &part);
        must_be_right(&part, sooner, length);
        MUST(sooner == KIT_HTTP_MORE || sooner == verdict);
        MUST(sooner != KIT_HTTP_WRONG || part.offset == all.offset);
        MUST(sooner != KIT_HTTP_WHOLE || part.total == all.total);
    }
    return 0;
}
