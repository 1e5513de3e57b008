// SPDX-License-Identifier: MIT
/*
 * What the files of render share.
 *
 * Marked text is UTF-8 in which one byte, MARK(style), begins a style; MARK(STYLE_PLAIN) ends it.
 * Text from outside goes through visible() first, which leaves no such bytes in it.
 */
#ifndef LAB_RENDER_PARTS_H
#define LAB_RENDER_PARTS_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "base/str.h"
#include "render/render.h"

// ---- screen.c: text
#define MARK(style) ((char)((style) + 1))
bool is_mark(char c);
// Text that a terminal cannot take for a command: control characters and broken UTF-8 as \n, \xHH.
// The caller frees it. NULL gives "".
char *visible(const char *text);
void visible_append(struct str *out, const char *text);
// Bytes of the character that begins here: 1 for what is no UTF-8. 0 at the end.
size_t character_length(const char *text);
size_t marked_width(const char *marked); // columns, without marks
void style_append(struct str *out, const struct screen *screen, enum style style); // begins a style
void blanks_append(struct str *out, size_t count);
// "1,234"
void count_append(struct str *out, size_t number);
// "1 check", "2 checks"
void plural_append(struct str *out, size_t number, const char *noun);

// ---- wrap.c: lines
// Appends words of marked text wrapped at the width, the first line behind `first`, the others
// behind `rest` (both may be marked). A newline in the text ends a line.
void wrap_append(struct str *out, const struct screen *screen, const char *first, const char *rest,
                 const char *marked);
// The same onto the screen.
void print_wrapped(const struct screen *screen, const char *first, const char *rest,
                   const char *marked);
// "label: text", further lines below the text. The text is made visible.
void print_labelled(const struct screen *screen, enum style style, const char *label,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

// ---- shell_line.c
// Prints a shell command that can be pasted whatever the width: broken by backslashes where it must
// be. `first` stands in front, the other lines begin in the first column.
void print_command(const struct screen *screen, const char *first, const char *command);

// ---- exchange.c, clients.c
// What was sent and received, with a caret below the first byte that differs.
void print_exchange(const struct screen *screen, const struct check_result *check);
// "expected" and "actual" where the message does not say them.
void print_expectation(const struct screen *screen, const struct check_result *check);
// Of a program that is run: what with, and what it printed where the failure does not show it.
void print_run(const struct screen *screen, const struct check_result *check);
void print_output(const struct screen *screen, const struct check_result *check);
// One line for each connection.
void print_clients(const struct screen *screen, const struct check_result *check);
// Number of the last connection in the transcript.
int last_connection(const struct check_result *check);
// Columns in front of the bytes of an exchange, and the row's beginning with its label in it.
size_t exchange_indent(const struct screen *screen);
void exchange_label(const struct screen *screen, const char *label);

// "  label     text", further lines below the text. The text is made visible.
void print_row(const struct screen *screen, const char *label, const char *text);

// ---- sql.c
// What the check saw in a database.
void print_sql(const struct screen *screen, const struct check_result *check);
void json_add_sql(cJSON *check, const struct sql_told *sql);

// ---- source_line.c
// The line with its tabs as columns, made visible. The caller frees it.
char *expand_tabs(const char *line);
// The columns [from, from + width) of visible text. The caller frees it.
char *cut_columns(const char *text, size_t from, size_t width);
// "      58 |     text", cut at the width.
void print_source_line(const struct screen *screen, int line, const char *text);

// ---- findings.c
// The lines of the program that did it: a row each, and the line's text where it tells more.
void print_findings(const struct screen *screen, const struct check_result *check);
// What is known about them besides, and what mends the mistake.
void print_finding_notes(const struct screen *screen, const struct check_result *check);
bool has_finding(const struct check_result *check, enum finding_kind kind);
// A sanitizer ended the program, and the line is known.
bool has_explained_crash(const struct check_result *check);
// The place to edit, or NULL: the first line that is not in a file that the lab gives.
const struct source_frame *place_to_edit(const struct lab *lab, const struct check_result *check);

// ---- json.c, json_findings.c
// The object of `lab check --json`. It borrows texts of the attempt.
cJSON *json_attempt(const struct attempt *attempt);
void json_add_seed(cJSON *object, uint64_t seed);
void json_add_findings(cJSON *check, const struct check_result *result);
// Adds a string; bytes that are no UTF-8 are written \xHH. NULL adds nothing.
void json_add_text(cJSON *object, const char *name, const char *text);
// Adds an array of them; none adds nothing.
void json_add_texts(cJSON *object, const char *name, const struct strings *texts);
cJSON *json_add_item(cJSON *array); // a new object
// Prints with a newline and deletes the value. The caller frees the text.
char *json_take_text(cJSON *root);

// ---- report.c
// "http-basics  25/100 points   4 of 15 steps"
void sum_append(struct str *out, const struct attempt *attempt);

// ---- report_*.c
// The first `count` of what the compiler said, with a sentence of help where there is one.
void print_diagnostics(const struct screen *screen, const struct build_result *build, size_t count);
void print_check(const struct screen *screen, const struct attempt *attempt,
                 const struct step_result *step, const struct check_result *check,
                 const struct report_options *options);
// The last lines that the program wrote to stderr.
void print_error_output(const struct screen *screen, const struct check_result *check);
// A line of the report: "ok    NAME                 RIGHT".
void print_report_line(const struct screen *screen, enum style style, const char *word,
                       const char *name, const char *right);
// One line for some steps that pass, from steps[from] on.
void print_passed_steps(const struct screen *screen, const struct attempt *attempt, size_t from,
                        size_t count);
// The line for steps that are summed up: those from steps[from] on.
void print_remaining_steps(const struct screen *screen, const struct attempt *attempt, size_t from,
                           const struct report_options *options);

#endif
