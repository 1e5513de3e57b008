// SPDX-License-Identifier: MIT
/*
 * Graders that are built when they are needed.
 *
 * The compiler runs as the stage's user, like all that judges a program, and so sees nothing but
 * copies: the source, the headers of its course, the kit's header and library.
 */
#include "build/grader_program.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/interrupt.h"
#include "build/build.h"
#include "build/compiler.h"
#include "build/tool.h"

enum {
    SAID_MOST = 1 << 20, // bytes of the compiler's messages
    SAID_PART = 4096,
    GRADERS_KEPT = 64,
    NAME_DIGITS = 32 // of the hash, in a kept grader's name
};
#define PROGRAM_MOST ((size_t)256 << 20)
#define ARCHIVE "liblabkit.a"

// ---------------------------------------------------------------- the kit

struct kit {
    char *pc_folder; // that lab-kit.pc lies in; NULL: where pkg-config looks anyhow
    char *archive;   // liblabkit.a beside this lab, or NULL
};

static void kit_release(struct kit *kit)
{
    free(kit->pc_folder);
    free(kit->archive);
}

// The kit that belongs to the running lab: in its build tree, else in its installation.
static struct kit kit_find(void)
{
    struct kit kit = {0};
    auto_free char *program = realpath("/proc/self/exe", NULL);
    auto_free char *folder = program != NULL ? path_parent(program) : mem_copy_string(".");
    auto_free char *in_tree = path_join(folder, "lab-kit-uninstalled.pc");
    auto_free char *installed = str_format("%s/../" LAB_KIT_PC_FOLDER "/lab-kit.pc", folder);
    if (path_exists(in_tree)) {
        kit.pc_folder = mem_copy_string(folder);
        kit.archive = path_join(folder, ARCHIVE);
    } else if (path_exists(installed)) {
        kit.pc_folder = path_parent(installed);
        kit.archive = str_format("%s/../" ARCHIVE, kit.pc_folder);
    }
    return kit;
}

// Asks pkg-config about the kit; its words go to *out.
static bool kit_ask(const struct kit *kit, const char *const *question, struct strings *out,
                    struct err *err)
{
    const char *path = getenv("PKG_CONFIG_PATH");
    auto_free char *variable =
        str_format("PKG_CONFIG_PATH=%s%s%s", kit->pc_folder != NULL ? kit->pc_folder : "",
                   kit->pc_folder != NULL && path != NULL ? ":" : "", path != NULL ? path : "");
    const char *argv[8] = {"env", variable, "pkg-config"};
    size_t count = 3;
    for (; *question != NULL; question++)
        argv[count++] = *question;
    auto_str struct str answer = STR_INIT;
    struct err why = ERR_INIT;
    bool answered = tool_ask(argv, &answer, &why);
    if (answered)
        package_words(str_text(&answer), out);
    else if (why.kind == ERR_NONE)
        err_set(err, ERR_ENV, "pkg-config does not know the kit that graders are compiled with");
    else
        err_move(err, &why);
    if (!answered)
        err_set_cure(err, "install lab again, with its kit: lab-kit.pc, liblabkit.a, kit.h");
    err_release(&why);
    return answered;
}

// What kit.h includes, and what the kit is linked with.
static bool find_libraries(struct err *err)
{
    static const char *const needed[][2] = {
        {"check", "check"},           {"libcurl", "libcurl4-openssl-dev"},
        {"libcjson", "libcjson-dev"}, {"libseccomp", "libseccomp-dev"},
        {"zlib", "zlib1g-dev"},       {"nettle", "nettle-dev"}};
    auto_str struct str missing = STR_INIT;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        const char *const argv[] = {"pkg-config", "--exists", needed[i][0], NULL};
        auto_str struct str answer = STR_INIT;
        struct err why = ERR_INIT;
        if (!tool_ask(argv, &answer, &why))
            str_append_format(&missing, " %s", why.kind == ERR_NONE ? needed[i][1] : "pkg-config");
        bool no_tool = why.kind != ERR_NONE;
        err_release(&why);
        if (no_tool)
            break;
    }
    if (missing.length == 0)
        return true;
    err_set(err, ERR_ENV, "this course's graders are compiled here, and that needs packages:%s",
            str_text(&missing));
    err_set_cure(err, "sudo apt-get install%s", str_text(&missing));
    return false;
}

