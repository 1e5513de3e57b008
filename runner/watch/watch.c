// SPDX-License-Identifier: MIT
// The loop of `lab watch`: what happens becomes events, and the actions are done.
#include "watch/watch.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "render/terminal.h"
#include "render/watch_screen.h"
#include "watch/files.h"
#include "watch/keys.h"
#include "watch/news.h"
#include "watch/page.h"
#include "watch/state.h"
#include "watch/worker.h"

#define WORKSPACE_MARK ".lab/workspace.json" // without it the folder is no workspace

enum { PAGE_BYTES = 1 << 20, NOTE_MOST = 20 };

struct watch {
    const struct watch_options *options;
    uv_loop_t loop;
    uv_poll_t keys, interrupts;
    uv_signal_t resized, stopped, continued;
    uv_prepare_t before_waiting;
    struct files *files;
    struct terminal terminal;
    bool has_keys, has_screen;
    int terminal_file; // opened anew: the loop makes it non-blocking, for nobody else
    struct watch_state state;
    struct worker check, page;
    struct str page_text;
    struct watch_news news; // with the attempt that is shown
    struct strings notes;
    bool fresh;       // no attempt of the check at work was shown yet
    bool draw, done;  // a picture is due; it is over
    bool interrupted; // by a signal
    struct err err;
};

static void act(struct watch *watch, unsigned actions);

static void happen(struct watch *watch, enum watch_event event)
{
    act(watch, watch_state_take(&watch->state, event, KEY_NONE));
}

static bool has_file(const struct watch *watch, const char *name)
{
    auto_free char *path = path_join(watch->options->workspace->folder, name);
    return path_exists(path);
}

// ---------------------------------------------------------------- drawing

static struct watch_view view_of(const struct watch *watch)
{
    const struct screen screen = screen_for(stdout, watch->options->colour);
    return (struct watch_view){
        .lab = watch->options->lab,
        .attempt = watch->news.has_attempt ? &watch->news.attempt : NULL,
        .phase = watch->news.phase,
        .done = watch->news.done,
        .total = watch->news.total,
        .number = watch->news.number,
        .hints_shown = watch->news.hints_shown,
        .hints_total = watch->news.hints_total,
        .fault = &watch->news.fault,
        .notes = &watch->notes,
        .page_title = page_title(watch->state.page),
        .page = str_text(&watch->page_text),
        .scroll = watch->state.scroll,
        .width = watch->terminal.width < screen.width ? watch->terminal.width : screen.width,
        .height = watch->terminal.height,
        .colour = screen.colour,
        .command = watch->options->command,
    };
}

static void draw(struct watch *watch)
{
    auto_strings struct strings lines = STRINGS_INIT;
    watch->draw = false;
    if (!watch->has_screen || watch->state.stopped)
        return;
    const struct watch_view view = view_of(watch);
    render_watch(&view, &lines, &watch->state.most_scroll, &watch->state.rows);
    terminal_draw(&watch->terminal, &lines);
}

// Much may happen in one turn of the loop: it is drawn once, before the loop waits.
static void on_before_waiting(uv_prepare_t *prepare)
{
    struct watch *watch = prepare->data;
    if (watch->draw)
        draw(watch);
}

// ---- where there is no screen: reports below each other

static void print_notes(const struct watch *watch, const struct screen *screen)
{
    for (size_t i = 0; i < watch->notes.count; i++)
        screen_say(screen, "note: %s", watch->notes.items[i]);
}

static void print_report(struct watch *watch)
{
    if (watch->has_screen)
        return;
    const struct screen screen = screen_for(stdout, watch->options->colour);
    const struct report_options options = {.command = watch->options->command,
                                           .hints_shown = watch->news.hints_shown,
                                           .hints_total = watch->news.hints_total};
    printf("\n");
    if (watch->news.fault.kind != ERR_NONE) {
        screen_say(&screen, "error: %s", watch->news.fault.message);
        if (watch->news.fault.cure != NULL)
            screen_say(&screen, "help: %s", watch->news.fault.cure);
    } else if (watch->news.has_attempt) {
        struct report report;
        report_begin(&report, &screen, &options);
        report_end(&report, &watch->news.attempt);
    }
    print_notes(watch, &screen);
    if (watch->has_keys)
        render_watch_keys(&screen);
    fflush(stdout);
}

