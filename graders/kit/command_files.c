// SPDX-License-Identifier: MIT
// Files in commands: those that have to be there before, and looks at those that are there behind.
#include <string.h>

#include "command.h"

enum {
    itself_most = 60,    // bytes of content that stand in the command as they are
    lines_most = 580000, // bytes that `seq 100000` gives
    shown_most = 400,    // bytes of a file that are shown whole
};

static bool is_text(struct kit_bytes bytes)
{
    for (size_t i = 0; i < bytes.length; i++)
        if ((bytes.data[i] < 0x20 && bytes.data[i] != '\n') || bytes.data[i] >= 0x7f)
            return false;
    return true;
}

void maker_append(struct str *out, struct kit_bytes content)
{
    if (content.length == 0)
        str_append(out, "printf ''");
    else if (is_text(content) && content.length <= itself_most &&
             shell_append_writer(out, content, 5 * itself_most))
        return;
    else if (is_text(content) && content.length <= lines_most)
        str_append_format(out, "seq 100000 | head -c %zu", content.length);
    else
        str_append_format(out, "head -c %zu /dev/urandom", content.length);
}

static bool is_named_in(struct kit_bytes sent, const char *name)
{
    return memmem(sent.data, sent.length, name, strlen(name)) != NULL;
}

static bool is_asked_for(const struct exchange *exchange, const char *name)
{
    for (size_t i = 0; i < exchange->other_count; i++)
        if (is_named_in(exchange->others[i], name))
            return true;
    if (exchange->kind == EXCHANGE_HTTP)
        return strstr(exchange->path, name) != NULL;
    return is_named_in(exchange->sent, name);
}

void files_append(struct str *out, const struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->file_count; i++) {
        const struct command_file *file = &exchange->files[i];
        if (!is_asked_for(exchange, file->name))
            continue;
        maker_append(out, file->content);
        auto_free char *path = str_format(".lab/%s%s", file->outside ? "" : "files/", file->name);
        str_append(out, " >");
        shell_append_word(out, path);
        str_append(out, "; ");
    }
}

static void path_append(struct str *out, const char *file)
{
    auto_free char *path = str_format(".lab/files/%s", file);
    str_append_char(out, ' ');
    shell_append_word(out, path);
}

void body_look_append(struct str *out, const struct command_view *view)
{
    if (view->is_part && view->too_long) {
        str_append(out, " | wc -c");
        return;
    }
    str_append(out, " | cmp");
    if (view->is_part && view->skip > 0)
        str_append_format(out, " -i 0:%zu", view->skip);
    if (view->is_part)
        str_append_format(out, " -n %zu", view->length);
    str_append(out, " -");
    path_append(out, view->file);
}

void file_look_append(struct str *out, const struct command_view *view, size_t length)
{
    bool is_short = length <= shown_most;
    str_append(out, is_short || view->same_length ? "; cat -A" : "; wc -c");
    path_append(out, view->file);
}
