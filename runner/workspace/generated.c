// SPDX-License-Identifier: MIT
/*
 * What lab writes into a workspace beside the stub: a Makefile and compile_commands.json, so that
 * make and an editor see what a check compiles, and ./lab, which finds the lab program.
 */
#include "workspace/internal.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "build/build.h"

enum { GENERATED_BYTES = 4 << 20 };

// ---- ./lab

// The program to start: the launcher of a source tree, which builds what has changed, or the
// installed program.
static char *find_program(void)
{
    char *program = realpath("/proc/self/exe", NULL);
    char *slash = program != NULL ? strrchr(program, '/') : NULL;
    if (slash == NULL) {
        free(program);
        return mem_copy_string("lab");
    }
    auto_free char *folder = str_format("%.*s", (int)(slash - program), program);
    char *above = strrchr(folder, '/');
    if (above == NULL || strcmp(above, "/build") != 0)
        return program;
    *above = '\0';
    char *launcher = path_join(folder, "lab");
    struct stat status;
    bool there =
        stat(launcher, &status) == 0 && S_ISREG(status.st_mode) && access(launcher, X_OK) == 0;
    free(there ? program : launcher);
    return there ? launcher : program;
}

static void append_shell_quoted(struct str *out, const char *word)
{
    str_append_char(out, '\'');
    for (const char *c = word; *c != '\0'; c++) {
        if (*c == '\'')
            str_append(out, "'\\''");
        else
            str_append_char(out, *c);
    }
    str_append_char(out, '\'');
}

static void add_launcher(struct wanted_files *out)
{
    auto_free char *program = find_program();
    auto_str struct str text = STR_INIT;
    str_append(&text, "#!/bin/sh\n"
                      "# SPDX-License-Identifier: 0BSD\n"
                      "# Starts lab from here, whatever PATH says: ./lab check\n"
                      "program=");
    append_shell_quoted(&text, program);
    str_append(&text, "\n"
                      "[ -x \"$program\" ] || program=$(command -v lab)\n"
                      "if [ -z \"$program\" ] || [ \"$program\" -ef \"$0\" ]; then\n"
                      "    echo \"lab: ");
    // In double quotes a few characters mean something to the shell.
    for (const char *c = program; *c != '\0'; c++) {
        if (strchr("\"\\$`", *c) != NULL)
            str_append_char(&text, '\\');
        str_append_char(&text, *c);
    }
    str_append(&text, " is gone, and PATH has no lab\" >&2\n"
                      "    echo \"help: install it again, or call it here by its new path\" >&2\n"
                      "    exit 4\n"
                      "fi\n"
                      "exec \"$program\" \"$@\"\n");
    wanted_add(out, "lab", text.data, text.length, 0755);
}

// ---- the compiler's words

// The checked build's command line, taken apart around the sources.
struct command {
    struct strings argv;
    size_t sources; // index of the first source
    size_t count;   // how many
};

// A name that looks like an option comes as "./-o.c".
static bool is_source(const char *word, const char *name)
{
    return str_equal(word, name) || (str_starts_with(word, "./") && str_equal(word + 2, name));
}

static bool ask_command(const struct lab *lab, const struct strings *c_files, struct command *out)
{
    *out = (struct command){STRINGS_INIT, 0, c_files->count};
    if (c_files->count == 0 || !build_command(lab, c_files, &out->argv, NULL)) {
        strings_release(&out->argv);
        return false;
    }
    while (out->sources < out->argv.count &&
           !is_source(out->argv.items[out->sources], c_files->items[0]))
        out->sources++;
    if (out->sources + out->count > out->argv.count) {
        strings_release(&out->argv);
        return false;
    }
    return true;
}

// In a recipe a dollar sign is doubled; no flag of ours holds a blank.
static void append_make_words(struct str *out, const struct strings *argv, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        str_append_char(out, ' ');
        for (const char *c = argv->items[i]; *c != '\0'; c++) {
            if (*c == '$')
                str_append_char(out, '$');
            str_append_char(out, *c);
        }
    }
    str_append_char(out, '\n');
}

static void add_makefile(const struct command *command, struct wanted_files *out)
{
    size_t after = command->sources + command->count; // "-o", "program", libraries
    auto_str struct str text = STR_INIT;
    str_append(&text, "# SPDX-License-Identifier: 0BSD\n"
                      "# Builds as `lab check` does. It compiles anew each time, for find knows "
                      "names\n"
                      "# with blanks and make does not.\n");
    str_append_format(&text, "CC = %s\nCFLAGS =", command->argv.items[0]);
    append_make_words(&text, &command->argv, 1, command->sources);
    str_append(&text, "LDLIBS =");
    append_make_words(&text, &command->argv, after + 2, command->argv.count);
    str_append(&text, "\n"
                      ".PHONY: all clean program\n"
                      "all: program\n"
                      "\n"
                      "program:\n"
                      "\tfind . -name '.?*' -prune -o -name build -prune -o -name '*.c' \\\n"
                      "\t    -exec sh -c '$(CC) $(CFLAGS) \"$$@\" -o program $(LDLIBS)' sh {} +\n"
                      "\n"
                      "clean:\n"
                      "\trm -f program\n");
    wanted_add(out, "Makefile", text.data, text.length, 0644);
}

