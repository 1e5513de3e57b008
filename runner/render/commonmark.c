// SPDX-License-Identifier: MIT
/*
 * CommonMark for the terminal. cmark parses; blocks become indented, wrapped lines. Code blocks are
 * kept as they are, never wrapped: they are there to be read and copied.
 */
#include <cmark.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "render/parts.h"

enum {
    CODE_INDENT = 4,
    RULE_COLUMNS = 40,
    DEPTH_MOST = 100, // blocks and inlines inside each other; each costs some of the stack
};

struct page {
    const struct screen *screen;
    struct str out;
    struct str first; // prefix of the next line: bullets are in it once
    struct str rest;  // prefix of all further lines
    bool tight;       // inside a tight list
    bool begun;       // something was printed: blank lines may come between
};

static void render_blocks(struct page *page, cmark_node *parent);

// ---- inlines, as marked text

static void append_children(struct str *out, cmark_node *node, enum style style);

static void append_styled(struct str *out, cmark_node *node, enum style style, enum style outer)
{
    str_append_char(out, MARK(style));
    append_children(out, node, style);
    str_append_char(out, MARK(outer));
}

// The address stands behind the text, unless the text is the address.
static void append_link(struct str *out, cmark_node *node, enum style style)
{
    size_t from = out->length;
    append_children(out, node, style);
    auto_free char *address = visible(cmark_node_get_url(node));
    const char *text = str_text(out) + from;
    bool is_address = str_equal(text, address) ||
                      (str_starts_with(address, "mailto:") && str_equal(text, address + 7));
    if (address[0] != '\0' && !is_address)
        str_append_format(out, " (%s)", address);
}

static void append_inline(struct str *out, cmark_node *node, enum style style)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_TEXT:
        visible_append(out, cmark_node_get_literal(node));
        break;
    case CMARK_NODE_SOFTBREAK:
        str_append_char(out, ' ');
        break;
    case CMARK_NODE_LINEBREAK:
        str_append_char(out, '\n');
        break;
    case CMARK_NODE_CODE:
        str_append_format(out, "%c`", MARK(STYLE_POINT));
        visible_append(out, cmark_node_get_literal(node));
        str_append_format(out, "`%c", MARK(style));
        break;
    case CMARK_NODE_EMPH:
    case CMARK_NODE_STRONG:
        append_styled(out, node, STYLE_STRONG, style);
        break;
    case CMARK_NODE_LINK:
    case CMARK_NODE_IMAGE:
        append_link(out, node, style);
        break;
    case CMARK_NODE_HTML_INLINE:
        if (!str_starts_with(cmark_node_get_literal(node), "<!--"))
            visible_append(out, cmark_node_get_literal(node));
        break;
    default:
        append_children(out, node, style);
    }
}

static void append_children(struct str *out, cmark_node *node, enum style style)
{
    for (cmark_node *child = cmark_node_first_child(node); child != NULL;
         child = cmark_node_next(child))
        append_inline(out, child, style);
}

// ---- lines

// After a line went out, the prefix with the bullet is used up.
static void use_prefix(struct page *page)
{
    str_clear(&page->first);
    str_append(&page->first, str_text(&page->rest));
    page->begun = true;
}

static void print_text(struct page *page, const char *marked)
{
    wrap_append(&page->out, page->screen, str_text(&page->first), str_text(&page->rest), marked);
    use_prefix(page);
}

static void trim_blanks(struct str *out)
{
    while (out->length > 0 && out->data[out->length - 1] == ' ')
        out->data[--out->length] = '\0';
}

// A line that is printed as it is, however long.
static void print_verbatim(struct page *page, const char *line, size_t length)
{
    auto_str struct str copy = STR_INIT;
    str_append_bytes(&copy, line, length);
    str_append(&page->out, str_text(&page->first));
    blanks_append(&page->out, CODE_INDENT);
    for (const char *c = str_text(&copy); *c != '\0';) {
        size_t tab = strcspn(c, "\t");
        auto_free char *part = str_format("%.*s", (int)tab, c);
        visible_append(&page->out, part);
        c += tab;
        if (*c == '\t') // kept: whoever copies it gets what was written
            str_append_char(&page->out, *c++);
    }
    trim_blanks(&page->out);
    str_append_char(&page->out, '\n');
    use_prefix(page);
}

static void print_blank(struct page *page)
{
    if (!page->begun)
        return;
    str_append(&page->out, str_text(&page->rest));
    trim_blanks(&page->out);
    str_append_char(&page->out, '\n');
}

// ---- blocks

static void render_heading(struct page *page, cmark_node *node)
{
    auto_str struct str text = STR_INIT;
    str_append_char(&text, MARK(STYLE_STRONG));
    append_children(&text, node, STYLE_STRONG);
    str_append_char(&text, MARK(STYLE_PLAIN));
    print_text(page, str_text(&text));
    // Underlined with a character, so that a heading is one without styles too.
    size_t most = (size_t)page->screen->width - marked_width(str_text(&page->rest));
    size_t width = marked_width(str_text(&text));
    auto_str struct str line = STR_INIT;
    for (size_t i = 0; i < width && i < most; i++)
        str_append_char(&line, cmark_node_get_heading_level(node) == 1 ? '=' : '-');
    if (line.length > 0)
        print_text(page, str_text(&line));
}