static void print_page(struct watch *watch)
{
    if (!watch->has_screen && watch->state.page != PAGE_NONE) {
        printf("\n%s", str_text(&watch->page_text));
        watch->state.page = PAGE_NONE; // it is on paper
        fflush(stdout);
    }
}

// ---------------------------------------------------------------- the check

static void take_news(struct watch *watch, struct watch_news *news)
{
    bool shown = news->has_attempt || news->fault.kind != ERR_NONE;
    if (!shown) { // only how far it is: the attempt that is on the screen stays there
        watch->news.phase = news->phase;
        watch->news.done = news->done;
        watch->news.total = news->total;
        watch->draw = true;
        news_release(news);
        return;
    }
    news_release(&watch->news);
    watch->news = *news;
    if (watch->fresh)
        happen(watch, EVENT_CHECK_NEWS);
    watch->fresh = false;
    watch->draw = true;
}

static void on_check_output(void *context)
{
    struct watch *watch = context;
    struct watch_news news;
    // What a check that was overtaken still has to say is of no interest.
    if (watch->state.check == CHECK_ENDING)
        return;
    while (news_take(&watch->check.output[0], watch->options->lab, &news))
        take_news(watch, &news);
}

// Its stderr: "lab: warning", a line each.
static void take_warnings(struct watch *watch)
{
    const char *text = str_text(&watch->check.output[1]);
    while (*text != '\0' && watch->notes.count < NOTE_MOST) {
        size_t length = strcspn(text, "\n");
        const char *line = str_starts_with(text, "lab: ") ? text + strlen("lab: ") : text;
        strings_add_format(&watch->notes, "%.*s", (int)(text + length - line), line);
        text += length + (text[length] == '\n');
    }
}

static void blame_worker(struct watch *watch)
{
    int status = watch->check.status;
    struct err err = ERR_INIT;
    if (WIFSIGNALED(status))
        err_set(&err, ERR_BUG, "the check was ended by signal %d (%s)", WTERMSIG(status),
                strsignal(WTERMSIG(status)));
    else
        err_set(&err, ERR_BUG, "the check ended before it was done, with status %d",
                WEXITSTATUS(status));
    err_set_cure(&err, "r runs it again; if it ends so again, this is a bug in lab");
    news_release(&watch->news);
    watch->news.phase = WATCH_DONE;
    err_move(&watch->news.fault, &err);
}

static void on_check_ended(void *context)
{
    struct watch *watch = context;
    bool overtaken = watch->state.check == CHECK_ENDING;
    if (!overtaken) {
        bool whole = watch->check.status == 0 && watch->news.phase == WATCH_DONE && !watch->fresh;
        if (!whole)
            blame_worker(watch);
        take_warnings(watch);
        print_report(watch);
    }
    happen(watch, EVENT_CHECK_ENDED);
}

static void fail_check(struct watch *watch, struct err *err)
{
    news_release(&watch->news);
    watch->news.phase = WATCH_DONE;
    err_move(&watch->news.fault, err);
    print_report(watch);
    happen(watch, EVENT_CHECK_ENDED);
}

static void begin_check(struct watch *watch)
{
    struct err err = ERR_INIT;
    strings_release(&watch->notes);
    watch->notes = (struct strings)STRINGS_INIT;
    // Given files come back before the check, so that their coming back is no save.
    bool good =
        workspace_refresh(watch->options->workspace, watch->options->lab, &watch->notes, &err);
    files_accept(watch->files);
    watch->news.phase = WATCH_COMPILING;
    watch->news.done = watch->news.total = 0;
    watch->fresh = true;
    if (!good && err.kind == ERR_ENV) { // one that cannot be written can still be checked
        strings_add(&watch->notes, err.message);
        err_release(&err);
        good = true;
    }
    if (!good ||
        !worker_fork(&watch->check, watch->options->attempt, watch->options->context, &err))
        fail_check(watch, &err);
}

// ---------------------------------------------------------------- pages

static void on_page_output(void *context)
{
    struct watch *watch = context;
    struct str *output = &watch->page.output[0];
    if (watch->state.page != PAGE_NONE && !watch->state.page_wanted)
        page_append(&watch->page_text, output);
    str_clear(output);
    watch->draw = true;
}

