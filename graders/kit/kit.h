// SPDX-License-Identifier: MIT
/*
 * The kit: everything that a grader is written with. This is the only header an author includes.
 *
 * Life cycle. A grader is an executable whose kit_checks() registers one libcheck START_TEST for
 * each check. The kit runs each check in a process of its own inside a cell: private network,
 * private processes, private scratch folder. Whatever a check starts, opens or allocates is gone
 * when the check ends, so nothing that the kit returns is ever freed by the author: pointers
 * returned by kit_ functions belong to the kit and live until the check ends.
 *
 * Errors. No kit function returns an error. What the program does wrong ends the check as `failed`
 * with a message for the learner; what the author or the machine does wrong ends it as `broken`.
 *
 * Waiting. Every function that waits for the program says so. It waits for an event, never for a
 * time: it ends when the event came, when the program ended, or when the program is stuck (all its
 * threads sleep and nothing can wake them, or it used up limits.seconds of sleep or CPU time).
 *
 * Failing. An expectation that does not hold records the failure at once. The check ends at the
 * next call of the kit that is not kit_because() or kit_note(), so that the sentence that says why
 * can stand below the expectation it explains:
 *
 *     kit_expect_status(reply, 404);
 *     kit_because("RFC 9110 15.5.5: the server has nothing at that path");
 */
#ifndef KIT_H
#define KIT_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---------------------------------------------------------------- checks

// Which build of the program a check runs.
enum kit_build {
    KIT_CHECKED = 0, // with AddressSanitizer and UndefinedBehaviorSanitizer
    KIT_PLAIN,       // -O2 without sanitizers: for checks that measure speed or memory
};

struct kit_check {
    const char *step;     // id of a step in lab.json
    const char *name;     // the START_TEST's C identifier
    const TTest *test;    // what START_TEST defines
    enum kit_build build; // default KIT_CHECKED
    const char *services; // names separated by blanks, or NULL
    bool waits;           // it waits for a time-out of the program: such checks are begun first
};

