// SPDX-License-Identifier: MIT
// The screen: what a terminal can, wrapping, text that is safe to print, errors.
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "render/parts.h"
#include "sample.h"

static struct screen screen_of_pipe(const char *colour)
{
    FILE *out = tmpfile();
    ck_assert_ptr_nonnull(out);
    struct screen screen = screen_for(out, colour);
    fclose(out);
    return screen;
}

START_TEST(no_terminal_has_eighty_columns_and_no_colour)
{
    unsetenv("COLUMNS");
    setenv("TERM", "xterm", 1);
    struct screen screen = screen_of_pipe(NULL);
    ck_assert_int_eq(screen.width, 80);
    ck_assert(!screen.colour);
}
END_TEST

START_TEST(colour_is_asked_for_and_refused)
{
    setenv("NO_COLOR", "1", 1);
    ck_assert(screen_of_pipe("always").colour);
    ck_assert(!screen_of_pipe("never").colour);
    ck_assert(!screen_of_pipe("auto").colour);
}
END_TEST

// A terminal of its own: the other end of a pty that nobody reads.
static FILE *open_terminal(int *out_master)
{
    *out_master = posix_openpt(O_RDWR | O_NOCTTY);
    ck_assert_int_ge(*out_master, 0);
    ck_assert_int_eq(grantpt(*out_master), 0);
    ck_assert_int_eq(unlockpt(*out_master), 0);
    int slave = open(ptsname(*out_master), O_RDWR | O_NOCTTY);
    ck_assert_int_ge(slave, 0);
    return fdopen(slave, "w");
}

START_TEST(a_terminal_has_colour_unless_no_color_or_dumb)
{
    int master = -1;
    FILE *terminal = open_terminal(&master);
    unsetenv("NO_COLOR");
    setenv("TERM", "xterm", 1);
    ck_assert(screen_for(terminal, "auto").colour);
    setenv("TERM", "dumb", 1);
    ck_assert(!screen_for(terminal, NULL).colour);
    setenv("TERM", "xterm", 1);
    setenv("NO_COLOR", "1", 1);
    ck_assert(!screen_for(terminal, NULL).colour);
    fclose(terminal);
    close(master);
}
END_TEST

START_TEST(the_width_stays_between_twenty_and_eighty)
{
    static const struct {
        const char *columns;
        int width;
    } cases[] = {{"200", 80}, {"40", 40}, {"20", 20}, {"5", 20}, {"x", 80}, {"-3", 80}, {"", 80}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        setenv("COLUMNS", cases[i].columns, 1);
        ck_assert_int_eq(screen_of_pipe(NULL).width, cases[i].width);
    }
}
END_TEST

static char *wrapped(int width, const char *first, const char *rest, const char *text)
{
    struct sample_output output = output_open(width, false);
    output_begin(&output);
    screen_wrap(&output.screen, first, rest, text);
    return output_end(&output);
}

START_TEST(words_wrap_below_the_text_of_the_first_line)
{
    auto_free char *text = wrapped(20, "note: ", "      ", "one two three four five six");
    ck_assert_str_eq(text, "note: one two three\n      four five six\n");
}
END_TEST

START_TEST(a_word_longer_than_the_line_is_broken_between_characters)
{
    auto_free char *text = wrapped(20, "", "", "aäöüßéèêëàâçñøåæœ¡¿§µ¶·÷");
    ck_assert_uint_le(widest_line(text), 20);
    for (const char *c = text; *c != '\0'; c += character_length(c))
        ck_assert((unsigned char)*c < 0x80 || character_length(c) == 2);
}
END_TEST

START_TEST(blanks_inside_a_line_stay_and_those_at_its_end_do_not)
{
    auto_free char *text = wrapped(20, "", "  ", "a   b              ccccccccc   ");
    ck_assert_str_eq(text, "a   b\n  ccccccccc\n");
}
END_TEST

START_TEST(no_byte_can_command_the_terminal)
{
    for (int byte = 1; byte < 256; byte++) {
        char raw[] = {'a', (char)byte, 'b', '\0'};
        auto_free char *safe = visible(raw);
        for (const char *c = safe; *c != '\0'; c++)
            ck_assert(*c >= 0x20 && *c < 0x7f);
    }
    auto_free char *kept = visible("ä … 漢 🙂");
    ck_assert_str_eq(kept, "ä … 漢 🙂");
    auto_free char *surrogate = visible("\xed\xa0\x80\xc0\xaf\xf5\x80\x80\x80");
    ck_assert_str_eq(surrogate, "\\xed\\xa0\\x80\\xc0\\xaf\\xf5\\x80\\x80\\x80");
}
END_TEST

START_TEST(styles_are_printed_with_colour_only)
{
    struct sample_output plain = output_open(80, false);
    output_begin(&plain);
    screen_print(&plain.screen, STYLE_BAD, "%s %d", "x", 1);
    auto_free char *without = output_end(&plain);
    ck_assert_str_eq(without, "x 1");
    struct sample_output coloured = output_open(80, true);
    output_begin(&coloured);
    screen_print(&coloured.screen, STYLE_BAD, "%s %d", "x", 1);
    auto_free char *with = output_end(&coloured);
    ck_assert_str_eq(with, "\033[1;31mx 1\033[0m");
}
END_TEST

START_TEST(a_style_ends_with_its_line_and_goes_on_in_the_next)
{
    auto_str struct str out = STR_INIT;
    struct screen screen = {.colour = true, .width = 20};
    wrap_append(&out, &screen, "> ", "> ", "aaaaaaaa \005bbbbbbbbb cccccccc\001 d");
    ck_assert_str_eq(str_text(&out), "> aaaaaaaa \033[1mbbbbbbbbb\033[0m\n"
                                     "> \033[1mcccccccc\033[0m d\n");
}
END_TEST

START_TEST(an_error_goes_to_stderr_with_its_cure)
{
    FILE *file = tmpfile();
    ck_assert_int_eq(dup2(fileno(file), STDERR_FILENO), STDERR_FILENO);
    struct err err = ERR_INIT;
    err_set(&err, ERR_ENV, "no compiler\033[2J");
    err_set_cure(&err, "apt install gcc");
    render_error(&err);
    render_warning("%s is old", "this");
    fflush(stderr);
    char text[256] = "";
    ck_assert_uint_gt((size_t)pread(fileno(file), text, sizeof text - 1, 0), 0);
    ck_assert_str_eq(text, "lab: no compiler\\x1b[2J\nhelp: apt install gcc\nlab: this is old\n");
    err_release(&err);
    fclose(file);
}
END_TEST

UNIT_MAIN("screen", no_terminal_has_eighty_columns_and_no_colour, colour_is_asked_for_and_refused,
          a_terminal_has_colour_unless_no_color_or_dumb, the_width_stays_between_twenty_and_eighty,
          words_wrap_below_the_text_of_the_first_line,
          a_word_longer_than_the_line_is_broken_between_characters,
          blanks_inside_a_line_stay_and_those_at_its_end_do_not, no_byte_can_command_the_terminal,
          styles_are_printed_with_colour_only, a_style_ends_with_its_line_and_goes_on_in_the_next,
          an_error_goes_to_stderr_with_its_cure)