// clangd is no linker, and does not know gcc's words for its libraries.
static bool is_for_linker(const char *word)
{
    return str_starts_with(word, "-fuse-ld=") || str_starts_with(word, "-static-lib");
}

static void add_compile_commands(const struct command *command, const char *folder,
                                 struct wanted_files *out)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < command->count; i++) {
        const char *source = command->argv.items[command->sources + i];
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddStringToObject(entry, "directory", folder);
        cJSON_AddStringToObject(entry, "file", source);
        cJSON *arguments = cJSON_AddArrayToObject(entry, "arguments");
        for (size_t word = 0; word < command->sources; word++)
            if (!is_for_linker(command->argv.items[word]))
                cJSON_AddItemToArray(arguments, cJSON_CreateString(command->argv.items[word]));
        cJSON_AddItemToArray(arguments, cJSON_CreateString("-c"));
        cJSON_AddItemToArray(arguments, cJSON_CreateString(source));
        cJSON_AddItemToArray(list, entry);
    }
    char *text = cJSON_Print(list);
    cJSON_Delete(list);
    if (text == NULL)
        abort();
    auto_free char *line = str_format("%s\n", text);
    wanted_add(out, "compile_commands.json", line, strlen(line), 0644);
    cJSON_free(text);
}

// The stub's, and what the learner has added.
static void find_c_files(const struct wanted_files *stub, const char *folder, struct strings *out)
{
    struct sources sources = {0};
    if (sources_read(folder, NULL, &sources, NULL)) {
        for (size_t i = 0; i < sources.count; i++)
            if (str_ends_with(sources.items[i].name, ".c"))
                strings_add(out, sources.items[i].name);
        sources_release(&sources);
    }
    for (size_t i = 0; i < stub->count; i++)
        if (str_ends_with(stub->items[i].name, ".c") && !strings_have(out, stub->items[i].name))
            strings_add(out, stub->items[i].name);
    strings_sort(out);
}

static bool has_json_text(const struct str *text, const char *string)
{
    cJSON *value = cJSON_CreateString(string);
    char *printed = cJSON_PrintUnformatted(value);
    cJSON_Delete(value);
    if (printed == NULL)
        abort();
    bool has = strstr(str_text(text), printed) != NULL;
    cJSON_free(printed);
    return has;
}

static void add_missing(struct wanted_files *out, struct wanted_files *generated,
                        const struct wanted_files *stub)
{
    for (size_t i = 0; i < generated->count; i++) {
        const struct wanted_file *file = &generated->items[i];
        if (wanted_find(stub, file->name) == NULL)
            wanted_add(out, file->name, str_text(&file->bytes), file->bytes.length, file->mode);
    }
    wanted_release(generated);
}

// ---- theirs or ours

// What was written, once more where nobody edits it: a file that is still the same is not the
// learner's own, and follows the lab.
static char *pristine_name(const char *name)
{
    return str_format(WORKSPACE_FOLDER "/generated/%s", name);
}

bool generated_is_ours(const char *folder, const char *name)
{
    auto_free char *path = path_join(folder, name);
    auto_free char *pristine = pristine_name(name);
    auto_free char *pristine_path = path_join(folder, pristine);
    auto_str struct str here = STR_INIT;
    auto_str struct str written = STR_INIT;
    return file_read(AT_FDCWD, path, GENERATED_BYTES, &here, NULL) &&
           file_read(AT_FDCWD, pristine_path, GENERATED_BYTES, &written, NULL) &&
           here.length == written.length && memcmp(here.data, written.data, here.length) == 0;
}

bool generated_remember(const char *folder, const struct wanted_file *file, struct err *err)
{
    struct wanted_files copy = {0};
    auto_free char *pristine = pristine_name(file->name);
    wanted_add(&copy, pristine, str_text(&file->bytes), file->bytes.length, 0644);
    bool whole = wanted_presence(folder, &copy.items[0]) == PRESENT_SAME ||
                 wanted_replace(folder, &copy.items[0], err);
    wanted_release(&copy);
    return whole;
}

// Its text names the folder and each source, as cJSON writes them.
bool generated_is_current(const char *folder, const struct sources *sources)
{
    auto_free char *path = path_join(folder, "compile_commands.json");
    auto_str struct str text = STR_INIT;
    if (!file_read(AT_FDCWD, path, GENERATED_BYTES, &text, NULL))
        return true; // whatever it is, it is not for us to mend
    bool current = has_json_text(&text, folder);
    for (size_t i = 0; current && i < sources->count; i++)
        current = !str_ends_with(sources->items[i].name, ".c") ||
                  has_json_text(&text, sources->items[i].name);
    return current;
}

void wanted_generated(const struct lab *lab, const char *folder, struct wanted_files *out)
{
    struct wanted_files stub = {0};
    struct wanted_files generated = {0};
    auto_strings struct strings c_files = STRINGS_INIT;
    struct command command = {STRINGS_INIT, 0, 0};
    if (wanted_stub(lab, &stub, NULL))
        find_c_files(&stub, folder, &c_files);
    add_launcher(&generated);
    if (ask_command(lab, &c_files, &command)) {
        add_makefile(&command, &generated);
        add_compile_commands(&command, folder, &generated);
    }
    strings_release(&command.argv);
    add_missing(out, &generated, &stub);
    wanted_release(&stub);
}