// Registers one check, in the order in which learners meet them. Further fields of struct kit_check
// may follow as designated initializers: KIT_CHECK("not-found", unknown_path, .build = KIT_PLAIN).
#define KIT_CHECK(step_id, test_name, ...)                                                         \
    kit_check_add(&(const struct kit_check){                                                       \
        .step = (step_id), .name = #test_name, .test = (test_name), __VA_ARGS__})

// Used by KIT_CHECK. Copies *check; its strings must live as long as the process.
void kit_check_add(const struct kit_check *check);

// Written by the author: one KIT_CHECK a line.
void kit_checks(void);

// ---------------------------------------------------------------- inputs, chosen by the seed

struct kit_bytes {
    const unsigned char *data;
    size_t length;
};

// A word such as "mango-41753": URL-safe, at most 24 characters, one of at least 2^20.
const char *kit_word(void);
// A number from least to most, both included.
uint64_t kit_number(uint64_t least, uint64_t most);
// Bytes of every value, NUL included.
struct kit_bytes kit_random_bytes(size_t length);
// Lines of words, ASCII, each line ends in \n; compresses well.
struct kit_bytes kit_random_text(size_t length);
// Says that this check sends the same bytes in every attempt, and why that is right.
void kit_fixed_input(const char *why);
// printf into memory that lives until the check ends.
const char *kit_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Lower-case letters, NUL-terminated: for fields and targets of a given size.
const char *kit_random_letters(size_t length);
// The bytes of a C string without its NUL; borrows the string.
struct kit_bytes kit_text(const char *text);
// `length` bytes from `from` on; borrows. A part that reaches past the end breaks the check.
struct kit_bytes kit_part(struct kit_bytes bytes, size_t from, size_t length);
// Both, one behind the other, copied.
struct kit_bytes kit_join(struct kit_bytes first, struct kit_bytes second);
// All of them, one behind the other. What is made of many is made with this: each kit_join()
// copies, and keeps, all that came before.
struct kit_bytes kit_join_all(const struct kit_bytes *parts, size_t count);

// ---------------------------------------------------------------- the program

struct kit_program;

// Sets a variable of the program's environment. Before kit_serve or kit_run. Copies both strings.
void kit_environment(const char *name, const char *value);
// How many files and sockets the program may have open, its three standard ones included; 1024
// unless this says otherwise. Before kit_serve or kit_run.
void kit_limit_descriptors(unsigned count);
// Starts the program as a server in its box and waits until the kernel says LISTEN on the port
// that PORT names, on 127.0.0.1, 0.0.0.0 or, when it is not IPv6 only, on [::]. A program that ends
// first, listens elsewhere or never listens fails the check. At most one program runs at a time.
struct kit_program *kit_serve(void);
// The port that the program listens on.
int kit_program_port(const struct kit_program *program);
// Sends SIGTERM to the program's first process; does not wait.
void kit_terminate(struct kit_program *program);
// Stops all processes of the program (SIGSTOP) and waits until they stand still: what the check
// does until kit_thaw reaches them all at once. Nothing may wait for the program meanwhile.
void kit_freeze(struct kit_program *program);
void kit_thaw(struct kit_program *program);
// Waits until the program has come to rest: all its threads sleep, and none of the check's services
// is at work for it; or it has ended.
void kit_wait_until_idle(struct kit_program *program);
// Waits until the program's first process ended. Returns its raw status (see wait(2)).
int kit_wait_for_exit(struct kit_program *program);
// The program's first process ends, by itself and with this exit status. Waits.
#define kit_expect_exit(program, status) kit_expect_exit_at((program), (status), __LINE__)
void kit_expect_exit_at(struct kit_program *program, int status, int line);
// What the program wrote to stderr so far, head and tail of it when it was much.
const char *kit_program_stderr(struct kit_program *program);
// The program has not ended. Waits until it is asleep or ended, so that a crash that is on its way
// is seen.
#define kit_expect_running(program) kit_expect_running_at((program), __LINE__)
void kit_expect_running_at(struct kit_program *program, int line);

// ---------------------------------------------------------------- a program that is run

/*
 * A client or a tool is run with arguments, and judged by what it prints, by its exit status and by
 * what it sends to the origin below. Its standard input is /dev/null. Its standard output is read
 * all the time and kept, up to 8 MiB.
 *
 *     START_TEST(body_goes_to_stdout)
 *     {
 *         struct kit_origin *origin = kit_origin();
 *         const char *body = kit_word();
 *         kit_answer(origin, "HTTP/1.1 200 OK\r\n\r\n%s", body);
 *         kit_then_close(origin);
 *         struct kit_program *client = kit_run(kit_url(origin, "/%s", kit_word()));
 *         kit_expect_stdout(client, kit_text(body));
 *         kit_expect_exit(client, 0);
 *     }
 *     END_TEST
 */

// Starts the program with these arguments (strings, at least one) and returns when it runs. One
// after the other: a second kit_run in a check comes after kit_wait_for_exit or kit_expect_exit.
#define kit_run(...) kit_run_arguments((const char *const[]){__VA_ARGS__, NULL})
// The same with a NULL-terminated array, which may be empty. Copies it.
struct kit_program *kit_run_arguments(const char *const *arguments);

// Waits until the program has ended and returns all that it wrote to stdout. More than 8 MiB fail
// the check.
struct kit_bytes kit_program_stdout(struct kit_program *program);
// The program ends, and wrote exactly these bytes to stdout. Waits.
#define kit_expect_stdout(program, bytes) kit_expect_stdout_at((program), (bytes), __LINE__)
void kit_expect_stdout_at(struct kit_program *program, struct kit_bytes bytes, int line);
// The same for bytes that nobody keeps, however many: they are compared as they come. Stands right
// behind kit_run. Waits.
#define kit_expect_stdout_stream(program, stream)                                                  \
    kit_expect_stdout_stream_at((program), (stream), __LINE__)
struct kit_stream;
void kit_expect_stdout_stream_at(struct kit_program *program, const struct kit_stream *stream,
                                 int line);
// The program ends, and wrote one line to stderr: not empty, ended by \n, nothing else. Waits.
// `contains`: text that is in it, in any letter case; NULL: any line.
#define kit_expect_error_line(program, contains)                                                   \
    kit_expect_error_line_at((program), (contains), __LINE__)
void kit_expect_error_line_at(struct kit_program *program, const char *contains, int line);
// The program ends, and wrote nothing to stderr. Waits.
#define kit_expect_no_error_output(program) kit_expect_no_error_output_at((program), __LINE__)
void kit_expect_no_error_output_at(struct kit_program *program, int line);

// Nobody reads the stdout of the next kit_run: the pipe, of 64 KiB, fills, and the program waits.
// kit_wait_until_idle waits until it does so.
void kit_hold_stdout(void);
// From here on it is read. The program must run.
void kit_read_stdout(struct kit_program *program);
// Whoever read stdout has left, as `head` does: further writes fail with EPIPE, and SIGPIPE ends a
// program that does not ignore it. With kit_hold_stdout before, the program has written 64 KiB.
void kit_close_stdout(struct kit_program *program);
// How much a program may write to stdout and stderr together before it is stopped; 64 MiB unless
// this says otherwise. Before kit_run; kit_expect_stdout_stream raises it by itself.
void kit_limit_output(uint64_t bytes);

// Of its own memory the program never had more than this resident: the kernel's high-water mark of
// its first process (VmHWM), with its libraries and its stack, whoever else uses the machine. Only
// in a check with .build = KIT_PLAIN. While the program runs: so far.
#define kit_expect_memory_below(program, megabytes)                                                \
    kit_expect_memory_below_at((program), (megabytes), __LINE__)
void kit_expect_memory_below_at(struct kit_program *program, unsigned megabytes, int line);
// The same mark in bytes.
uint64_t kit_program_memory(struct kit_program *program);

// ---------------------------------------------------------------- bytes that nobody keeps

// `length` bytes of every value, chosen by the seed, made where they are needed: 128 MiB cost
// nothing. Copies of it give the same bytes.
struct kit_stream *kit_stream(uint64_t length);
#define KIT_ENDLESS UINT64_MAX
// Lines of text in place of bytes of every value.
struct kit_stream *kit_text_stream(uint64_t length);

// ---------------------------------------------------------------- the origin: a scripted server

/*
 * A server that the program connects to, and that does byte for byte what the check says. It
 * listens in the check's cell and works whenever the check waits. It judges nothing: what the
 * program sends is looked at by kit_read_request and its like, or not at all.
 *
 * The script is a row of turns. A turn begins with a whole request (its head, and the body that its
 * Content-Length announces), on whichever connection it comes: a client that keeps its connection
 * and one that makes a new one get the same answers. What follows in the turn happens on that
 * connection, one thing after the other; then the connection stays open, and the next request on it
 * takes the next turn. So a close or a hold is said:
 *
 *     kit_answer(origin, "HTTP/1.1 200 OK\r\n\r\n%s", body);        // ended by the close:
 *     kit_then_close(origin);
 *
 * A request that no turn is left for fails the check: "the program sends a request where none was
 * expected". A connection without a request is no such thing. The whole script may be written
 * before kit_run, or turns be added while the program runs.
 */
struct kit_origin;

// Makes an origin at 127.0.0.1, on a port of its own that the seed chooses; it listens at once.
struct kit_origin *kit_origin(void);
// The same at another address of this machine: "127.0.0.2", "::1". Clients and their Host see
// another host.
struct kit_origin *kit_origin_at(const char *address);
int kit_origin_port(const struct kit_origin *origin);
// "127.0.0.1:41753", "[::1]:41753": what Host has to say.
const char *kit_origin_host(const struct kit_origin *origin);
// "http://127.0.0.1:41753" with the path behind it. printf format.
const char *kit_url(const struct kit_origin *origin, const char *path_format, ...)
    __attribute__((format(printf, 2, 3)));
// An origin where nobody listens: connections to it are refused.
struct kit_origin *kit_origin_refusing(void);
// An origin that never takes a connection: its queue is full, and the kernel answers no further
// one. connect() waits until the program gives up.
struct kit_origin *kit_origin_unreachable(void);

// ---- turns. Each of these begins one.
// The next request is answered with this text. printf format.
void kit_answer(struct kit_origin *origin, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void kit_answer_bytes(struct kit_origin *origin, struct kit_bytes bytes);
// In pieces of `piece` bytes, each one sent only after the program has read the one before: each of
// its recv() sees one piece at most.
void kit_answer_in_pieces(struct kit_origin *origin, struct kit_bytes bytes, size_t piece);
// The next request gets nothing by itself: what is done stands in the calls behind it.
void kit_on_request(struct kit_origin *origin);
// The turn begins as soon as the program has connected, and does not wait for a request. The origin
// reads nothing meanwhile.
void kit_on_connect(struct kit_origin *origin);
// The next turn that is begun answers every request for this target ("/a?b=c"), however often, and
// no other one; it comes before the turns without a target.
void kit_for_target(struct kit_origin *origin, const char *target);
// The last turn is taken again and again: for all further requests (or connections).
void kit_again(struct kit_origin *origin);

// ---- what else happens in the turn that was begun last
void kit_then_send(struct kit_origin *origin, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void kit_then_send_bytes(struct kit_origin *origin, struct kit_bytes bytes);
void kit_then_send_in_pieces(struct kit_origin *origin, struct kit_bytes bytes, size_t piece);
// Sends the stream, as fast as it is read; what the program does not take is not sent.
void kit_then_stream(struct kit_origin *origin, const struct kit_stream *stream);
// Waits until the program has read all that was sent.
void kit_then_wait_until_read(struct kit_origin *origin);
// Waits until the program has closed its sending half, or all of the connection.
void kit_then_wait_for_close(struct kit_origin *origin);
// Waits until kit_go_on(origin).
void kit_then_pause(struct kit_origin *origin);
// Nothing more, ever: the connection stays open, further requests on it are read and get nothing.
void kit_then_hold(struct kit_origin *origin);
void kit_then_half_close(struct kit_origin *origin); // FIN; the origin goes on reading
void kit_then_close(struct kit_origin *origin);      // reads what is there, then FIN
void kit_then_reset(struct kit_origin *origin);      // RST; the program loses what it did not read

// Every turn that pauses goes on. Waits until at least one does pause.
void kit_go_on(struct kit_origin *origin);

// ---- what the program sent

// One request, read by the kit's own reader after RFC 9112: the request line, its target and
// version, field lines, one Host, lines that end in CRLF. Where a rule is broken the check fails,
// with the byte's position and the rule's section.
struct kit_request_read {
    struct kit_connection *connection;
    const char *method, *target;
    struct kit_bytes head; // with the empty line
    struct kit_bytes body;
    size_t head_offset; // where the head begins in what the program sent on the connection
};
// The next request that the program sends to the origin, in the order of their coming; waits for
// it. A program that ends before it fails the check.
struct kit_request_read *kit_read_request(struct kit_origin *origin);
// How many requests, and connections, have come to the origin so far; all of them once the program
// has ended.
size_t kit_request_count(const struct kit_origin *origin);
size_t kit_connection_count(const struct kit_origin *origin);
// All that the program sent so far on its connection number `index` (0, 1, …) to the origin, in the
// order of connecting; nothing when there is no such connection. Grows while the program runs.
struct kit_bytes kit_origin_received(const struct kit_origin *origin, size_t index);
// Bytes that the origin has sent so far, on all of its connections.
uint64_t kit_origin_sent(const struct kit_origin *origin);
// The value of the first field of that name (any case) without blanks around it, or NULL.
const char *kit_request_field(const struct kit_request_read *request, const char *name);

#define kit_expect_method(request, method) kit_expect_method_at((request), (method), __LINE__)
void kit_expect_method_at(struct kit_request_read *request, const char *method, int line);
// printf format.
#define kit_expect_target(request, ...)                                                            \
    kit_expect_target_at((request), kit_format(__VA_ARGS__), __LINE__)
void kit_expect_target_at(struct kit_request_read *request, const char *target, int line);
// The field is there with this value; letter case counts. printf format.
#define kit_expect_request_field(request, name, ...)                                               \
    kit_expect_request_field_at((request), (name), kit_format(__VA_ARGS__), __LINE__)
void kit_expect_request_field_at(struct kit_request_read *request, const char *name,
                                 const char *value, int line);
// The field is there, a list that has this member, in any letter case, whatever parameters follow.
#define kit_expect_request_field_lists(request, name, member)                                      \
    kit_expect_request_field_lists_at((request), (name), (member), __LINE__)
void kit_expect_request_field_lists_at(struct kit_request_read *request, const char *name,
                                       const char *member, int line);
#define kit_expect_no_request_field(request, name)                                                 \
    kit_expect_no_request_field_at((request), (name), __LINE__)
void kit_expect_no_request_field_at(struct kit_request_read *request, const char *name, int line);
// Exactly so many requests came to the origin. Stands behind the program's end.
#define kit_expect_request_count(origin, count)                                                    \
    kit_expect_request_count_at((origin), (count), (count), __LINE__)
#define kit_expect_request_count_between(origin, least, most)                                      \
    kit_expect_request_count_at((origin), (least), (most), __LINE__)
void kit_expect_request_count_at(struct kit_origin *origin, size_t least, size_t most, int line);
// The same for connections: two URLs of one host on one connection.
#define kit_expect_connection_count(origin, count)                                                 \
    kit_expect_connection_count_at((origin), (count), __LINE__)
void kit_expect_connection_count_at(struct kit_origin *origin, size_t count, int line);

// The gzip coding of these bytes, for a body.
struct kit_bytes kit_gzip(struct kit_bytes bytes);
// The chunked coding of these bytes, in chunks of `chunk` bytes, with the last chunk.
struct kit_bytes kit_chunked(struct kit_bytes bytes, size_t chunk);

// ---------------------------------------------------------------- services

// What a service that KIT_CHECK names says to the check alone (its grader_env), or to the program
// too (its env): "NGINX_URL". A name that none of them has breaks the check.
const char *kit_service(const char *name);
// What can be done to a service: "stop" it (clients see its end), "start" it again where it was,
// "stall" it (it takes connections and does nothing) and let it "resume". Waits until it is done.
void kit_service_do(const char *service, const char *what);
// Its log so far: what the service's fixture says about it.
const char *kit_service_log(const char *service);

// ---------------------------------------------------------------- files of FILES_DIR

// The program's FILES_DIR is an empty folder at the start of each check. Names have no '/'.
void kit_write_file(const char *name, struct kit_bytes content);
// Sets when FILES_DIR/name was written last, in seconds since 1970 and the rest of them.
void kit_set_file_time(const char *name, int64_t seconds, long nanoseconds);
// Writes a file into the folder that contains FILES_DIR: no program may ever serve it.
void kit_write_outside(const char *name, struct kit_bytes content);
// True when FILES_DIR has a regular file of that name; links are not followed.
bool kit_file_exists(const char *name);
// FILES_DIR/name holds exactly these bytes.
#define kit_expect_file(name, content) kit_expect_file_at((name), (content), __LINE__)
void kit_expect_file_at(const char *name, struct kit_bytes content, int line);

// ---------------------------------------------------------------- databases

/*
 * The check looks into the program's database, and interferes, on a connection of its own:
 *
 *     struct kit_database *database = kit_sqlite("inventory.db");
 *     kit_expect_rows(database, "the order", "SELECT sku, quantity FROM lines", "bolt | 3");
 *
 * Parameters and values are strings, NULL is SQL NULL. A statement that meets a lock waits for it
 * as everything waits: a program that never lets go is stuck. An error of the database fails the
 * check where the program is the reason (a table that is missing), and breaks it otherwise.
 */
struct kit_database;
struct kit_rows {
    size_t count, columns;
    const char *const *names;
    const char *const *values; // values[row * columns + column]; NULL: SQL NULL
};

// The SQLite file of that name in FILES_DIR. Where there is none the check fails.
struct kit_database *kit_sqlite(const char *name);
// Makes it: an old file that the program finds.
struct kit_database *kit_sqlite_new(const char *name);
// Gives up its locks. All are closed at the end of the check.
void kit_sqlite_close(struct kit_database *database);
// A connection of its own to the program's database as its administrator, in a check with the
// service postgres. When the server was stopped and started since its last statement it connects
// again: a transaction that was open is gone.
struct kit_database *kit_postgres(void);
// Ends the connection, and with it its transaction and locks.
void kit_postgres_close(struct kit_database *database);

#define KIT_SQL_PARAMETERS(...)                                                                    \
    &((const char *const[]){NULL, ##__VA_ARGS__})[1],                                              \
        sizeof((const char *const[]){NULL, ##__VA_ARGS__}) / sizeof(const char *) - 1

// Runs one statement, with its parameters ("?1", "$1") behind it. Waits.
#define kit_sql(database, statement, ...)                                                          \
    kit_sql_with((database), (statement), KIT_SQL_PARAMETERS(__VA_ARGS__))
const struct kit_rows *kit_sql_with(struct kit_database *database, const char *statement,
                                    const char *const *parameters, size_t count);
// The same for one value: the first row's, NULL where that is NULL or there is no row.
#define kit_sql_value(database, statement, ...)                                                    \
    kit_sql_value_with((database), (statement), KIT_SQL_PARAMETERS(__VA_ARGS__))
const char *kit_sql_value_with(struct kit_database *database, const char *statement,
                               const char *const *parameters, size_t count);

struct kit_sql_answer {
    const char *code; // "SQLITE_BUSY", "23505"; NULL: it was done
    const char *message;
    const struct kit_rows *rows; // when it was done
};
// The same, and an error is the author's to judge; SQLite's SQLITE_BUSY comes at once.
#define kit_sql_try(database, statement, ...)                                                      \
    kit_sql_try_with((database), (statement), KIT_SQL_PARAMETERS(__VA_ARGS__))
const struct kit_sql_answer *kit_sql_try_with(struct kit_database *database, const char *statement,
                                              const char *const *parameters, size_t count);
// Begins a statement that may have to wait for the program, and returns; kit_sql_finish waits. One
// at a time on a connection.
struct kit_sql;
#define kit_sql_start(database, statement, ...)                                                    \
    kit_sql_start_with((database), (statement), KIT_SQL_PARAMETERS(__VA_ARGS__))
struct kit_sql *kit_sql_start_with(struct kit_database *database, const char *statement,
                                   const char *const *parameters, size_t count);
const struct kit_sql_answer *kit_sql_finish(struct kit_sql *started);

// Asks again and again until the statement's single value is true ("t", or 1): until a session of
// the program waits for a lock that the check holds, say. False: the program is stuck or has ended,
// and it never was. Waits; fails nothing.
#define kit_sql_until(database, statement, ...)                                                    \
    kit_sql_until_with((database), (statement), KIT_SQL_PARAMETERS(__VA_ARGS__))
bool kit_sql_until_with(struct kit_database *database, const char *statement,
                        const char *const *parameters, size_t count);

// The statement gives these rows, in this order, each a string: "bolt | 3 | NULL". `what` begins
// the sentence for learners: "the order". The report shows the statement and both as tables.
#define kit_expect_rows(database, what, statement, ...)                                            \
    kit_expect_rows_at((database), (what), (statement),                                            \
                       &((const char *const[]){NULL, ##__VA_ARGS__, NULL})[1], __LINE__)
void kit_expect_rows_at(struct kit_database *database, const char *what, const char *statement,
                        const char *const *expected, int line);
// The database refuses the statement with a code that begins like this ("SQLITE_CONSTRAINT", "23").
// `message`: the sentence for learners when it does not.
#define kit_expect_refused(database, message, statement, code)                                     \
    kit_expect_refused_at((database), (message), (statement), (code), __LINE__)
void kit_expect_refused_at(struct kit_database *database, const char *message,
                           const char *statement, const char *code, int line);

// From here on the statements that the program sends to SQLite are written down, by a file that the
// lab gives, and a failing check shows the last of them. Before kit_serve. A database that is a
// service needs no such call.
void kit_sql_watch(void);
// Those since the last call, the oldest first; parameters are filled in (SQLite), or stand behind
// (PostgreSQL): "SELECT … WHERE id = $1  ($1 = '7')".
struct kit_statements {
    size_t count;
    const char *const *texts;
};
struct kit_statements kit_sql_statements(void);

// ---------------------------------------------------------------- Redis

/*
 * The service redis, seen and changed by the check on a connection of its own:
 *
 *     struct kit_redis *redis = kit_redis();
 *     kit_expect_redis(redis, "the entry", "1", "EXISTS %s", key);
 *
 * Commands are hiredis formats, not printf's: %s a string, %b bytes and their size_t, blanks
 * outside of them divide. Nothing here waits for the program unless it says so.
 */
struct kit_redis;
struct kit_redis_reply {
    enum {
        KIT_REDIS_NIL,
        KIT_REDIS_STRING,
        KIT_REDIS_INTEGER,
        KIT_REDIS_ARRAY,
        KIT_REDIS_ERROR, // only inside of an array; otherwise it breaks the check
    } kind;
    struct kit_bytes bytes; // of a string; a NUL stands behind it
    long long integer;
    const struct kit_redis_reply *const *members;
    size_t count;
};

// Connects, and again by itself after the service was started anew.
struct kit_redis *kit_redis(void);
const struct kit_redis_reply *kit_redis_command(struct kit_redis *redis, const char *format, ...);
// The answer is this string, or this integer in decimal; NULL: nil. `what` begins the sentence for
// learners: "the entry".
#define kit_expect_redis(redis, what, expected, ...)                                               \
    kit_expect_redis_at((redis), __LINE__, (what), (expected), __VA_ARGS__)
void kit_expect_redis_at(struct kit_redis *redis, int line, const char *what, const char *expected,
                         const char *format, ...);
#define kit_expect_redis_bytes(redis, what, expected, ...)                                         \
    kit_expect_redis_bytes_at((redis), __LINE__, (what), (expected), __VA_ARGS__)
void kit_expect_redis_bytes_at(struct kit_redis *redis, int line, const char *what,
                               struct kit_bytes expected, const char *format, ...);
// An integer from least to most.
#define kit_expect_redis_between(redis, what, least, most, ...)                                    \
    kit_expect_redis_between_at((redis), __LINE__, (what), (least), (most), __VA_ARGS__)
void kit_expect_redis_between_at(struct kit_redis *redis, int line, const char *what,
                                 long long least, long long most, const char *format, ...);
// Waits until the answer is this one. `message`: the sentence for learners when it never is.
void kit_await_redis(struct kit_redis *redis, const char *message, const char *expected,
                     const char *format, ...);
// Waits until the program has come to rest and no command of its own is under way: between two
// looks at a program asleep, Redis has done nothing. (kit_wait_until_idle alone takes a program
// that waits for Redis for one at rest.)
void kit_wait_until_redis_is_idle(struct kit_redis *redis, struct kit_program *program);

// ---------------------------------------------------------------- raw connections

struct kit_connection;

struct kit_connect_options {
    int receive_buffer; // bytes of SO_RCVBUF, 0 for the system's: a small one makes short writes
    bool ipv6;          // connect to ::1
};

// Connects over TCP to the program. TCP_NODELAY is on: what is sent in one call leaves at once.
struct kit_connection *kit_connect(struct kit_program *program);
struct kit_connection *kit_connect_with(struct kit_program *program,
                                        const struct kit_connect_options *options);
// Connects count times; returns an array of count connections.
struct kit_connection **kit_connect_many(struct kit_program *program, size_t count);

// Send everything, waiting while the program does not read. What the program sends meanwhile is
// kept for the functions that receive. When the program has closed or reset the connection, the
// rest is dropped silently: what it answered is judged by what is received.
void kit_send(struct kit_connection *connection, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void kit_send_bytes(struct kit_connection *connection, struct kit_bytes bytes);
// Sends in pieces of at most piece bytes, each one only after the program has read the one before,
// so that it sees exactly this segmentation.
void kit_send_in_pieces(struct kit_connection *connection, struct kit_bytes bytes, size_t piece);
// Sends as kit_send_bytes does, but returns early, with the number of bytes handed to the kernel,
// as soon as the program has begun to answer or closed.
size_t kit_send_until_answer(struct kit_connection *connection, struct kit_bytes bytes);
// Sends bytes[i] on connections[i], for all of them at the same time: each gets its turn, and what
// the program sends meanwhile is kept. Waits until all is sent.
void kit_send_together(struct kit_connection **connections, size_t count,
                       const struct kit_bytes *bytes);
// Sends without receiving anything, as a client that does not read, until all is sent or nothing
// more is taken: the buffers on the way are full and the program has come to rest. Returns the
// number of bytes that were taken. Give the connection a small receive buffer.
size_t kit_send_until_full(struct kit_connection *connection, struct kit_bytes bytes);
// Waits until the program has read all that was sent on this connection (sock_diag).
void kit_wait_until_read(struct kit_connection *connection);
// How many of the bytes that were sent on it the program has not read. Waits until the program has
// come to rest and nothing is on its way; receives nothing meanwhile, as a client that does not
// read, so that what the program has to keep for it stays there.
size_t kit_unread(struct kit_connection *connection);

// Receives exactly length bytes more, waiting for them.
struct kit_bytes kit_receive(struct kit_connection *connection, size_t length);
// Receives until the program closes. At most 64 MiB.
struct kit_bytes kit_receive_until_close(struct kit_connection *connection);
// Receives up to and including the next \n, waiting for it: a line of a text protocol. A line of
// more than 64 KiB fails the check, and so does a connection that ends before.
struct kit_bytes kit_receive_line(struct kit_connection *connection);
// True when bytes or an end can be received without waiting.
bool kit_has_answer(struct kit_connection *connection);

void kit_half_close(struct kit_connection *connection); // shutdown(SHUT_WR): sends FIN
void kit_reset(struct kit_connection *connection);      // SO_LINGER 0, close: sends RST
void kit_close(struct kit_connection *connection);

// The program closes or resets the connection and sends nothing more before. Waits.
#define kit_expect_closed(connection) kit_expect_closed_at((connection), __LINE__)
void kit_expect_closed_at(struct kit_connection *connection, int line);
// The next bytes received are exactly these. Waits.
#define kit_expect_bytes(connection, bytes) kit_expect_bytes_at((connection), (bytes), __LINE__)
void kit_expect_bytes_at(struct kit_connection *connection, struct kit_bytes bytes, int line);
// The next line is exactly this text, and \r\n ends it. Waits for the whole line, so that the
// message can say which one came in its place. printf format.
#define kit_expect_line(connection, ...)                                                           \
    kit_expect_line_at((connection), kit_format(__VA_ARGS__), true, __LINE__)
// The same for a line that begins with this text.
#define kit_expect_line_begins(connection, ...)                                                    \
    kit_expect_line_at((connection), kit_format(__VA_ARGS__), false, __LINE__)
void kit_expect_line_at(struct kit_connection *connection, const char *text, bool whole, int line);

// ---------------------------------------------------------------- HTTP, read strictly

/*
 * One answer, read by the kit's own reader after RFC 9112: the status line, field lines and chunks
 * end in CRLF, no blank stands before a colon, no two lengths disagree, and so on. Where a rule is
 * broken the check fails, with the byte's position and the rule's section. The body is as sent,
 * with the chunked coding taken off and no other.
 */
struct kit_reply {
    struct kit_connection *connection;
    int status;            // 100 to 599
    struct kit_bytes head; // status line and fields, with the empty line
    struct kit_bytes body; // without chunked coding
    size_t head_offset;    // where the head begins in what the program sent on the connection
    size_t body_offset;    // where the body begins in what the program sent on the connection
    bool chunked;          // Transfer-Encoding: chunked
    bool has_length;       // Content-Length was there
    bool until_close;      // neither: the end of the connection ended the body
};

// Sends GET for the path on a connection of its own, with Host, and reads the answer. The path is a
// printf format and is sent as it is.
struct kit_reply *kit_get(struct kit_program *program, const char *path_format, ...)
    __attribute__((format(printf, 2, 3)));
// The same as kit_request, asked of the cache of the service nginx that stands before the program
// (fixtures/nginx.c says what it does and adds). The path is the program's: "/docs/fig".
struct kit_reply *kit_request_cached(struct kit_program *program, const char *method,
                                     const char *path, const char *fields, struct kit_bytes body);
// Sends a request line, Host, the given field lines (each with its \r\n; "" for none),
// Content-Length when there is a body, the body, and reads the answer. On a connection of its own.
struct kit_reply *kit_request(struct kit_program *program, const char *method, const char *path,
                              const char *fields, struct kit_bytes body);
// The same with form fields as its body, "name", value, …: kit_submit(server, "POST", "/items",
// "sku", sku, "stock", "7"). Whatever the values hold is percent-encoded.
#define kit_submit(program, method, path, ...)                                                     \
    kit_submit_fields((program), (method), (path), (const char *const[]){__VA_ARGS__, NULL})
struct kit_reply *kit_submit_fields(struct kit_program *program, const char *method,
                                    const char *path, const char *const *fields);
// That request as text, for kit_send.
#define kit_submission(program, method, path, ...)                                                 \
    kit_submission_of((program), (method), (path), (const char *const[]){__VA_ARGS__, NULL})
const char *kit_submission_of(struct kit_program *program, const char *method, const char *path,
                              const char *const *fields);
// A text percent-encoded: letters, digits, '-', '.', '_' and '~' stay (RFC 3986 2.3).
const char *kit_percent(const char *text);
// A request's head as text, for kit_send: request line, Host, fields, empty line.
const char *kit_head(struct kit_program *program, const char *method, const char *path,
                     const char *fields);
// Reads the next answer on the connection; waits. Answers with status 1xx are skipped.
struct kit_reply *kit_read_reply(struct kit_connection *connection);
// The same for an answer to HEAD: it has no body whatever its fields say.
struct kit_reply *kit_read_head_reply(struct kit_connection *connection);
// The same, but returns NULL when the program closes or resets without sending a byte.
struct kit_reply *kit_read_reply_or_close(struct kit_connection *connection);
// The same for an interim answer (100); the next call reads the final one.
struct kit_reply *kit_read_interim_reply(struct kit_connection *connection);
// One answer from each of the connections, read together as the bytes come.
struct kit_reply **kit_read_replies(struct kit_connection **connections, size_t count);
// The value of the first field of that name (any case) without blanks around it, or NULL.
const char *kit_field(const struct kit_reply *reply, const char *name);
// The values of all fields of that name, a list with ", " between them (RFC 9110 5.3), or NULL.
const char *kit_field_list(const struct kit_reply *reply, const char *name);
// Takes the gzip coding off; a body that is no whole gzip stream fails the check.
struct kit_bytes kit_gunzip(const struct kit_reply *reply);

// The same GET by libcurl, a real client; curl's own complaint fails the check. fields: each line
// with its \r\n, or "". The answer's body is as curl hands it to its user (content coding taken
// off when fields ask for gzip).
struct kit_reply *kit_curl_get(struct kit_program *program, const char *path, const char *fields);

// ---------------------------------------------------------------- time that passes

/*
 * For what a program promises by a clock of seconds: a time to live. Judge with the check's own
 * clock, and only what no machine can change: what should be gone, when the time is over by more
 * than the promise's grain; what should be there, when the time is not over even after the answer.
 * KIT_CHECK(…, .waits = true) for a check that lets time pass.
 */
// Seconds of the check's clock, which never goes back.
double kit_seconds(void);
// So much time passes, at most 2.5 s, with the program running; one that ends fails the check.
void kit_let_pass(double seconds);

// ---------------------------------------------------------------- load, and what it costs

// What a client sends, and exactly what it has to get.
struct kit_exchange {
    struct kit_bytes request, answer;
};
struct kit_load {
    struct kit_program *program; // who gets it: the program,
    const char *service;         // or a service of the check
    int port;                    // the service's
    size_t connections;          // at most 512, each with at most one request on its way
    size_t at_once;              // requests on their way, on connections in turn; 0: one on each
    size_t requests;             // in all; they take the exchanges in turn, again and again
    const struct kit_exchange *exchanges;
    size_t count;
    double most_cpu; // CPU seconds at which it ends early; 0: never
};
/*
 * Who waits for many connections at once (epoll) gets several requests by one call of the kernel
 * when many are on their way, and the more so the busier the machine is; a thread for each
 * connection never does. Where what one request costs is compared, few at_once keep the machine out
 * of it.
 */
// Waits until all are answered. A wrong answer fails the check. Nothing is recorded. Returns the
// CPU seconds that the server used meanwhile: compare them with those of a server that gets the
// same load in the same check, never with a number.
double kit_load(const struct kit_load *load);
// CPU seconds that all processes of the program, or of a service, have used so far.
double kit_program_cpu(struct kit_program *program);
double kit_service_cpu(const char *service);

// ---------------------------------------------------------------- memcached's clients

/*
 * libmemcached, a real client, on a connection of its own, for a program that speaks memcached's
 * text protocol. What goes over the connection is recorded as everywhere.
 */
enum kit_memcached_verb {
    KIT_MEMCACHED_SET,
    KIT_MEMCACHED_ADD,
    KIT_MEMCACHED_REPLACE,
    KIT_MEMCACHED_APPEND,
    KIT_MEMCACHED_PREPEND,
    KIT_MEMCACHED_GET,       // the answer's number is the item's unique
    KIT_MEMCACHED_CAS,       // number: the unique
    KIT_MEMCACHED_DELETE,    //
    KIT_MEMCACHED_INCREMENT, // number: by how much; the answer's: the new value
    KIT_MEMCACHED_DECREMENT, // the same
    KIT_MEMCACHED_TOUCH,     // number: the time to live
    KIT_MEMCACHED_FLUSH,     //
};
struct kit_memcached_call {
    enum kit_memcached_verb verb;
    uint32_t flags;
    const char *key;
    struct kit_bytes value;
    uint64_t number;
};
struct kit_memcached_answer {
    const char *result; // in libmemcached's words: "SUCCESS", "NOT FOUND", "NOT STORED"
    struct kit_bytes value;
    uint64_t number;
    uint32_t flags;
};
// Makes the calls one after the other on a connection of their own and returns their answers,
// which live until the check ends. Waits.
struct kit_memcached_answer *kit_memcached(struct kit_program *program,
                                           const struct kit_memcached_call *calls, size_t count);

// ---------------------------------------------------------------- expectations

// The status is the expected one. Further accepted ones may follow: kit_expect_status(r, 400, 501).
#define kit_expect_status(reply, ...)                                                              \
    kit_expect_status_at((reply), (const int[]){__VA_ARGS__, 0}, __LINE__)
void kit_expect_status_at(struct kit_reply *reply, const int *accepted, int line);
// The field is there with this value; letter case counts. printf format.
#define kit_expect_field(reply, name, ...)                                                         \
    kit_expect_field_at((reply), (name), kit_format(__VA_ARGS__), __LINE__)
void kit_expect_field_at(struct kit_reply *reply, const char *name, const char *value, int line);
// The field is there, its value begins with this, in any letter case, and a ';' or nothing follows:
// for media types.
#define kit_expect_media_type(reply, type) kit_expect_media_type_at((reply), (type), __LINE__)
void kit_expect_media_type_at(struct kit_reply *reply, const char *type, int line);
// The field is there, a list that has this member, in any letter case, whatever parameters follow.
#define kit_expect_field_lists(reply, name, member)                                                \
    kit_expect_field_lists_at((reply), (name), (member), __LINE__)
void kit_expect_field_lists_at(struct kit_reply *reply, const char *name, const char *member,
                               int line);
// No field of that name is a list with this member; there may be none.
#define kit_expect_field_lacks(reply, name, member)                                                \
    kit_expect_field_lacks_at((reply), (name), (member), __LINE__)
void kit_expect_field_lacks_at(struct kit_reply *reply, const char *name, const char *member,
                               int line);
// The field is there, and its value is as the author found out: condition, then the learner's
// sentence about the value as a printf format.
#define kit_expect_value(reply, name, condition, ...)                                              \
    kit_expect_value_at((reply), (name), (condition), kit_format(__VA_ARGS__), __LINE__)
void kit_expect_value_at(struct kit_reply *reply, const char *name, bool holds, const char *message,
                         int line);
#define kit_expect_no_field(reply, name) kit_expect_no_field_at((reply), (name), __LINE__)
void kit_expect_no_field_at(struct kit_reply *reply, const char *name, int line);
// The body is exactly these bytes.
#define kit_expect_body(reply, bytes) kit_expect_body_at((reply), (bytes), __LINE__)
void kit_expect_body_at(struct kit_reply *reply, struct kit_bytes bytes, int line);
// The body contains these bytes nowhere.
#define kit_expect_body_lacks(reply, bytes) kit_expect_body_lacks_at((reply), (bytes), __LINE__)
void kit_expect_body_lacks_at(struct kit_reply *reply, struct kit_bytes bytes, int line);
// Two strings of bytes are equal; `what` names them in the message: "the decoded body".
#define kit_expect_equal(what, actual, expected)                                                   \
    kit_expect_equal_at((what), (actual), (expected), __LINE__)
void kit_expect_equal_at(const char *what, struct kit_bytes actual, struct kit_bytes expected,
                         int line);
// Anything else: condition, then the learner's sentence as a printf format.
#define kit_expect(condition, ...) kit_expect_at((condition), kit_format(__VA_ARGS__), __LINE__)
void kit_expect_at(bool condition, const char *message, int line);

// Why the expectation above matters: one sentence, with the section of the standard where there is
// one. Shown only when that expectation failed. Returns at once.
void kit_because(const char *text);
// Names the bytes of the request on which the expectations below hang: the fewest without which the
// request would be an ordinary one. They stand behind `before` in what is sent, at the first place
// where both do ("": where the bytes first stand). `what` says in some words what they are:
//
//     kit_suspect("X-Fruit", " ", "the blank before the colon");
//
// Shown below the request, only when the check fails, and only when the bytes had been sent. May
// stand before the request or behind it; holds until the next one. bytes NULL: no such bytes any
// more. Where an author says nothing, the kit finds the first byte that should have come back in
// the body, or be in the file, and is not.
void kit_suspect(const char *before, const char *bytes, const char *what);
// The same in what is sent next on a connection: behind all that was sent on it when this is
// called. For a protocol whose client says the same words again and again.
void kit_suspect_next(const struct kit_connection *connection, const char *before,
                      const char *bytes, const char *what);
// The same for bytes `offset` to `offset + length - 1` of what is sent on a connection.
void kit_suspect_at(const struct kit_connection *connection, size_t offset, size_t length,
                    const char *what);
// What to say, and why it matters, when the program is stuck before the next answer on any
// connection is whole, in place of the kit's "the answer to GET /x never came". That answer ends
// it.
void kit_when_stuck(const char *message, const char *because);
// A remark that costs nothing, shown with the check's result. printf format.
void kit_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Replaces the command that the kit makes from the last exchange for "see it". printf format. May
// stand anywhere before the expectation it belongs to.
void kit_reproduce(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
