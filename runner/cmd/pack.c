// SPDX-License-Identifier: MIT
/*
 * lab pack: the workspace as an archive to hand in. The same sources make the same bytes: no times,
 * no users, one order.
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "render/render.h"

struct packing {
    struct archive *archive;
    struct str bytes;
};

static la_ssize_t take_bytes(struct archive *archive, void *context, const void *bytes,
                             size_t length)
{
    (void)archive;
    str_append_bytes(context, bytes, length);
    return (la_ssize_t)length;
}

static bool add_source(struct archive *archive, const char *folder, const struct source *source)
{
    auto_free char *name = path_join(folder, source->name);
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)source->length);
    archive_entry_set_mtime(entry, 0, 0);
    bool whole =
        archive_write_header(archive, entry) == ARCHIVE_OK &&
        archive_write_data(archive, source->data, source->length) == (la_ssize_t)source->length;
    archive_entry_free(entry);
    return whole;
}

static bool pack(const struct lab *lab, const struct sources *sources, struct str *out,
                 struct err *err)
{
    struct archive *archive = archive_write_new();
    bool whole =
        archive_write_add_filter_gzip(archive) == ARCHIVE_OK &&
        archive_write_set_filter_option(archive, "gzip", "timestamp", NULL) == ARCHIVE_OK &&
        archive_write_set_format_pax_restricted(archive) == ARCHIVE_OK &&
        archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK && // no tape: not padded
        archive_write_open(archive, out, NULL, take_bytes, NULL) == ARCHIVE_OK;
    for (size_t i = 0; whole && i < sources->count; i++)
        whole = add_source(archive, lab->id, &sources->items[i]);
    whole = whole && archive_write_close(archive) == ARCHIVE_OK;
    if (!whole)
        err_set(err, ERR_ENV, "the archive cannot be made: %s", archive_error_string(archive));
    archive_write_free(archive);
    return whole;
}

static bool write_archive(const char *path, const struct str *bytes, struct err *err)
{
    if (file_write_atomic(path, str_text(bytes), bytes->length, 0644, err))
        return true;
    err_set_cure(err, "name a file in a folder that can be written: --out FILE");
    return false;
}

static int run(const struct cmd_call *call, struct context *context, struct err *err)
{
    const char *const *words = call->words;
    size_t count = call->word_count;
    struct sources sources = {0};
    auto_str struct str bytes = STR_INIT;
    if (!context_open(context, err) || !context_open_lab(context, &words, &count, true, err) ||
        !context_no_words(context, words, count, err))
        return 0;
    const struct lab *lab = context->lab;
    auto_free char *name = str_format("%s.tar.gz", lab->id);
    const char *path = cmd_has(call, "out") ? cmd_value(call, "out") : name;
    bool packed = workspace_sources(&context->workspace, lab, &sources, err) &&
                  pack(lab, &sources, &bytes, err) && write_archive(path, &bytes, err);
    if (packed) {
        const struct screen screen = screen_for(stdout, cmd_value(call, "color"));
        auto_free char *said = str_format("%s: %zu file%s, %zu bytes", path, sources.count,
                                          sources.count == 1 ? "" : "s", bytes.length);
        screen_wrap(&screen, "", "  ", said);
    }
    sources_release(&sources);
    return 0;
}

static int run_pack(const struct cmd_call *call, struct err *err)
{
    struct context context = {0};
    int status = run(call, &context, err);
    context_close(&context);
    return status;
}

static const struct cmd_option options[] = {
    {'o', "out", "FILE", "where to (default LAB.tar.gz in the current folder)"},
    {0, "color", "WHEN", "auto, always or never"},
};

const struct cmd cmd_pack = {
    .name = "pack",
    .arguments = "[LAB]",
    .summary = "make an archive of your program, to hand in",
    .help = "Writes the sources of this workspace into a .tar.gz, which lab grade reads.\n"
            "What lab keeps in .lab, and what is built, is left out. The same sources make\n"
            "the same bytes. Outside of a workspace LAB means its last workspace.",
    .most_words = 1,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_pack,
};