static void on_page_ended(void *context)
{
    struct watch *watch = context;
    if (watch->state.page != PAGE_NONE && !watch->state.page_wanted)
        print_page(watch);
    happen(watch, EVENT_PAGE_ENDED);
}

static void begin_page(struct watch *watch)
{
    struct err err = ERR_INIT;
    const struct watch_view view = view_of(watch);
    str_clear(&watch->page_text);
    if (page_begin(&watch->page, watch->state.page, &view, watch->options->workspace->folder, &err))
        return;
    str_append(&watch->page_text, err.message);
    err_release(&err);
    happen(watch, EVENT_PAGE_ENDED);
}

// ---------------------------------------------------------------- actions

// Stops as Ctrl-Z stops any program, and is here again when it goes on.
static void on_stopped(uv_signal_t *handle, int number)
{
    (void)number;
    happen(handle->data, EVENT_STOP);
}

static void go_on(struct watch *watch)
{
    if (watch->has_keys)
        terminal_enter(&watch->terminal);
    happen(watch, EVENT_GO_ON);
    files_look(watch->files);
}

static void stop(struct watch *watch)
{
    terminal_leave(&watch->terminal);
    uv_signal_stop(&watch->stopped); // its usual action is back
    raise(SIGTSTP);
    // In a process group without a shell that could continue it nothing was stopped.
    uv_signal_start(&watch->stopped, on_stopped, SIGTSTP);
    go_on(watch);
}

static void quit(struct watch *watch)
{
    watch->done = true;
    uv_stop(&watch->loop);
}

static void act(struct watch *watch, unsigned actions)
{
    if ((actions & ACTION_CANCEL_CHECK) != 0) {
        watch->news.phase = WATCH_COMPILING; // what is on the screen is of an earlier save
        worker_cancel(&watch->check);
    }
    if ((actions & ACTION_CANCEL_PAGE) != 0)
        worker_cancel(&watch->page);
    if ((actions & ACTION_REDRAW) != 0) {
        strings_release(&watch->terminal.shown);
        watch->terminal.shown = (struct strings)STRINGS_INIT;
    }
    watch->draw = watch->draw || (actions & ACTION_DRAW) != 0;
    if ((actions & ACTION_BEGIN_CHECK) != 0)
        begin_check(watch);
    if ((actions & ACTION_BEGIN_PAGE) != 0)
        begin_page(watch);
    if ((actions & ACTION_STOP) != 0)
        stop(watch);
    if ((actions & ACTION_QUIT) != 0)
        quit(watch);
}

// ---------------------------------------------------------------- what happens

static void on_saved(void *context, enum files_news news)
{
    struct watch *watch = context;
    if (news == FILES_SAVED && has_file(watch, WORKSPACE_MARK)) {
        happen(watch, EVENT_SAVED);
        return;
    }
    err_set(&watch->err, ERR_ENV, "%s: the workspace is gone", watch->options->workspace->folder);
    happen(watch, EVENT_END);
}

static void on_keys(uv_poll_t *poll, int status, int events)
{
    (void)events;
    struct watch *watch = poll->data;
    char bytes[256];
    ssize_t got = status < 0 ? 0 : read(watch->terminal_file, bytes, sizeof bytes);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) { // the terminal is gone
        uv_poll_stop(poll);
        happen(watch, EVENT_END);
        return;
    }
    for (size_t at = 0, used = 0; at < (size_t)got; at += used) {
        int key = key_read(bytes + at, (size_t)got - at, &used);
        act(watch, watch_state_take(&watch->state, EVENT_KEY, key));
    }
}

static void on_interrupt(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    struct watch *watch = poll->data;
    uv_poll_stop(poll);
    watch->interrupted = true;
    happen(watch, EVENT_END);
}

static void on_resized(uv_signal_t *handle, int number)
{
    (void)number;
    struct watch *watch = handle->data;
    if (terminal_measure(&watch->terminal))
        happen(watch, EVENT_CHANGED);
}

static void on_continued(uv_signal_t *handle, int number)
{
    (void)number;
    go_on(handle->data);
}

// ---------------------------------------------------------------- beginning and end

