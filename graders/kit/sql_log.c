// SPDX-License-Identifier: MIT
/*
 * What the program has asked a database server and been told, from the service's log
 * (fixtures/README.md): SESSION TAB CODE TAB TEXT, a line each; the code 00000 is a statement's.
 */
#include "sql.h"

#include <stdlib.h>
#include <string.h>

#define STATEMENT "00000"

struct entry {
    long session;
    char *code, *text;
};

// Cuts the line in place.
static bool entry_read(char *line, struct entry *out)
{
    char *code = strchr(line, '\t');
    char *text = code != NULL ? strchr(code + 1, '\t') : NULL;
    if (text == NULL)
        return false;
    *code++ = *text++ = '\0';
    *out = (struct entry){strtol(line, NULL, 10), code, text};
    return true;
}

static void entry_add(const struct entry *entry, bool tells_session, struct strings *out)
{
    auto_free char *session =
        tells_session ? str_format("[%ld] ", entry->session) : mem_copy_string("");
    if (str_equal(entry->code, STATEMENT)) {
        strings_add_format(out, "%s%s", session, entry->text);
        return;
    }
    const char *meaning = sql_state_meaning(entry->code);
    strings_add_format(out, "%serror %s%s%s: %s", session, entry->code, meaning != NULL ? ", " : "",
                       meaning != NULL ? meaning : "", entry->text);
}

bool sql_log_statements(struct strings *out)
{
    const char *log = kit_services_statements();
    auto_free char *copy = mem_copy_string(log);
    char *rest = copy;
    struct entry entry;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;)
        if (entry_read(line, &entry) && str_equal(entry.code, STATEMENT))
            strings_add(out, entry.text);
    return log != NULL;
}

// Two passes: whether sessions have to be told apart is known at the end.
bool sql_log_story(struct strings *out)
{
    const char *log = kit_services_statements();
    bool tells_session = false;
    for (int pass = 0; pass < 2; pass++) {
        auto_free char *copy = mem_copy_string(log);
        char *rest = copy;
        long first = 0;
        struct entry entry;
        for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
            if (!entry_read(line, &entry))
                continue;
            first = first == 0 ? entry.session : first;
            if (pass == 0)
                tells_session |= entry.session != first;
            else
                entry_add(&entry, tells_session, out);
        }
    }
    return log != NULL;
}
