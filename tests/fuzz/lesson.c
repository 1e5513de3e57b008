// SPDX-License-Identifier: MIT
// The lesson: taken apart and shown on a screen; no byte of it reaches the terminal as a command.
// parser: runner/course/lesson.c runner/course/headings.c runner/course/hint.c
// parser: runner/render/commonmark.c
#include "target.h"

#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "course/lesson.h"
#include "render/render.h"

static void show(const char *commonmark, int width)
{
    const struct screen screen = {.width = width};
    auto_free char *shown = render_commonmark(&screen, commonmark);
    for (const char *c = shown; *c != '\0'; c++)
        MUST((unsigned char)*c >= 0x20 ? *c != 0x7f : *c == '\n' || *c == '\t');
    MUST(text_utf8_prefix(shown, strlen(shown)) == strlen(shown));
}

static void look_at(const struct lesson *lesson)
{
    MUST(lesson->count == 2);
    show(lesson->introduction, 80);
    for (size_t i = 0; i < lesson->count; i++) {
        const struct lesson_section *section = &lesson->sections[i];
        MUST(section->text[0] != '\0' && section->numbered <= 3);
        MUST(section->numbered <= section->hint_count);
        for (size_t j = 0; j < section->hint_count; j++)
            MUST((section->hints[j].check == NULL) == (j < section->numbered) &&
                 section->hints[j].text[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct step steps[] = {{"first", "does one thing", 40}, {"second", "does another", 60}};
    const struct lab lab = {.folder = ".", .steps = steps, .step_count = 2};
    struct err err = ERR_INIT;
    MUST(file_write(-100, "./lesson.md", data, size, 0600, &err));
    struct lesson lesson;
    if (lesson_load(&lab, &lesson, &err)) {
        look_at(&lesson);
        lesson_release(&lesson);
    } else {
        MUST(err.kind == ERR_LAB && err.message[0] != '\0' && err.cure != NULL);
        err_release(&err);
    }
    // The page is shown whatever its sections are.
    auto_free char *text = mem_alloc(size + 1);
    if (size > 0)
        memcpy(text, data, size);
    show(text, 80);
    show(text, 20);
    return 0;
}