static bool is_ignored(int number)
{
    struct sigaction now;
    return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

static void hear_signals(struct watch *watch)
{
    uv_signal_init(&watch->loop, &watch->resized);
    uv_signal_init(&watch->loop, &watch->stopped);
    uv_signal_init(&watch->loop, &watch->continued);
    watch->resized.data = watch->stopped.data = watch->continued.data = watch;
    if (watch->has_screen)
        uv_signal_start(&watch->resized, on_resized, SIGWINCH);
    if (!is_ignored(SIGTSTP)) { // a shell without job control
        uv_signal_start(&watch->stopped, on_stopped, SIGTSTP);
        uv_signal_start(&watch->continued, on_continued, SIGCONT);
    }
}

static void hear(struct watch *watch)
{
    uv_prepare_init(&watch->loop, &watch->before_waiting);
    watch->before_waiting.data = watch;
    uv_prepare_start(&watch->before_waiting, on_before_waiting);
    uv_poll_init(&watch->loop, &watch->interrupts, interrupt_descriptor());
    watch->interrupts.data = watch;
    uv_poll_start(&watch->interrupts, UV_READABLE, on_interrupt);
    hear_signals(watch);
    if (!watch->has_keys)
        return;
    uv_poll_init(&watch->loop, &watch->keys, watch->terminal_file);
    watch->keys.data = watch;
    uv_poll_start(&watch->keys, UV_READABLE | UV_DISCONNECT, on_keys);
}

static struct worker worker_of(struct watch *watch, void (*read)(void *), void (*ended)(void *))
{
    return (struct worker){.loop = &watch->loop,
                           .ends = {-1, -1},
                           .pidfd = -1,
                           .context = watch,
                           .read = read,
                           .ended = ended};
}

static void greet(const struct watch *watch)
{
    const struct screen screen = screen_for(stdout, watch->options->colour);
    if (watch->has_screen)
        return;
    screen_say(&screen, "watching %s: every save is checked; Ctrl-C ends it",
               watch->options->workspace->folder);
    fflush(stdout);
}

// What was learned last stays readable when the screen is gone.
static void say_goodbye(const struct watch *watch)
{
    const struct screen screen = screen_for(stdout, watch->options->colour);
    if (!watch->has_screen || !watch->news.has_attempt || watch->news.phase != WATCH_DONE)
        return;
    render_watch_sum(&screen, &watch->news.attempt, watch->options->command);
}

static void close_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void run(struct watch *watch)
{
    hear(watch);
    if (watch->has_keys)
        terminal_open(&watch->terminal, watch->has_screen);
    greet(watch);
    happen(watch, EVENT_START);
    if (!watch->done)
        uv_run(&watch->loop, UV_RUN_DEFAULT);
    if (watch->has_keys)
        terminal_close(&watch->terminal);
}

bool watch_run(const struct watch_options *options, struct err *err)
{
    auto_close int terminal_file = terminal_has_keys() ? terminal_open_file() : -1;
    struct watch watch = {.options = options,
                          .terminal_file = terminal_file,
                          .has_keys = terminal_file >= 0,
                          .has_screen = terminal_file >= 0 && terminal_has_screen(),
                          .news = {.fault = ERR_INIT},
                          .notes = STRINGS_INIT,
                          .err = ERR_INIT};
    uv_loop_init(&watch.loop);
    watch.check = worker_of(&watch, on_check_output, on_check_ended);
    watch.page = worker_of(&watch, on_page_output, on_page_ended);
    watch.page.most = PAGE_BYTES;
    watch.files = files_watch(&watch.loop, options->workspace->folder, options->poll, on_saved,
                              &watch, &watch.err);
    if (watch.files != NULL)
        run(&watch);
    files_close(watch.files);
    uv_walk(&watch.loop, close_handle, NULL);
    uv_run(&watch.loop, UV_RUN_DEFAULT);
    uv_loop_close(&watch.loop);
    if (watch.err.kind == ERR_NONE && watch.interrupted)
        interrupt_happened(&watch.err);
    if (watch.err.kind == ERR_NONE)
        say_goodbye(&watch);
    for (int i = 0; i < WORKER_PIPES; i++) {
        str_release(&watch.check.output[i]);
        str_release(&watch.page.output[i]);
    }
    str_release(&watch.page_text);
    strings_release(&watch.notes);
    news_release(&watch.news);
    if (watch.err.kind == ERR_NONE)
        return true;
    err_move(err, &watch.err);
    return false;
}
