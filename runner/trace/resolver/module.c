// SPDX-License-Identifier: MIT
/*
 * The files behind a map: the program at its own place, libraries at theirs, the kernel's vdso out
 * of our own memory (it is the same for every process of a machine).
 */
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/resolver/resolver.h"
#include "trace/resolver/session.h"

enum { FILE_MOST = 512 << 20, VDSO_MOST = 64 << 10 };

// Devices and pipes give no end, or wait.
static int open_regular(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;
    if (file >= 0 && (fstat(file, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size < 64 ||
                      status.st_size > FILE_MOST)) {
        close(file);
        return -1;
    }
    return file;
}

// The image ends with its section headers.
static Elf *vdso_open(void)
{
    char *image = (char *)getauxval(AT_SYSINFO_EHDR); // NOLINT(performance-no-int-to-ptr)
    if (image == NULL)
        return NULL;
    const ElfW(Ehdr) *head = (const ElfW(Ehdr) *)image;
    size_t size = head->e_shoff + (size_t)head->e_shnum * head->e_shentsize;
    return size <= VDSO_MOST ? elf_memory(image, size) : NULL;
}

int module_find(Dwfl_Module *module, void **context, const char *name, Dwarf_Addr base,
                char **file_name, Elf **elf)
{
    (void)module, (void)base;
    const char *program = *context;
    if (strcmp(name, "[vdso]") == 0) {
        *elf = vdso_open();
        return -1;
    }
    bool is_program = strcmp(name, RESOLVER_PROGRAM) == 0 || strcmp(name, program) == 0;
    bool is_system = strncmp(name, "/usr/", 5) == 0 || strncmp(name, "/lib", 4) == 0;
    if (!is_program && !is_system)
        return -1;
    int file = open_regular(is_program ? program : name);
    if (file >= 0)
        *file_name = mem_copy_string(is_program ? program : name);
    return file;
}

int module_find_debugging(Dwfl_Module *module, void **context, const char *name, Dwarf_Addr base,
                          const char *file_name, const char *link, GElf_Word check,
                          char **debug_name)
{
    (void)module, (void)context, (void)name, (void)base, (void)file_name, (void)link, (void)check,
        (void)debug_name;
    return -1;
}