// ---------------------------------------------------------------- what it is kept under

static void add_stat(struct hash *hash, const char *path)
{
    struct stat status;
    if (path == NULL || stat(path, &status) < 0)
        return;
    auto_free char *text = str_format("%s %lld %lld.%09ld", path, (long long)status.st_size,
                                      (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
    hash_add_text(hash, text);
}

// Other labs' graders lie beside it, and belong to others.
static bool belongs(const char *name, const char *own)
{
    return strchr(name, '/') != NULL || str_ends_with(name, ".h") || strcmp(name, own) == 0;
}

static char *key_of(const struct lab *lab, const struct kit *kit, const struct sources *sources)
{
    struct hash *hash = hash_new();
    auto_free char *own = str_format("%s.c", lab->id);
    auto_free char *compiler = process_find("cc");
    hash_add_text(hash, "grader 1 " LAB_VERSION);
    add_stat(hash, kit->archive);
    add_stat(hash, compiler);
    for (size_t i = 0; i < sources->count; i++) {
        if (!belongs(sources->items[i].name, own))
            continue;
        hash_add_text(hash, sources->items[i].name);
        hash_add_field(hash, sources->items[i].data, sources->items[i].length);
    }
    return hash_finish(hash);
}

// One that others may write could hold anybody's programs.
static char *kept_folder(struct err *err)
{
    auto_free char *base = path_xdg("CACHE");
    auto_free char *folder = path_join(base, "graders");
    struct stat status;
    if (!folder_make_all(folder, 0700, err)) {
        err_set_cure(err, "set XDG_CACHE_HOME to a folder that can be written");
        return NULL;
    }
    if (lstat(folder, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
        (status.st_mode & (S_IWGRP | S_IWOTH)) == 0)
        return take(folder);
    err_set(err, ERR_ENV, "%s is not yours alone to write", folder);
    err_set_cure(err, "remove it, or set XDG_CACHE_HOME to a folder of your own");
    return NULL;
}

// The oldest go, those that nobody has used for longest.
static void remove_old(const char *folder)
{
    for (;;) {
        auto_strings struct strings names = STRINGS_INIT;
        if (!folder_list(folder, &names, NULL) || names.count <= GRADERS_KEPT)
            return;
        auto_free char *oldest = NULL;
        struct timespec used = {0};
        for (size_t i = 0; i < names.count; i++) {
            auto_free char *path = path_join(folder, names.items[i]);
            struct stat status;
            if (lstat(path, &status) < 0 ||
                (oldest != NULL &&
                 (status.st_mtim.tv_sec > used.tv_sec || (status.st_mtim.tv_sec == used.tv_sec &&
                                                          status.st_mtim.tv_nsec >= used.tv_nsec))))
                continue;
            used = status.st_mtim;
            free(oldest);
            oldest = take(path);
        }
        if (oldest == NULL || unlink(oldest) < 0)
            return;
    }
}

// ---------------------------------------------------------------- compiled

// Copies the kit's header and archive to a folder of the stage, and appends what else a grader is
// compiled with. The kit's own place may be closed to the stage's user, so no flag leads there.
static bool stage_kit(const struct kit *kit, const char *folder, struct strings *argv,
                      struct err *err)
{
    static const char *const files[][3] = {{"includedir", "kit.h", "-I"},
                                           {"libdir", ARCHIVE, "-L"}};
    static const char *const question[] = {"--static", "--cflags", "--libs", "lab-kit", NULL};
    auto_strings struct strings own = STRINGS_INIT;
    auto_strings struct strings flags = STRINGS_INIT;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        auto_free char *variable = str_format("--variable=kit_%s", files[i][0]);
        const char *const where[] = {variable, "lab-kit", NULL};
        auto_strings struct strings answer = STRINGS_INIT;
        if (!kit_ask(kit, where, &answer, err))
            return false;
        const char *place = answer.count > 0 ? answer.items[0] : "";
        strings_add_format(&own, "%s%s", files[i][2], place);
        auto_free char *from = path_join(place, files[i][1]);
        auto_free char *to = path_join(folder, files[i][1]);
        if (!file_copy(from, to, 0644, err))
            return false;
    }
    if (!kit_ask(kit, question, &flags, err))
        return false;
    for (size_t i = 0; i < flags.count; i++)
        if (!strings_have(&own, flags.items[i]))
            strings_add(argv, flags.items[i]);
    return true;
}

static bool stage_sources(const struct sources *sources, const char *own, const char *folder,
                          struct err *err)
{
    for (size_t i = 0; i < sources->count; i++) {
        const struct source *source = &sources->items[i];
        if (!belongs(source->name, own))
            continue;
        auto_free char *path = path_join(folder, source->name);
        auto_free char *parent = path_parent(path);
        if (!folder_make_all(parent, 0755, err) ||
            !file_write(AT_FDCWD, path, source->data, source->length, 0644, err)) {
            err_set_cure(err, STAGE_CURE);
            return false;
        }
    }
    return true;
}

// Keeps the beginning, and reads the rest so that the compiler does not wait for a reader.
static void read_said(int from, struct str *out)
{
    for (;;) {
        ssize_t got = read(from, str_reserve(out, SAID_PART), SAID_PART);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        if (out->length < SAID_MOST)
            out->length += (size_t)got;
        out->data[out->length] = '\0';
    }
}

// Runs the compiler in a folder of the stage. True: it could be run, and *out_status is how it
// ended.
static bool run_compiler(const struct strings *argv, const struct stage *stage, const char *folder,
                         struct str *out_said, int *out_status, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        err_set(err, ERR_ENV, "no pipe for the compiler: %s", strerror(errno));
        return false;
    }
    auto_close int output = ends[0];
    const char *path = getenv("PATH");
    auto_free char *path_variable = str_format("PATH=%s", path != NULL ? path : "/usr/bin:/bin");
    auto_free char *temporary = str_format("TMPDIR=%s", folder);
    const char *const environment[] = {path_variable, temporary, "LC_ALL=C", NULL};
    const struct process_descriptor descriptors[] = {{ends[1], STDOUT_FILENO},
                                                     {ends[1], STDERR_FILENO}};
    const struct process_options options = {.argv = (const char *const *)argv->items,
                                            .environment = environment,
                                            .executable = -1,
                                            .descriptors = descriptors,
                                            .descriptor_count = 2,
                                            .folder = folder,
                                            .user = stage->user};
    struct process process = PROCESS_INIT;
    bool started = process_start(&options, &process, err);
    close(ends[1]);
    if (!started)
        return false;
    read_said(output, out_said);
    *out_status = process_wait(&process);
    process_release(&process);
    return !interrupt_happened(err);
}

// The first line that says what is wrong, and how many do.
static char *first_error(const char *said, size_t *out_count)
{
    char *first = NULL;
    *out_count = 0;
    for (const char *line = said; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        auto_free char *text = str_format("%.*s", (int)length, line);
        bool of_linker = strstr(text, ": undefined reference to ") != NULL;
        bool tells = strstr(text, ": error: ") != NULL || strstr(text, ": fatal error: ") != NULL;
        if (of_linker || (tells && !str_starts_with(text, "collect2: "))) {
            (*out_count)++;
            if (first == NULL)
                first = take(text);
        }
        line += length + (line[length] == '\n');
    }
    return first != NULL ? first : str_format("%.*s", (int)strcspn(said, "\n"), said);
}

// "one.c:3:5: error: expected …" is said of <course>/graders/one.c:3:5.
static void tell_error(const struct lab *lab, const char *said, struct err *err)
{
    size_t count = 0;
    auto_free char *line = first_error(said, &count);
    auto_free char *own = str_format("%s.c:", lab->id);
    // What was copied to the stage is named from there: "words.h:1:2: error: …". Where the linker
    // names a place, it is behind other words.
    const char *colon = strchr(line, ':');
    bool begins = line[0] != '/' && colon != NULL && isdigit((unsigned char)colon[1]);
    char *place = begins ? line : strstr(line, own);
    char *kind = place != NULL ? strstr(place, " error: ") : NULL;
    if (kind != NULL)
        memmove(kind, kind + strlen(" error:"), strlen(kind + strlen(" error:")) + 1);
    if (place != NULL)
        err_set(err, ERR_LAB, "%s/graders/%s", lab->course, place);
    else
        err_set(err, ERR_LAB, "%s does not compile: %s", lab->grader, line);
    if (count > 1)
        err_set_cure(err,
                     "the grader does not compile, which is its author's to mend; %zu more "
                     "error%s of it follow%s",
                     count - 1, count == 2 ? "" : "s", count == 2 ? "s" : "");
    else
        err_set_cure(err, "the grader does not compile, which is its author's to mend");
}

static bool compile(const struct lab *lab, const struct kit *kit, const struct sources *sources,
                    const struct stage *stage, const char *kept, struct err *err)
{
    static const char *const flags[] = {"-std=gnu17", "-D_GNU_SOURCE", "-g",  "-O1", "-Wall",
                                        "-Wextra",    "-I.",           "-L.", "-o",  ".made"};
    auto_free char *folder = stage_folder(stage, "grader", err);
    auto_free char *own = str_format("%s.c", lab->id);
    auto_strings struct strings argv = STRINGS_INIT;
    strings_add(&argv, "cc");
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        strings_add(&argv, flags[i]);
    strings_add(&argv, own);
    if (folder == NULL || !find_libraries(err) || !stage_kit(kit, folder, &argv, err) ||
        !stage_sources(sources, own, folder, err))
        return false;
    auto_str struct str said = STR_INIT;
    int status = 0;
    if (!run_compiler(&argv, stage, folder, &said, &status, err))
        return false;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        tell_error(lab, str_text(&said), err);
        return false;
    }
    auto_free char *made = path_join(folder, ".made");
    auto_str struct str program = STR_INIT;
    return file_read(AT_FDCWD, made, PROGRAM_MOST, &program, err) &&
           // Its folder is closed; the stage's user executes it by its descriptor.
           file_write_atomic(kept, str_text(&program), program.length, 0755, err);
}

char *grader_program(const struct lab *lab, const struct stage *stage, struct err *err)
{
    if (!str_ends_with(lab->grader, ".c"))
        return mem_copy_string(lab->grader);
    auto_free char *graders = path_parent(lab->grader);
    struct sources sources = {0};
    struct kit kit = kit_find();
    auto_free char *folder = kept_folder(err);
    auto_free char *kept = NULL;
    if (folder != NULL && sources_read(graders, NULL, &sources, err)) {
        auto_free char *key = key_of(lab, &kit, &sources);
        kept = str_format("%s/%s-%.*s", folder, lab->id, NAME_DIGITS, key);
        // Used just now: the last to go.
        if (utimensat(AT_FDCWD, kept, NULL, 0) < 0) {
            if (compile(lab, &kit, &sources, stage, kept, err))
                remove_old(folder);
            else
                free(take(kept));
        }
    }
    sources_release(&sources);
    kit_release(&kit);
    return take(kept);
}
