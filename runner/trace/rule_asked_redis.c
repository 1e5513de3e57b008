// SPDX-License-Identifier: MIT
/*
 * The line of the command by which a program changed last what Redis has, where a check finds there
 * something else than it should. A library (hiredis) writes the command to the server's socket, in
 * Redis' own protocol; the chain of calls at that write leads from there to the learner's
 * functions. The innermost is often a helper that sends all commands: the one is told in which the
 * command's text stands.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "trace/rules.h"

enum {
    WORDS_MOST = 16,
    WORD_MOST = 40,  // bytes of a word that are shown, and compared
    ABOVE = 6,       // lines in front of a call in which its text may stand
    BELOW = 3,       // and behind it
    SHOWN_MOST = 100 // of a command, in a note
};

// ---------------------------------------------------------------- a command, from its form

struct words {
    struct str items[WORDS_MOST];
    size_t count;
    size_t given; // how many it has, of which what is kept may not hold all
};

static void words_release(struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        str_release(&words->items[i]);
    *words = (struct words){0};
}

// "*3\r\n$3\r\n": the number behind the sign, up to the end of its line; false: there is none.
static bool take_number(const char **at, const char *end, char sign, size_t *out)
{
    const char *c = *at;
    if (c == end || *c++ != sign)
        return false;
    *out = 0;
    const char *digits = c;
    for (; c < end && *c >= '0' && *c <= '9' && c - digits < 9; c++)
        *out = *out * 10 + (size_t)(*c - '0');
    if (c == digits || end - c < 2 || c[0] != '\r' || c[1] != '\n')
        return false;
    *at = c + 2;
    return true;
}

// The next command of what was written (RESP: "an array of bulk strings"). What is kept of it may
// be cut off. False: it is none, or its first word is not whole.
static bool take_command(const char **at, const char *end, struct words *out)
{
    *out = (struct words){0};
    if (!take_number(at, end, '*', &out->given))
        return false;
    for (size_t i = 0; i < out->given; i++) {
        size_t length;
        if (!take_number(at, end, '$', &length))
            break;
        size_t left = (size_t)(end - *at), here = length < left ? length : left;
        if (i < WORDS_MOST)
            str_append_bytes(&out->items[out->count++], *at, here < WORD_MOST ? here : WORD_MOST);
        *at = length + 2 <= left ? *at + length + 2 : end;
        if (*at == end && length + 2 > left)
            break;
    }
    return out->count > 0;
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (strcasecmp(word, words[i]) == 0)
            return true;
    return false;
}

// It changes nothing.
static bool only_reads(const char *verb)
{
    static const char *const words[] = {
        "GET",   "MGET",   "EXISTS", "TTL",     "PTTL",   "STRLEN",  "GETRANGE", "TYPE",
        "KEYS",  "SCAN",   "HGET",   "HGETALL", "LRANGE", "LLEN",    "INFO",     "PING",
        "AUTH",  "SELECT", "HELLO",  "CLIENT",  "CONFIG", "COMMAND", "ECHO",     "QUIT",
        "WATCH", "MULTI",  "EXEC",   "TIME",    "DBSIZE", "UNWATCH", "DISCARD",  NULL};
    return is_one_of(verb, words);
}

// The key of the check's own question: its second word. NULL: it is none about one key.
static char *key_of_question(const char *statement)
{
    static const char *const words[] = {"GET", "EXISTS", "TTL", "PTTL", "STRLEN", "TYPE", NULL};
    size_t verb = statement == NULL ? 0 : strcspn(statement, " ");
    auto_free char *first = verb > 0 ? str_format("%.*s", (int)verb, statement) : NULL;
    if (first == NULL || statement[verb] == '\0' || !is_one_of(first, words))
        return NULL;
    const char *key = statement + verb + 1;
    return str_format("%.*s", (int)strcspn(key, " "), key);
}

// A command without a key is about all of them.
static bool is_about(const struct words *words, const char *key)
{
    if (words->count < 2)
        return words->given < 2;
    const struct str *second = &words->items[1];
    return strncmp(str_text(second), key, WORD_MOST) == 0;
}

// ---------------------------------------------------------------- the last that changed it

static bool find_in(const struct event *event, const char *key, struct words *out)
{
    const char *at = str_text(&event->data), *end = at + event->data.length;
    bool found = false;
    struct words words;
    while (take_command(&at, end, &words)) {
        if (only_reads(str_text(&words.items[0])) || !is_about(&words, key)) {
            words_release(&words);
            continue;
        }
        words_release(out);
        *out = words;
        found = true;
    }
    words_release(&words);
    return found;
}

static const struct event *last_change(const struct evidence *evidence, const char *key,
                                       struct words *out)
{
    for (size_t i = evidence->events->count; i-- > 0;) {
        const struct event *event = &evidence->events->items[i];
        if (event->kind == EVENT_CALL && event->shown.frame_count > 0 &&
            event->call->kind == CALL_SEND && event->shown.connection == 0 &&
            find_in(event, key, out))
            return event;
    }
    return NULL;
}

// ---------------------------------------------------------------- where its text stands

// How many words of a text in quotes are the command's: a conversion is any word. 0: another
// command.
static size_t words_alike(const char *text, const struct words *words)
{
    size_t same = 0;
    for (size_t i = 0; i < words->count; i++) {
        while (*text == ' ')
            text++;
        size_t length = strcspn(text, " \"\\");
        const char *word = str_text(&words->items[i]);
        bool any = memchr(text, '%', length) != NULL;
        if (length == 0 ||
            (!any && (strlen(word) != length || strncasecmp(text, word, length) != 0)))
            break;
        if (!any || i > 0)
            same++;
        text += length;
    }
    return same;
}

static size_t words_on(const char *line, const struct words *words)
{
    size_t most = 0;
    for (const char *quote = strchr(line, '"'); quote != NULL; quote = strchr(quote + 1, '"')) {
        size_t same = words_alike(quote + 1, words);
        most = same > most ? same : most;
    }
    return most;
}

// Near this frame's line: the one that has most of the command's words, of equal ones the nearest.
static size_t look_near(const struct sources *sources, const struct source_frame *frame,
                        const struct words *words, int *out_line)
{
    size_t most = 0;
    for (int line = frame->line - ABOVE; line <= frame->line + BELOW; line++) {
        auto_free char *text = line > 0 ? source_line(sources, frame->file, line) : NULL;
        size_t same = text != NULL ? words_on(text, words) : 0;
        if (same > most ||
            (same > 0 && same == most && abs(line - frame->line) < abs(*out_line - frame->line))) {
            most = same;
            *out_line = line;
        }
    }
    return most;
}

static void keep_from_text(const struct evidence *evidence, const struct words *words,
                           struct finding *finding)
{
    size_t best = 0, most = 0;
    int line = 0;
    for (size_t i = 0; i < finding->frame_count; i++) {
        int here = 0;
        size_t same = look_near(evidence->sources, &finding->frames[i], words, &here);
        if (same > most) {
            best = i;
            most = same;
            line = here;
        }
    }
    finding_begin_at(evidence, finding, best, line);
}

static char *note_of(const struct words *words)
{
    auto_str struct str text = STR_INIT;
    for (size_t i = 0; i < words->count && text.length < SHOWN_MOST; i++) {
        if (i > 0)
            str_append_char(&text, ' ');
        text_append_escaped(&text, str_text(&words->items[i]), words->items[i].length);
        if (words->items[i].length == WORD_MOST)
            str_append(&text, "...");
    }
    return str_format("the last command that changed it was %s", str_text(&text));
}

bool rule_asked_redis(const struct evidence *evidence, struct check_result *out)
{
    auto_free char *key = key_of_question(evidence->check->sql.statement);
    struct words words = {0};
    const struct event *event = key != NULL ? last_change(evidence, key, &words) : NULL;
    struct finding *finding =
        event != NULL ? finding_of_event(evidence, event, FINDING_ASKED_BY, out) : NULL;
    if (finding != NULL) {
        free(take(finding->call)); // it is the library's
        keep_from_text(evidence, &words, finding);
        auto_free char *note = note_of(&words);
        finding->note =
            str_format("%s:%d: %s", finding->frames[0].file, finding->frames[0].line, note);
    }
    words_release(&words);
    return finding != NULL;
}