static void render_paragraph(struct page *page, cmark_node *node)
{
    auto_str struct str text = STR_INIT;
    append_children(&text, node, STYLE_PLAIN);
    print_text(page, str_text(&text));
}

static void render_verbatim(struct page *page, const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        print_verbatim(page, text, length);
        text += length + (text[length] == '\n');
    }
}

// Renders what is inside with more in front of its lines.
static void render_inside(struct page *page, cmark_node *node, const char *first, const char *rest)
{
    size_t length = page->rest.length;
    str_append(&page->first, first);
    str_append(&page->rest, rest);
    render_blocks(page, node);
    page->rest.length = length;
    if (page->rest.data != NULL)
        page->rest.data[length] = '\0';
    str_clear(&page->first);
    str_append(&page->first, str_text(&page->rest));
}

static void render_list(struct page *page, cmark_node *list)
{
    bool tight = page->tight;
    page->tight = cmark_node_get_list_tight(list);
    bool ordered = cmark_node_get_list_type(list) == CMARK_ORDERED_LIST;
    int number = cmark_node_get_list_start(list);
    for (cmark_node *item = cmark_node_first_child(list); item != NULL;
         item = cmark_node_next(item)) {
        if (!page->tight && item != cmark_node_first_child(list))
            print_blank(page);
        auto_free char *bullet = ordered ? str_format("%d. ", number++) : mem_copy_string("- ");
        auto_str struct str rest = STR_INIT;
        blanks_append(&rest, strlen(bullet));
        if (cmark_node_first_child(item) == NULL) {
            str_append(&page->out, str_text(&page->first));
            str_append(&page->out, bullet);
            trim_blanks(&page->out);
            str_append_char(&page->out, '\n');
            use_prefix(page);
        } else {
            render_inside(page, item, bullet, str_text(&rest));
        }
    }
    page->tight = tight;
}

static void render_rule(struct page *page)
{
    size_t most = (size_t)page->screen->width - marked_width(str_text(&page->rest));
    auto_str struct str line = STR_INIT;
    for (size_t i = 0; i < RULE_COLUMNS && i < most; i++)
        str_append_char(&line, '-');
    print_text(page, str_text(&line));
}

static void render_block(struct page *page, cmark_node *node)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_HEADING:
        render_heading(page, node);
        break;
    case CMARK_NODE_CODE_BLOCK:
    case CMARK_NODE_HTML_BLOCK:
        render_verbatim(page, cmark_node_get_literal(node));
        break;
    case CMARK_NODE_BLOCK_QUOTE:
        render_inside(page, node, "> ", "> ");
        break;
    case CMARK_NODE_LIST:
        render_list(page, node);
        break;
    case CMARK_NODE_THEMATIC_BREAK:
        render_rule(page);
        break;
    default:
        render_paragraph(page, node);
    }
}

// Comments (licences, marks of editors) are not for readers.
static bool is_comment(cmark_node *node)
{
    return cmark_node_get_type(node) == CMARK_NODE_HTML_BLOCK &&
           str_starts_with(cmark_node_get_literal(node), "<!--");
}

static void render_blocks(struct page *page, cmark_node *parent)
{
    bool first = true;
    for (cmark_node *node = cmark_node_first_child(parent); node != NULL;
         node = cmark_node_next(node)) {
        if (is_comment(node))
            continue;
        if (!first && !page->tight)
            print_blank(page);
        render_block(page, node);
        first = false;
    }
}

static bool is_too_deep(cmark_node *document)
{
    int depth = 0;
    cmark_node *node = document;
    while (node != NULL && depth <= DEPTH_MOST) {
        cmark_node *child = cmark_node_first_child(node);
        if (child != NULL) {
            node = child;
            depth++;
            continue;
        }
        while (node != NULL && cmark_node_next(node) == NULL) {
            node = cmark_node_parent(node);
            depth--;
        }
        node = node != NULL ? cmark_node_next(node) : NULL;
    }
    return node != NULL;
}

char *render_commonmark(const struct screen *screen, const char *commonmark)
{
    // Invalid UTF-8 is replaced by cmark; without CMARK_OPT_UNSAFE nothing else changes here.
    cmark_node *document =
        cmark_parse_document(commonmark, strlen(commonmark), CMARK_OPT_VALIDATE_UTF8);
    if (document == NULL)
        abort();
    struct page page = {.screen = screen};
    if (is_too_deep(document))
        render_verbatim(&page, commonmark); // no text for people, but nothing is hidden of it
    else
        render_blocks(&page, document);
    cmark_node_free(document);
    str_release(&page.first);
    str_release(&page.rest);
    return str_take(&page.out);
}
