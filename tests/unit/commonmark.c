// SPDX-License-Identifier: MIT
// CommonMark in the terminal.
#include "unit.h"

#include "sample.h"

static char *rendered(const char *commonmark, int width, bool colour)
{
    struct screen screen = {.colour = colour, .width = width};
    return render_commonmark(&screen, commonmark);
}

static void expect(const char *commonmark, const char *wanted)
{
    auto_free char *text = rendered(commonmark, 40, false);
    ck_assert_str_eq(text, wanted);
    auto_free char *coloured = rendered(commonmark, 40, true);
    auto_free char *stripped = without_styles(coloured);
    ck_assert_str_eq(stripped, wanted);
}

START_TEST(headings_are_underlined)
{
    expect("# One\n\ntext\n\n## Two\nmore\n", "One\n===\n\ntext\n\nTwo\n---\n\nmore\n");
}
END_TEST

START_TEST(paragraphs_are_wrapped_and_hard_breaks_kept)
{
    expect("a paragraph that is longer than the forty columns that there are\\\nhere\n",
           "a paragraph that is longer than the\nforty columns that there are\nhere\n");
}
END_TEST

START_TEST(code_blocks_are_kept_as_they_are)
{
    expect("text:\n\n```c\nif (a) {\n\treturn \"a line that is much longer than forty "
           "columns\";\n\n}\n```\n",
           "text:\n\n    if (a) {\n    \treturn \"a line that is much longer than forty "
           "columns\";\n\n"
           "    }\n");
}
END_TEST

START_TEST(lists_are_indented_below_their_bullets)
{
    expect("- one that is so long that it needs another line\n- two\n  1. inner\n  2. "
           "second\n- three\n",
           "- one that is so long that it needs\n  another line\n- two\n  1. inner\n  2. "
           "second\n- three\n");
}
END_TEST

START_TEST(loose_lists_keep_their_blank_lines)
{
    expect("3. one\n\n   more\n\n       code\n\n4. two\n\nafter\n",
           "3. one\n\n   more\n\n       code\n\n4. two\n\nafter\n");
}
END_TEST

START_TEST(an_empty_item_is_a_bullet)
{
    expect("- \n- a\n", "-\n- a\n");
}
END_TEST

START_TEST(links_show_their_address_once)
{
    expect("see [the RFC](https://rfc.example/9110) and <https://a.example>\n",
           "see the RFC (https://rfc.example/9110)\nand https://a.example\n");
}
END_TEST

START_TEST(code_and_emphasis_stand_in_the_line)
{
    expect("call `recv(2)` *again* and **again**\n", "call `recv(2)` again and again\n");
}
END_TEST

START_TEST(quotes_are_marked_on_each_line)
{
    expect("> a quote that goes over more than one line of text\n>\n> - item\n",
           "> a quote that goes over more than one\n> line of text\n>\n> - item\n");
}
END_TEST

START_TEST(a_rule_is_a_line)
{
    expect("a\n\n***\n\nb\n", "a\n\n----------------------------------------\n\nb\n");
}
END_TEST

START_TEST(comments_are_left_out)
{
    expect("<!-- SPDX-License-Identifier: CC-BY-4.0 -->\n\ntext <!-- here --> too\n",
           "text  too\n");
}
END_TEST

START_TEST(bytes_of_a_lesson_cannot_command_the_terminal)
{
    auto_free char *text = rendered("a\033[2J `\x9b` \n\n    code\033[m\n\n[x](\033)\n", 40, false);
    for (const char *c = text; *c != '\0'; c++)
        ck_assert(*c != '\033');
}
END_TEST

START_TEST(twenty_columns_are_enough_but_for_code)
{
    auto_free char *text =
        rendered("# A heading that is long\n\n> - a list in a quote with a_very_long_word_in_it\n",
                 20, false);
    ck_assert_msg(widest_line(text) <= 20, "%s", text);
}
END_TEST

START_TEST(nothing_gives_nothing)
{
    expect("", "");
    expect("\n\n", "");
}
END_TEST

// Each level of a quote costs some of the stack: a lesson of a stranger must not end lab.
START_TEST(text_that_is_nested_too_deeply_is_shown_as_it_is)
{
    static const char *const marks[] = {">", "- ", "**a "};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        auto_str struct str text = STR_INIT;
        for (int level = 0; level < 50000; level++)
            str_append(&text, marks[i]);
        str_append(&text, "deep");
        const struct screen screen = {.width = 80};
        auto_free char *shown = render_commonmark(&screen, str_text(&text));
        ck_assert_ptr_nonnull(strstr(shown, "deep"));
    }
}
END_TEST

UNIT_MAIN("commonmark", headings_are_underlined, paragraphs_are_wrapped_and_hard_breaks_kept,
          code_blocks_are_kept_as_they_are, lists_are_indented_below_their_bullets,
          loose_lists_keep_their_blank_lines, an_empty_item_is_a_bullet,
          links_show_their_address_once, code_and_emphasis_stand_in_the_line,
          quotes_are_marked_on_each_line, a_rule_is_a_line, comments_are_left_out,
          bytes_of_a_lesson_cannot_command_the_terminal, twenty_columns_are_enough_but_for_code,
          nothing_gives_nothing, text_that_is_nested_too_deeply_is_shown_as_it_is)
