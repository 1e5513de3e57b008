// SPDX-License-Identifier: MIT
/*
 * The grader of sql-transactions. It reads like the lesson: one section a step, one START_TEST a
 * check. It talks to the bank over HTTP and looks into the database on connections of its own.
 *
 * Which of two transactions comes first is never left to luck: the check holds a lock, waits until
 * the database says that sessions of the program wait for it, and lets go. Errors that need
 * misfortune (a serialization failure, twice) are raised by a trigger that the check puts there.
 */
#include <stdlib.h>
#include <string.h>

#include "kit.h"

// ---------------------------------------------------------------- what several steps share

static const struct kit_bytes nothing = {NULL, 0};

// Each check is a process of its own, so these are a check's.
static struct kit_program *server;
static struct kit_database *database; // to look
static struct kit_database *holder;   // to hold locks

static void open_bank(void)
{
    server = kit_serve();
    database = kit_postgres();
    holder = kit_postgres();
}

static const char *number(uint64_t value)
{
    return kit_format("%llu", (unsigned long long)value);
}

static uint64_t value_of(const char *text)
{
    return text != NULL ? strtoull(text, NULL, 10) : 0;
}

static const char *text_of(struct kit_bytes bytes)
{
    return kit_format("%.*s", (int)bytes.length, (const char *)bytes.data);
}

// A request with a form as its body, whole, to be sent on a connection.
static const char *posting(const char *path, const char *fields, const char *form)
{
    const char *all = kit_format("%sContent-Type: application/x-www-form-urlencoded\r\n"
                                 "Content-Length: %zu\r\n",
                                 fields, strlen(form));
    return kit_format("%s%s", kit_head(server, "POST", path, all), form);
}

static struct kit_connection *send_post(const char *path, const char *fields, const char *form)
{
    struct kit_connection *client = kit_connect(server);
    kit_send(client, "%s", posting(path, fields, form));
    return client;
}

static struct kit_reply *post(const char *path, const char *fields, const char *form)
{
    return kit_read_reply(send_post(path, fields, form));
}

// Line feeds and tabs as C writes them; no more than fits a sentence.
static const char *in_a_line(const char *text)
{
    const char *out = "";
    for (size_t i = 0; i < 40 && text[i] != '\0'; i++) {
        const char *shown = text[i] == '\n'   ? "\\n"
                            : text[i] == '\t' ? "\\t"
                                              : kit_format("%c", text[i]);
        out = kit_format("%s%s", out, shown);
    }
    return out;
}

// The answer is 201 and the id of what was made; `because` says why.
static const char *made_because(struct kit_reply *reply, const char *because)
{
    kit_expect_status(reply, 201);
    kit_because(because);
    const char *text = text_of(reply->body);
    size_t digits = strspn(text, "0123456789");
    kit_expect(digits > 0 && strcmp(text + digits, "\n") == 0,
               "the body is \"%s\", expected an id and a line feed", in_a_line(text));
    kit_because("the lesson: the body is the id and a line feed");
    return kit_format("%.*s", (int)digits, text);
}

static const char *made(struct kit_reply *reply)
{
    return made_because(reply, "the lesson: 201 says that it was made, and the body is its id");
}

static const char *account_of(const char *owner, uint64_t balance)
{
    return made(post("/accounts", "", kit_format("owner=%s&balance=%s", owner, number(balance))));
}

static const char *account(uint64_t balance)
{
    return account_of(kit_word(), balance);
}

static const char *transfer_form(const char *from, const char *to, uint64_t amount)
{
    return kit_format("from=%s&to=%s&amount=%s", from, to, number(amount));
}

static struct kit_connection *send_transfer(const char *from, const char *to, uint64_t amount)
{
    return send_post("/transfers", "", transfer_form(from, to, amount));
}

static struct kit_reply *transfer(const char *from, const char *to, uint64_t amount)
{
    return kit_read_reply(send_transfer(from, to, amount));
}

static const char *key_field(const char *key)
{
    return kit_format("Idempotency-Key: %s\r\n", key);
}

// The answer is this status and this one word.
static void expect_answer(struct kit_reply *reply, int status, const char *word)
{
    kit_expect_status(reply, status);
    kit_because(kit_format("the lesson: this is answered with %d %s", status, word));
    kit_expect_body(reply, kit_text(kit_format("%s%s\n", status >= 400 ? "error: " : "", word)));
    kit_because("the lesson: this is the body that goes with it");
}

// The account has this balance in the database.
static void expect_balance(const char *whose, const char *id, uint64_t balance)
{
    kit_expect_rows(database, kit_format("the balance of %s", whose),
                    kit_format("SELECT balance FROM accounts WHERE id = %s", id), number(balance));
}

static void expect_transfers(uint64_t count)
{
    kit_expect_rows(database, "the number of transfers", "SELECT count(*) FROM transfers",
                    number(count));
}

// ---- locks

// From here on nobody else can change the account, until let_go(). A foreign key may still look at
// the row, so that a transfer waits where it changes the balance, and no sooner.
static void hold(const char *id)
{
    kit_sql(holder, "BEGIN");
    kit_sql(holder, "SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE", id);
}

static void let_go(void)
{
    kit_sql(holder, "COMMIT");
}

// Waits until so many of the program's sessions wait for locks. A program that never gets there
// has another way of doing it: what comes of that is judged, not the way.
static void wait_for_waiting(unsigned sessions)
{
    kit_sql_until(database,
                  "SELECT count(*) >= $1::int FROM pg_stat_activity"
                  " WHERE usename = 'app' AND wait_event_type = 'Lock'",
                  number(sessions));
}

// Ends all sessions of the program, as an administrator does, and waits until they are gone.
static void end_sessions(void)
{
    const struct kit_rows *ended =
        kit_sql(database, "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity"
                          " WHERE usename = 'app'");
    for (size_t i = 0; i < ended->count; i++)
        kit_sql_until(database, "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $1::int",
                      ended->values[i * ended->columns]);
}

// ---- misfortune

// The next `times` changes of the table by the program fail with this SQLSTATE; with `at_commit`,
// only when the transaction commits. A sequence counts, as nothing takes a sequence back.
static void let_fail(const char *table, const char *event, const char *state, unsigned times,
                     bool at_commit)
{
    kit_sql(holder, "CREATE SEQUENCE misfortunes");
    kit_sql(holder, kit_format("CREATE FUNCTION misfortune() RETURNS trigger LANGUAGE plpgsql"
                               " SECURITY DEFINER SET search_path = public AS $$ BEGIN"
                               " IF nextval('misfortunes') <= %u THEN"
                               "  RAISE EXCEPTION 'the database undoes this transaction'"
                               "   USING ERRCODE = '%s';"
                               " END IF; RETURN NULL; END $$",
                               times, state));
    kit_sql(holder, kit_format("CREATE %s TRIGGER misfortune AFTER %s ON %s %s FOR EACH ROW"
                               " EXECUTE FUNCTION misfortune()",
                               at_commit ? "CONSTRAINT" : "", event, table,
                               at_commit ? "DEFERRABLE INITIALLY DEFERRED" : ""));
}

// How often that trigger was called.
static uint64_t misfortunes(void)
{
    return value_of(kit_sql_value(
        database, "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM misfortunes"));
}

// ---------------------------------------------------------------- connect

START_TEST(health_is_ok)
{
    open_bank();
    kit_fixed_input("there is one path /health only");
    expect_answer(kit_get(server, "/health"), 200, "ok");
}
END_TEST

START_TEST(health_is_503_without_a_database)
{
    open_bank();
    kit_fixed_input("there is one path /health only");
    kit_service_do("postgres", "stop");
    expect_answer(kit_get(server, "/health"), 503, "try-again");
}
END_TEST

START_TEST(tables_are_made)
{
    open_bank();
    kit_fixed_input("nothing is sent");
    kit_expect_rows(database, "the columns of accounts",
                    "SELECT column_name, data_type FROM information_schema.columns"
                    " WHERE table_name = 'accounts'"
                    " AND column_name IN ('id', 'owner', 'balance', 'frozen') ORDER BY 1",
                    "balance | bigint", "frozen | boolean", "id | bigint", "owner | text");
    kit_because("the lesson: these columns, with these types, are what other programs rely on");
    kit_expect_rows(database, "the columns of transfers",
                    "SELECT column_name, data_type FROM information_schema.columns"
                    " WHERE table_name = 'transfers'"
                    " AND column_name IN ('id', 'source', 'target', 'amount') ORDER BY 1",
                    "amount | bigint", "id | bigint", "source | bigint", "target | bigint");
    kit_because("the lesson: these columns, with these types, are what other programs rely on");
}
END_TEST

START_TEST(second_start_keeps_the_rows)
{
    open_bank();
    const char *owner = kit_word();
    kit_sql(holder, "INSERT INTO accounts (owner, balance) VALUES ($1, 7)", owner);
    kit_terminate(server);
    kit_expect_exit(server, 0);
    kit_because("the lesson: http_serve() returns after SIGTERM, and main returns 0");
    server = kit_serve();
    kit_expect_rows(database, "the accounts after a second start",
                    "SELECT owner, balance FROM accounts", kit_format("%s | 7", owner));
    kit_because("the lesson: tables are made when they are not there, and kept when they are");
}
END_TEST

// ---------------------------------------------------------------- accounts

START_TEST(created_account_is_a_row)
{
    open_bank();
    const char *owner = kit_word();
    uint64_t balance = kit_number(100, 99999);
    const char *id = account_of(owner, balance);
    kit_expect_rows(database, "the account",
                    kit_format("SELECT owner, balance, frozen FROM accounts WHERE id = %s", id),
                    kit_format("%s | %s | f", owner, number(balance)));
    kit_because("the lesson: what was answered with 201 is in the database");
}
END_TEST

START_TEST(account_is_read_from_the_database)
{
    open_bank();
    const char *owner = kit_word();
    uint64_t balance = kit_number(100, 99999);
    const char *id = account_of(owner, kit_number(1, 99));
    kit_get(server, "/accounts/%s", id);
    kit_sql(holder, "UPDATE accounts SET balance = $2 WHERE id = $1", id, number(balance));
    struct kit_reply *reply = kit_get(server, "/accounts/%s", id);
    kit_expect_status(reply, 200);
    kit_because("the account is there");
    kit_expect_body(reply, kit_text(kit_format("%s\t%s\t%s\n", id, number(balance), owner)));
    kit_because("the lesson: id, balance and owner, as the database has them now");
}
END_TEST

START_TEST(unknown_account_is_404)
{
    open_bank();
    expect_answer(kit_get(server, "/accounts/%s", number(kit_number(1000, 999999))), 404,
                  "unknown-account");
    struct kit_reply *reply = kit_get(server, "/accounts/%s", kit_word());
    kit_expect_status(reply, 404, 422);
    kit_because("the lesson: what is no number is no account");
}
END_TEST

START_TEST(accounts_of_an_owner_are_listed)
{
    open_bank();
    const char *owner = kit_word();
    uint64_t first = kit_number(1, 999), second = kit_number(1, 999);
    const char *one = account(first);
    account(5);
    const char *two = account_of(owner, second);
    // The first one was another owner's: its row lies behind the second one's now.
    kit_sql(holder, "UPDATE accounts SET owner = $2 WHERE id = $1", one, owner);
    struct kit_reply *reply = kit_get(server, "/accounts?owner=%s", owner);
    kit_expect_status(reply, 200);
    kit_because("the lesson: a list is a success, however long it is");
    kit_expect_body(reply, kit_text(kit_format("%s\t%s\t%s\n%s\t%s\t%s\n", one, number(first),
                                               owner, two, number(second), owner)));
    kit_because("the lesson: one a line, the lowest id first; without ORDER BY rows come as they "
                "lie in the table");
}
END_TEST

START_TEST(every_cent_is_kept)
{
    open_bank();
    // Odd and above 2^53: no double holds it.
    uint64_t balance = (UINT64_C(1) << 53) + 2 * kit_number(1000, 999999) + 1;
    const char *id = account(balance);
    expect_balance("the account", id, balance);
    kit_because("the lesson: money is a whole number of cents, up to 2^63 - 1, and exact");
}
END_TEST

// ---------------------------------------------------------------- transfer

START_TEST(transfer_moves_money)
{
    open_bank();
    uint64_t rich = kit_number(1000, 99999), poor = kit_number(0, 999);
    uint64_t amount = kit_number(1, 999);
    const char *from = account(rich), *to = account(poor);
    const char *id = made(transfer(from, to, amount));
    expect_balance("the one who pays", from, rich - amount);
    kit_because("the lesson: the amount is taken from the source");
    expect_balance("the one who is paid", to, poor + amount);
    kit_because("the lesson: the amount is added to the target");
    kit_expect_rows(database, "the transfer",
                    kit_format("SELECT source, target, amount FROM transfers WHERE id = %s", id),
                    kit_format("%s | %s | %s", from, to, number(amount)));
    kit_because("the lesson: each transfer is a row, under the id that was answered");
}
END_TEST

START_TEST(unknown_target_moves_nothing)
{
    open_bank();
    uint64_t balance = kit_number(1000, 99999);
    const char *from = account(balance);
    const char *to = number(kit_number(1000, 999999));
    kit_suspect("to=", to, "there is no such account");
    expect_answer(transfer(from, to, kit_number(1, 999)), 404, "unknown-account");
    expect_balance("the one who pays", from, balance);
    kit_because("the lesson: a transfer is done as a whole, or not at all");
    expect_transfers(0);
    kit_because("the lesson: a transfer that was refused is no row");
}
END_TEST

START_TEST(half_a_transfer_is_never_seen)
{
    open_bank();
    uint64_t balance = kit_number(1000, 99999), amount = kit_number(1, 999);
    const char *from = account(balance), *to = account(0);
    hold(to);
    struct kit_connection *client = send_transfer(from, to, amount);
    wait_for_waiting(1);
    kit_expect_rows(database, "while the transfer waits for a lock, what others see",
                    "SELECT sum(balance), (SELECT count(*) FROM transfers) FROM accounts",
                    kit_format("%s | 0", number(balance)));
    kit_because("PostgreSQL 3.4: between BEGIN and COMMIT nobody else sees what was done");
    let_go();
    made(kit_read_reply(client));
    expect_balance("the one who is paid", to, amount);
    kit_because("the lesson: after COMMIT all of it is seen");
}
END_TEST

// ---------------------------------------------------------------- constraints

START_TEST(overdraft_is_refused)
{
    open_bank();
    uint64_t balance = kit_number(100, 9999);
    const char *from = account(balance), *to = account(0);
    kit_suspect("amount=", number(balance + 1), "one cent more than there is");
    expect_answer(transfer(from, to, balance + 1), 409, "insufficient-funds");
    expect_balance("the one who pays", from, balance);
    kit_because("the lesson: what is refused changes nothing");
    expect_transfers(0);
    kit_because("the lesson: a transfer that was refused is no row");
    kit_suspect("", NULL, NULL);
    made(transfer(from, to, balance));
    expect_balance("the one who pays", from, 0);
    kit_because("the lesson: an account may be emptied to the last cent");
}
END_TEST

START_TEST(amount_that_is_none_is_refused)
{
    open_bank();
    uint64_t balance = kit_number(1000, 99999);
    const char *from = account(balance), *to = account(balance);
    kit_suspect("amount=", "0", "nothing is to be paid");
    expect_answer(transfer(from, to, 0), 422, "bad-amount");
    kit_suspect("amount=", "-", "less than nothing");
    expect_answer(post("/transfers", "",
                       kit_format("from=%s&to=%s&amount=-%s", from, to, number(kit_number(1, 99)))),
                  422, "bad-amount");
    expect_balance("the one who pays", from, balance);
    kit_because("the lesson: what is refused changes nothing");
}
END_TEST

START_TEST(amount_that_is_no_number_is_refused)
{
    open_bank();
    const char *from = account(1000), *to = account(0), *word = kit_word();
    kit_suspect("amount=", word, "this is no number");
    expect_answer(post("/transfers", "", kit_format("from=%s&to=%s&amount=%s", from, to, word)),
                  422, "bad-value");
    kit_suspect("amount=", "9999999999999999999", "more than a BIGINT holds");
    expect_answer(
        post("/transfers", "", kit_format("from=%s&to=%s&amount=9999999999999999999", from, to)),
        422, "bad-value");
}
END_TEST

START_TEST(missing_field_is_refused)
{
    open_bank();
    uint64_t balance = kit_number(1000, 99999);
    const char *from = account(balance), *to = account(0);
    expect_answer(post("/transfers", "", kit_format("from=%s&to=%s", from, to)), 422, "bad-value");
    expect_answer(post("/accounts", "", kit_format("owner=%s", kit_word())), 422, "bad-value");
    expect_balance("the one who pays", from, balance);
    kit_because("the lesson: what is refused changes nothing");
}
END_TEST

START_TEST(transfer_to_oneself_is_refused)
{
    open_bank();
    uint64_t balance = kit_number(1000, 99999);
    const char *id = account(balance);
    kit_suspect("to=", id, "the same account");
    expect_answer(transfer(id, id, kit_number(1, 999)), 422, "same-account");
    expect_balance("the account", id, balance);
    kit_because("the lesson: what is refused changes nothing");
}
END_TEST

START_TEST(full_account_is_refused)
{
    open_bank();
    uint64_t balance = kit_number(1000, 99999), most = (UINT64_C(1) << 63) - 1;
    const char *from = account(balance), *to = account(most - kit_number(1, 99));
    expect_answer(transfer(from, to, kit_number(100, 999)), 422, "bad-value");
    expect_balance("the one who pays", from, balance);
    kit_because("the lesson: when the second half is refused, the first is undone");
}
END_TEST

START_TEST(database_refuses_wrong_accounts)
{
    open_bank();
    const char *id = account(kit_number(1, 999));
    kit_expect_refused(database, "the database takes a balance below zero",
                       kit_format("UPDATE accounts SET balance = -1 WHERE id = %s", id), "23514");
    kit_because("the lesson: rules stand in the table, so that no program can break them");
    kit_expect_refused(database, "the database takes an account without an owner",
                       kit_format("UPDATE accounts SET owner = NULL WHERE id = %s", id), "23502");
    kit_because("the lesson: an owner has to be there (NOT NULL)");
}
END_TEST

START_TEST(database_refuses_wrong_transfers)
{
    open_bank();
    const char *from = account(kit_number(1, 999)), *to = account(kit_number(1, 999));
    kit_expect_refused(
        database, "the database takes a transfer to an account that is not there",
        kit_format("INSERT INTO transfers (source, target, amount) VALUES (%s, 987654321, 1)",
                   from),
        "23503");
    kit_because("the lesson: source and target refer to accounts (REFERENCES)");
    kit_expect_refused(
        database, "the database takes a transfer of nothing",
        kit_format("INSERT INTO transfers (source, target, amount) VALUES (%s, %s, 0)", from, to),
        "23514");
    kit_because("the lesson: an amount is more than 0 (CHECK)");
    kit_expect_refused(
        database, "the database takes a transfer from an account to itself",
        kit_format("INSERT INTO transfers (source, target, amount) VALUES (%s, %s, 1)", from, from),
        "23514");
    kit_because("the lesson: source and target differ (CHECK)");
}
END_TEST

// ---------------------------------------------------------------- parallel

// Sends forms to /transfers on a connection each, all at once.
static struct kit_connection **send_all(const char *const *forms, const char *const *keys,
                                        size_t count)
{
    struct kit_connection **clients = kit_connect_many(server, count);
    struct kit_bytes *requests = calloc(count, sizeof *requests);
    for (size_t i = 0; i < count; i++)
        requests[i] =
            kit_text(posting("/transfers", keys != NULL ? key_field(keys[i]) : "", forms[i]));
    kit_send_together(clients, count, requests);
    free(requests);
    return clients;
}

START_TEST(last_cent_is_spent_once)
{
    enum { CLIENTS = 12 };
    open_bank();
    uint64_t amount = kit_number(10, 999), paid = kit_number(4, 8);
    const char *from = account(paid * amount + amount - 1), *to = account(0);
    const char *forms[CLIENTS];
    for (size_t i = 0; i < CLIENTS; i++)
        forms[i] = transfer_form(from, to, amount);
    hold(from);
    struct kit_connection **clients = send_all(forms, NULL, CLIENTS);
    wait_for_waiting(2);
    let_go();
    struct kit_reply **replies = kit_read_replies(clients, CLIENTS);
    uint64_t done = 0;
    for (size_t i = 0; i < CLIENTS; i++) {
        kit_expect_status(replies[i], 201, 409);
        kit_because("the lesson: each transfer is done or refused for lack of money");
        done += replies[i]->status == 201;
    }
    kit_expect_rows(database, "what is left",
                    kit_format("SELECT balance FROM accounts WHERE id = %s", from),
                    number(amount - 1));
    kit_because("the lesson: each of the transfers that come at once sees what the others did");
    kit_expect(done == paid, "%s of %d transfers were answered with 201, there was money for %s",
               number(done), CLIENTS, number(paid));
    kit_because("the lesson: 201 is a promise; it is given when the database has agreed");
    expect_balance("the one who is paid", to, paid * amount);
    kit_because("the lesson: money neither comes nor goes");
}
END_TEST

START_TEST(hundred_at_once_conserve_money)
{
    enum { CLIENTS = 100, ACCOUNTS = 6 };
    open_bank();
    const char *ids[ACCOUNTS], *forms[CLIENTS];
    uint64_t balances[ACCOUNTS], amounts[CLIENTS], done = 0;
    size_t from[CLIENTS], to[CLIENTS];
    for (size_t i = 0; i < ACCOUNTS; i++) {
        balances[i] = kit_number(100, 190);
        ids[i] = account(balances[i]);
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        // Upwards only: what two do that meet crosswise is the next step's. The first account pays
        // ten times at least, and has no money for that.
        from[i] = i < 10 ? 0 : kit_number(0, ACCOUNTS - 2);
        to[i] = kit_number(from[i] + 1, ACCOUNTS - 1);
        amounts[i] = kit_number(20, 40);
        forms[i] = transfer_form(ids[from[i]], ids[to[i]], amounts[i]);
    }
    struct kit_reply **replies = kit_read_replies(send_all(forms, NULL, CLIENTS), CLIENTS);
    for (size_t i = 0; i < CLIENTS; i++) {
        kit_expect_status(replies[i], 201, 409);
        kit_because("the lesson: each transfer is done or refused for lack of money");
        if (replies[i]->status != 201)
            continue;
        balances[from[i]] -= amounts[i];
        balances[to[i]] += amounts[i];
        done++;
    }
    for (size_t i = 0; i < ACCOUNTS; i++) {
        expect_balance("an account after 100 transfers", ids[i], balances[i]);
        kit_because("the lesson: each balance is what the answers with 201 add up to");
    }
    expect_transfers(done);
    kit_because("the lesson: a row for each 201, and none for a 409");
}
END_TEST

START_TEST(others_do_not_wait)
{
    open_bank();
    const char *busy = account(kit_number(1000, 9999)), *target = account(0);
    const char *from = account(kit_number(1000, 9999)), *to = account(0);
    hold(busy);
    struct kit_connection *waiting = send_transfer(busy, target, kit_number(1, 999));
    wait_for_waiting(1);
    kit_when_stuck("a transfer waits for one that has nothing to do with it",
                   "the lesson: only the rows are locked that a transfer is about");
    made(transfer(from, to, kit_number(1, 999)));
    let_go();
    made(kit_read_reply(waiting));
}
END_TEST

// ---------------------------------------------------------------- deadlock

START_TEST(victim_of_a_deadlock_tries_again)
{
    enum { ROUNDS = 3 };
    open_bank();
    // Time enough to close the circle behind the program before it looks for one.
    kit_sql(holder, "ALTER SYSTEM SET deadlock_timeout = '400ms'");
    kit_sql(holder, "SELECT pg_reload_conf()");
    kit_sql_until(database, "SELECT current_setting('deadlock_timeout') = '400ms'");
    kit_sql(holder, "SET deadlock_timeout = '5s'");
    uint64_t balance = kit_number(5000, 9999), amount = kit_number(1, 999);
    const char *from = account(balance), *to = account(0);
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        hold(to);
        struct kit_connection *client = send_transfer(from, to, amount);
        wait_for_waiting(1);
        // Now each waits for the other one. The program looks first, and is undone.
        bool was_victim =
            kit_sql_try(holder, "SELECT FROM accounts WHERE id = $1 FOR UPDATE", from)->code ==
            NULL;
        kit_sql(holder, was_victim ? "COMMIT" : "ROLLBACK");
        made_because(kit_read_reply(client),
                     "PostgreSQL 13.3.4: of two that wait for each other one is undone (40P01)");
        expect_balance("the one who is paid", to, round * amount);
        kit_because("the lesson: it is tried again from BEGIN, and done once");
        if (was_victim)
            break;
    }
}
END_TEST

START_TEST(transaction_is_tried_again_as_a_whole)
{
    open_bank();
    uint64_t balance = kit_number(5000, 9999), amount = kit_number(1, 999);
    const char *from = account(balance), *to = account(0);
    let_fail("accounts", "UPDATE", "40P01", 2, false);
    made(transfer(from, to, amount));
    expect_balance("the one who pays", from, balance - amount);
    kit_because("the lesson: an error undoes the transaction; it begins again at BEGIN");
    expect_balance("the one who is paid", to, amount);
    kit_because("the lesson: an error undoes the transaction; it begins again at BEGIN");
    expect_transfers(1);
    kit_because("the lesson: what was undone leaves nothing");
}
END_TEST

START_TEST(refusal_is_not_tried_again)
{
    open_bank();
    uint64_t balance = kit_number(1000, 9999);
    const char *from = account(balance), *to = account(0);
    let_fail("accounts", "UPDATE", "23514", 1000, false);
    struct kit_reply *reply = transfer(from, to, kit_number(1, 99));
    kit_expect(reply->status >= 400, "the database refused, and the status is %d", reply->status);
    kit_because("the lesson: what the database refused was not done");
    uint64_t tries = misfortunes();
    kit_expect(tries <= 1, "the transfer was tried %s times, expected once", number(tries));
    kit_because("the lesson: only 40001 and 40P01 are worth a second try: a broken rule "
                "is broken again");
}
END_TEST

START_TEST(endless_misfortune_ends_with_503)
{
    open_bank();
    const char *from = account(kit_number(1000, 9999)), *to = account(0);
    let_fail("accounts", "UPDATE", "40001", 1000000, false);
    kit_when_stuck("a transfer that always fails is never answered",
                   "the lesson: after some tries a request is answered with 503");
    expect_answer(transfer(from, to, kit_number(1, 99)), 503, "try-again");
    uint64_t tries = misfortunes();
    kit_expect(tries >= 3 && tries <= 50, "it was tried %s times, expected 3 to 50", number(tries));
    kit_because("the lesson: three tries at least, fifty at most");
}
END_TEST

// ---------------------------------------------------------------- isolation

START_TEST(no_update_is_lost)
{
    enum { CLIENTS = 4 };
    open_bank();
    uint64_t amount = kit_number(10, 999);
    const char *to = account(0), *forms[CLIENTS];
    for (size_t i = 0; i < CLIENTS; i++)
        forms[i] = transfer_form(account(5000), to, amount);
    hold(to);
    struct kit_connection **clients = send_all(forms, NULL, CLIENTS);
    wait_for_waiting(2);
    let_go();
    struct kit_reply **replies = kit_read_replies(clients, CLIENTS);
    for (size_t i = 0; i < CLIENTS; i++)
        made(replies[i]);
    expect_balance("the one who is paid by four at once", to, CLIENTS * amount);
    kit_because("PostgreSQL 13.2.1: what was read before a lock was waited for may be old");
}
END_TEST

START_TEST(commit_that_fails_is_tried_again)
{
    open_bank();
    uint64_t amount = kit_number(1, 999);
    const char *from = account(5000), *to = account(0);
    let_fail("transfers", "INSERT", "40001", 1, true);
    made(transfer(from, to, amount));
    expect_transfers(1);
    kit_because("PostgreSQL 13.2.3: COMMIT may fail too; until it has succeeded nothing is done");
    expect_balance("the one who is paid", to, amount);
    kit_because("the lesson: what was answered with 201 is in the database");
}
END_TEST

START_TEST(last_account_is_not_frozen)
{
    open_bank();
    const char *owner = kit_word();
    const char *first = account_of(owner, 0), *second = account_of(owner, 0);
    account(0);
    expect_answer(post(kit_format("/accounts/%s/freeze", first), "", ""), 200, "frozen");
    kit_expect_rows(
        database, "the owner's accounts",
        kit_format("SELECT id, frozen FROM accounts WHERE owner = '%s' ORDER BY id", owner),
        kit_format("%s | t", first), kit_format("%s | f", second));
    kit_because("the lesson: the account is frozen, and no other one");
    expect_answer(post(kit_format("/accounts/%s/freeze", second), "", ""), 409, "last-account");
    expect_answer(post(kit_format("/accounts/%s/freeze", number(kit_number(1000, 99999))), "", ""),
                  404, "unknown-account");
}
END_TEST

START_TEST(two_at_once_leave_one_account)
{
    open_bank();
    const char *owner = kit_word();
    const char *first = account_of(owner, 0), *second = account_of(owner, 0);
    kit_sql(holder, "BEGIN");
    kit_sql(holder, "SELECT FROM accounts WHERE owner = $1 ORDER BY id FOR UPDATE", owner);
    struct kit_connection *clients[] = {
        send_post(kit_format("/accounts/%s/freeze", first), "", ""),
        send_post(kit_format("/accounts/%s/freeze", second), "", ""),
    };
    wait_for_waiting(2);
    let_go();
    struct kit_reply **replies = kit_read_replies(clients, 2);
    kit_expect_rows(
        database, "the accounts that are not frozen",
        kit_format("SELECT count(*) FROM accounts WHERE owner = '%s' AND NOT frozen", owner), "1");
    kit_because("PostgreSQL 13.2.3: each read what the other changed (write skew); SERIALIZABLE "
                "undoes one of them");
    for (size_t i = 0; i < 2; i++) {
        kit_expect_status(replies[i], 200, 409);
        kit_because("the lesson: one is frozen, the other one is the last");
    }
    kit_expect(replies[0]->status != replies[1]->status, "both are answered with %d",
               replies[0]->status);
    kit_because("the lesson: one is frozen, the other one is the last");
}
END_TEST

START_TEST(audit_of_an_empty_bank)
{
    open_bank();
    kit_fixed_input("there is one path /audit only");
    struct kit_reply *reply = kit_get(server, "/audit");
    kit_expect_status(reply, 200);
    kit_because("the lesson: an audit is no error");
    kit_expect_body(reply, kit_text("0\t0\n0\t0\n"));
    kit_because("the lesson: sum() of no rows is NULL, and an empty bank has 0: coalesce()");
}
END_TEST

START_TEST(audit_is_one_moment)
{
    open_bank();
    uint64_t balance = kit_number(1000, 9999), more = kit_number(10, 999),
             moved = kit_number(1, 99);
    const char *from = account(balance), *to = account(0);
    kit_sql(holder, "INSERT INTO transfers (source, target, amount) VALUES ($1, $2, 1)", from, to);
    kit_sql(holder, "BEGIN");
    kit_sql(holder, "LOCK TABLE transfers IN ACCESS EXCLUSIVE MODE");
    kit_sql(holder, "UPDATE accounts SET balance = balance + $2 WHERE id = $1", to, number(more));
    kit_sql(holder, "INSERT INTO transfers (source, target, amount) VALUES ($1, $2, $3)", from, to,
            number(moved));
    struct kit_connection *client = kit_connect(server);
    kit_send(client, "%s", kit_head(server, "GET", "/audit", ""));
    wait_for_waiting(1);
    let_go();
    struct kit_reply *reply = kit_read_reply(client);
    kit_expect_status(reply, 200);
    kit_because("the lesson: an audit is no error");
    const char *before = kit_format("2\t%s\n1\t1\n", number(balance));
    const char *after = kit_format("2\t%s\n2\t%s\n", number(balance + more), number(moved + 1));
    bool is_after = strcmp(text_of(reply->body), after) == 0;
    kit_expect_body(reply, kit_text(is_after ? after : before));
    kit_because("PostgreSQL 13.2.2: in REPEATABLE READ all statements see the same moment; the "
                "change of both tables was one transaction");
}
END_TEST

// ---------------------------------------------------------------- idempotency-key

START_TEST(retried_request_is_done_once)
{
    open_bank();
    uint64_t amount = kit_number(1, 999);
    const char *from = account(5000), *to = account(0);
    const char *key = kit_word(), *form = transfer_form(from, to, amount);
    const char *first = made(post("/transfers", key_field(key), form));
    const char *again = made(post("/transfers", key_field(key), form));
    kit_expect(strcmp(first, again) == 0, "the same key is answered with id %s, then with id %s",
               first, again);
    kit_because("the lesson: a request with a known key gets the first one's answer");
    expect_transfers(1);
    kit_because("the lesson: a request that is repeated under its key is done once");
    expect_balance("the one who is paid", to, amount);
    kit_because("the lesson: a request that is repeated under its key is done once");
}
END_TEST

START_TEST(requests_without_a_key_are_all_done)
{
    open_bank();
    uint64_t amount = kit_number(1, 999);
    const char *from = account(5000), *to = account(0), *form = transfer_form(from, to, amount);
    made(post("/transfers", "", form));
    made(post("/transfers", "", form));
    made(post("/transfers", key_field(kit_word()), form));
    made(post("/transfers", key_field(kit_word()), form));
    expect_balance("the one who is paid", to, 4 * amount);
    kit_because("the lesson: two that look alike are two, unless their key says otherwise");
}
END_TEST

START_TEST(key_for_something_else_is_422)
{
    open_bank();
    uint64_t amount = kit_number(2, 999);
    const char *from = account(5000), *to = account(0), *key = kit_word();
    made(post("/transfers", key_field(key), transfer_form(from, to, amount)));
    kit_suspect("amount=", number(amount - 1), "another amount, under the key of the first");
    expect_answer(post("/transfers", key_field(key), transfer_form(from, to, amount - 1)), 422,
                  "key-reused");
    expect_balance("the one who is paid", to, amount);
    kit_because("the lesson: a key that was used for something else does nothing");
}
END_TEST

START_TEST(one_key_twice_at_once_is_done_once)
{
    open_bank();
    uint64_t amount = kit_number(1, 999);
    const char *from = account(5000), *to = account(0), *key = kit_word();
    const char *forms[] = {transfer_form(from, to, amount), transfer_form(from, to, amount)};
    const char *keys[] = {key, key};
    hold(from);
    struct kit_connection **clients = send_all(forms, keys, 2);
    wait_for_waiting(2);
    let_go();
    struct kit_reply **replies = kit_read_replies(clients, 2);
    expect_transfers(1);
    kit_because(
        "the lesson: the key is UNIQUE, and stored in the transaction that moves the money");
    const char *first = made(replies[0]), *second = made(replies[1]);
    kit_expect(strcmp(first, second) == 0, "one key, and the ids %s and %s", first, second);
    kit_because("the lesson: both get the same answer");
    expect_balance("the one who is paid", to, amount);
    kit_because("the lesson: a request that is repeated under its key is done once");
}
END_TEST

START_TEST(key_of_a_refused_request_is_free)
{
    open_bank();
    uint64_t amount = kit_number(100, 999);
    const char *from = account(amount - 1), *to = account(0), *key = kit_word();
    const char *form = transfer_form(from, to, amount);
    expect_answer(post("/transfers", key_field(key), form), 409, "insufficient-funds");
    kit_sql(holder, "UPDATE accounts SET balance = balance + 1 WHERE id = $1", from);
    made(post("/transfers", key_field(key), form));
    expect_balance("the one who is paid", to, amount);
    kit_because("the lesson: a transfer that was undone takes its key with it");
}
END_TEST

// ---------------------------------------------------------------- pool

START_TEST(no_more_connections_than_allowed)
{
    enum { CLIENTS = 12 };
    uint64_t size = kit_number(2, 4), amount = kit_number(1, 99);
    kit_environment("POOL_SIZE", number(size));
    open_bank();
    const char *from = account(5000), *to = account(0), *forms[CLIENTS];
    for (size_t i = 0; i < CLIENTS; i++)
        forms[i] = transfer_form(from, to, amount);
    hold(from);
    struct kit_connection **clients = send_all(forms, NULL, CLIENTS);
    wait_for_waiting((unsigned)size);
    kit_wait_until_idle(server);
    uint64_t count = value_of(
        kit_sql_value(database, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'"));
    kit_expect(count <= size, "the program has %s connections to the database, POOL_SIZE is %s",
               number(count), number(size));
    kit_because("the lesson: each connection is a process of the database, and they are counted");
    let_go();
    struct kit_reply **replies = kit_read_replies(clients, CLIENTS);
    for (size_t i = 0; i < CLIENTS; i++)
        made(replies[i]);
    expect_balance("the one who is paid", to, CLIENTS * amount);
    kit_because("the lesson: who finds no free connection waits for one");
}
END_TEST

START_TEST(refused_requests_give_their_connection_back)
{
    kit_environment("POOL_SIZE", "2");
    open_bank();
    const char *from = account(50), *to = account(0), *unknown = number(kit_number(1000, 99999));
    for (int i = 0; i < 3; i++) {
        kit_when_stuck("after some refused requests no request is answered any more",
                       "the lesson: a connection goes back to the pool on every way out");
        expect_answer(transfer(from, to, 51), 409, "insufficient-funds");
        expect_answer(transfer(from, unknown, 1), 404, "unknown-account");
        expect_answer(transfer(from, from, 1), 422, "same-account");
        expect_answer(kit_get(server, "/accounts/%s", unknown), 404, "unknown-account");
    }
    made_because(transfer(from, to, 50),
                 "the lesson: a connection goes back to the pool on every way out");
}
END_TEST

START_TEST(no_transaction_is_left_open)
{
    kit_environment("POOL_SIZE", "2");
    open_bank();
    const char *from = account(kit_number(1, 50)), *to = account(0);
    transfer(from, to, 51);
    transfer(from, number(kit_number(1000, 99999)), 1);
    kit_get(server, "/accounts/%s", from);
    kit_wait_until_idle(server);
    kit_expect(kit_sql_until(database, "SELECT count(*) = 0 FROM pg_stat_activity"
                                       " WHERE usename = 'app' AND state LIKE '%%transaction%%'"),
               "nobody asks anything, and a transaction is still open");
    kit_because("the lesson: what was refused ends with ROLLBACK; an open transaction keeps its "
                "locks");
}
END_TEST

// ---------------------------------------------------------------- reconnect

START_TEST(ended_session_is_replaced)
{
    open_bank();
    uint64_t amount = kit_number(1, 99);
    const char *from = account(5000), *to = account(0);
    for (uint64_t round = 1; round <= 3; round++) {
        end_sessions();
        made_because(transfer(from, to, amount),
                     "the lesson: a connection that is gone is replaced by a new one");
        expect_balance("the one who is paid", to, round * amount);
        kit_because("the lesson: nothing lost, and nothing done twice");
    }
}
END_TEST

START_TEST(session_ended_in_the_middle_is_tried_again)
{
    open_bank();
    uint64_t amount = kit_number(1, 999);
    const char *from = account(5000), *to = account(0);
    hold(to);
    struct kit_connection *client =
        send_post("/transfers", key_field(kit_word()), transfer_form(from, to, amount));
    wait_for_waiting(1);
    end_sessions();
    let_go();
    made_because(kit_read_reply(client),
                 "the lesson: before COMMIT nothing is done, and all of it can be tried again");
    kit_expect_rows(database, "the money, and the transfers",
                    "SELECT sum(balance), (SELECT count(*) FROM transfers) FROM accounts",
                    "5000 | 1");
    kit_because("the lesson: nothing lost, and nothing done twice");
    expect_balance("the one who is paid", to, amount);
    kit_because("the lesson: nothing lost, and nothing done twice");
}
END_TEST

// From here on a COMMIT of the program is done, and its answer waits for a standby server that
// there is not. A session that is ended then leaves its client without an answer.
static void hold_answers_of_commit(void)
{
    kit_sql(holder, "ALTER ROLE app SET synchronous_commit = on");
    end_sessions();
    kit_sql(holder, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    kit_sql(holder, "SELECT pg_reload_conf()");
    kit_sql_until(database, "SELECT current_setting('synchronous_standby_names') = 'nobody'");
}

// Ends the session whose COMMIT waits; later ones are answered at once.
static void lose_answer_of_commit(void)
{
    kit_sql_until(database, "SELECT count(*) > 0 FROM pg_stat_activity"
                            " WHERE usename = 'app' AND wait_event = 'SyncRep'");
    kit_sql(holder, "ALTER SYSTEM RESET synchronous_standby_names");
    end_sessions();
    kit_sql(holder, "SELECT pg_reload_conf()");
}

START_TEST(lost_answer_of_commit_is_found_again)
{
    open_bank();
    uint64_t amount = kit_number(1, 999);
    const char *from = account(5000), *to = account(0), *key = kit_word();
    const char *form = transfer_form(from, to, amount);
    hold_answers_of_commit();
    struct kit_connection *client = send_post("/transfers", key_field(key), form);
    lose_answer_of_commit();
    struct kit_reply *reply = kit_read_reply(client);
    kit_expect_status(reply, 201, 503);
    kit_because("the lesson: with a key it is tried again, or the client is told to try again");
    made(post("/transfers", key_field(key), form));
    expect_transfers(1);
    kit_because("the lesson: the COMMIT was done, only its answer was lost: the key tells");
    expect_balance("the one who is paid", to, amount);
    kit_because("the lesson: nothing lost, and nothing done twice");
}
END_TEST

START_TEST(lost_answer_without_a_key_is_not_tried_again)
{
    open_bank();
    uint64_t amount = kit_number(1, 999);
    const char *from = account(5000), *to = account(0);
    hold_answers_of_commit();
    struct kit_connection *client = send_transfer(from, to, amount);
    lose_answer_of_commit();
    struct kit_reply *reply = kit_read_reply(client);
    kit_expect_status(reply, 503, 201);
    kit_because("the lesson: nobody knows whether it was done, and 503 says so");
    expect_transfers(1);
    kit_because("the lesson: a COMMIT without an answer may have been done: without a key it is "
                "not tried again");
    expect_balance("the one who is paid", to, amount);
    kit_because("the lesson: nothing lost, and nothing done twice");
}
END_TEST

START_TEST(cut_commit_is_not_promised)
{
    open_bank();
    uint64_t amount = kit_number(1, 999);
    const char *from = account(5000), *to = account(0);
    // COMMIT waits for a lock of the check's, so that its session can be ended there.
    kit_sql(holder, "SELECT pg_advisory_lock(1)");
    kit_sql(holder, "CREATE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                    " PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$");
    kit_sql(holder,
            "CREATE CONSTRAINT TRIGGER wait_at_commit AFTER INSERT ON transfers"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_at_commit()");
    struct kit_connection *client = send_transfer(from, to, amount);
    wait_for_waiting(1);
    end_sessions();
    kit_sql(holder, "SELECT pg_advisory_unlock(1)");
    struct kit_reply *reply = kit_read_reply(client);
    kit_expect_status(reply, 503, 201);
    kit_because("the lesson: nobody knows whether it was done, and 503 says so");
    expect_transfers(reply->status == 201 ? 1 : 0);
    kit_because("the lesson: 201 is a promise; it is given when COMMIT has succeeded");
}
END_TEST

START_TEST(database_comes_back)
{
    open_bank();
    uint64_t amount = kit_number(1, 999);
    const char *from = account(5000), *to = account(0);
    kit_service_do("postgres", "stop");
    expect_answer(transfer(from, to, amount), 503, "try-again");
    kit_expect_running(server);
    kit_because("the lesson: a server outlives its database");
    kit_service_do("postgres", "start");
    made_because(transfer(from, to, amount),
                 "the lesson: when the database is back, requests are served again");
}
END_TEST

START_TEST(load_and_ended_sessions_lose_nothing)
{
    enum { CLIENTS = 40, ACCOUNTS = 4, ROUNDS = 4 };
    open_bank();
    const char *ids[ACCOUNTS], *forms[CLIENTS], *keys[CLIENTS];
    for (size_t i = 0; i < ACCOUNTS; i++)
        ids[i] = account(5000);
    for (size_t i = 0; i < CLIENTS; i++) {
        size_t from = kit_number(0, ACCOUNTS - 1);
        size_t to = (from + kit_number(1, ACCOUNTS - 1)) % ACCOUNTS;
        forms[i] = transfer_form(ids[from], ids[to], kit_number(1, 99));
        keys[i] = kit_word();
    }
    hold(ids[0]);
    struct kit_connection **clients = send_all(forms, keys, CLIENTS);
    for (int i = 0; i < 2; i++) {
        wait_for_waiting(2);
        end_sessions();
    }
    wait_for_waiting(2);
    let_go();
    struct kit_reply **replies = kit_read_replies(clients, CLIENTS);
    for (size_t i = 0; i < CLIENTS; i++) {
        kit_expect_status(replies[i], 201, 503);
        kit_because("the lesson: it is done, or the client is told to try again");
        struct kit_reply *reply = replies[i];
        for (int round = 0; round < ROUNDS && reply->status == 503; round++)
            reply = post("/transfers", key_field(keys[i]), forms[i]);
        made(reply);
    }
    expect_transfers(CLIENTS);
    kit_because("the lesson: nothing lost, and nothing done twice");
    kit_expect_rows(database, "accounts whose balance is not what their transfers say",
                    "SELECT count(*) FROM accounts AS a WHERE balance <> 5000"
                    " + (SELECT coalesce(sum(amount), 0) FROM transfers WHERE target = a.id)"
                    " - (SELECT coalesce(sum(amount), 0) FROM transfers WHERE source = a.id)",
                    "0");
    kit_because("the lesson: nothing lost, and nothing done twice");
}
END_TEST

// ---------------------------------------------------------------- injection

// Each byte as %XX.
static const char *encoded(const char *text)
{
    const char *out = "";
    for (; *text != '\0'; text++)
        out = kit_format("%s%%%02X", out, (unsigned char)*text);
    return out;
}

// As http.c writes a value: a backslash becomes two.
static const char *row_text(const char *value)
{
    const char *out = "";
    for (; *value != '\0'; value++)
        out = kit_format("%s%s%c", out, *value == '\\' ? "\\" : "", *value);
    return out;
}

START_TEST(owner_is_only_text)
{
    open_bank();
    const char *owners[] = {kit_format("O'%s", kit_word()),
                            kit_format("%s', 0); DELETE FROM accounts; --", kit_word()),
                            kit_format("\\' \"$1\" %%s ; %s", kit_word())};
    for (size_t i = 0; i < 3; i++) {
        const char *id =
            made(post("/accounts", "", kit_format("owner=%s&balance=5", encoded(owners[i]))));
        struct kit_reply *reply = kit_get(server, "/accounts/%s", id);
        kit_expect_body(reply, kit_text(kit_format("%s\t5\t%s\n", id, row_text(owners[i]))));
        kit_because("the lesson: a value travels beside the statement, and is never a part of it");
    }
    kit_expect_rows(database, "the number of accounts", "SELECT count(*) FROM accounts", "3");
    kit_because("the lesson: a value travels beside the statement, and is never a part of it");
}
END_TEST

START_TEST(search_takes_no_sql)
{
    open_bank();
    const char *word = kit_word();
    account_of(word, 5);
    const char *sought = kit_format("%s' OR '1'='1", kit_word());
    kit_suspect("owner=", encoded(sought), "a quote, and SQL behind it");
    struct kit_reply *reply = kit_get(server, "/accounts?owner=%s", encoded(sought));
    kit_expect_status(reply, 200);
    kit_because("the lesson: an owner without accounts has an empty list");
    kit_expect_body(reply, nothing);
    kit_because("the lesson: nobody is called so; others' accounts are none of the client's");
}
END_TEST

START_TEST(numbers_and_keys_take_no_sql)
{
    open_bank();
    const char *from = account(5000), *to = account(0);
    const char *amount =
        kit_format("1); UPDATE accounts SET balance = %s; --", number(kit_number(1, 99999)));
    kit_suspect("amount=", encoded(amount), "SQL in place of a number");
    expect_answer(
        post("/transfers", "", kit_format("from=%s&to=%s&amount=%s", from, to, encoded(amount))),
        422, "bad-value");
    expect_balance("the one who pays", from, 5000);
    kit_because("the lesson: a value travels beside the statement, and is never a part of it");
    kit_suspect("", NULL, NULL);
    made(post("/transfers", key_field(kit_format("%s', 1) --", kit_word())),
              transfer_form(from, to, 7)));
    expect_balance("the one who is paid", to, 7);
    kit_because("the lesson: a value travels beside the statement, and is never a part of it");
}
END_TEST

// ---------------------------------------------------------------- history

// Puts a transfer there that nobody asked the program for. Returns its id.
static const char *put_transfer(const char *from, const char *to, uint64_t amount)
{
    return kit_sql_value(holder,
                         "INSERT INTO transfers (source, target, amount) VALUES ($1, $2, $3)"
                         " RETURNING id",
                         from, to, number(amount));
}

// The line of one transfer, as the account sees it.
static const char *history_line(const char *id, const char *sign, uint64_t amount,
                                const char *other, const char *owner)
{
    return kit_format("%s\t%s%s\t%s\t%s\n", id, sign, number(amount), other, owner);
}

START_TEST(newest_transfers_come_first)
{
    open_bank();
    const char *owner = kit_word(), *other_owner = kit_word();
    const char *id = account_of(owner, 0), *other = account_of(other_owner, 0), *third = account(0);
    uint64_t out = kit_number(1, 99), in = kit_number(1, 99);
    const char *first = put_transfer(id, other, out);
    put_transfer(other, third, kit_number(1, 99));
    const char *second = put_transfer(other, id, in);
    struct kit_reply *reply = kit_get(server, "/accounts/%s/transfers", id);
    kit_expect_status(reply, 200);
    kit_because("the account has a history");
    kit_expect_body(reply,
                    kit_text(kit_format("%s%s", history_line(second, "", in, other, other_owner),
                                        history_line(first, "-", out, other, other_owner))));
    kit_because("the lesson: id, amount (with - when it was paid), the other account, its owner; "
                "the newest first");
}
END_TEST

// Reads a page of `limit`, adds its lines to *all, and returns where the next page begins; NULL: it
// was the last one.
static const char *read_page(const char *id, unsigned limit, const char *after, const char **all)
{
    const char *from = after != NULL ? kit_format("&after=%s", after) : "";
    struct kit_reply *reply = kit_get(server, "/accounts/%s/transfers?limit=%u%s", id, limit, from);
    kit_expect_status(reply, 200);
    kit_because("the account has a history");
    const char *text = text_of(reply->body), *next = strstr(text, "next\t");
    *all = kit_format("%s%.*s", *all, next != NULL ? (int)(next - text) : (int)strlen(text), text);
    return next != NULL ? kit_format("%.*s", (int)strcspn(next + 5, "\n"), next + 5) : NULL;
}

START_TEST(pages_stay_whole_while_transfers_come)
{
    enum { TRANSFERS = 9, PAGE = 3 };
    open_bank();
    const char *owner = kit_word(), *id = account(0), *other = account_of(owner, 0);
    const char *expected = "", *seen = "", *after = NULL;
    for (int i = 0; i < TRANSFERS; i++) {
        uint64_t amount = kit_number(1, 999);
        expected = kit_format(
            "%s%s", history_line(put_transfer(other, id, amount), "", amount, other, owner),
            expected);
    }
    for (int page = 0; page < TRANSFERS / PAGE; page++) {
        after = read_page(id, PAGE, after, &seen);
        put_transfer(other, id, kit_number(1, 999));
        put_transfer(other, id, kit_number(1, 999));
    }
    kit_expect_equal("what the pages show, one behind the other", kit_text(seen),
                     kit_text(expected));
    kit_because("the lesson: the next page begins where this one ended (keyset), not so many rows "
                "from the newest on (OFFSET)");
}
END_TEST

START_TEST(last_page_has_no_next)
{
    open_bank();
    const char *id = account(0), *other = account(0), *all = "";
    for (int i = 0; i < 4; i++)
        put_transfer(other, id, kit_number(1, 999));
    const char *after = read_page(id, 2, NULL, &all);
    kit_expect(after != NULL, "2 of 4 transfers are shown, and no line says next");
    kit_because("the lesson: when older transfers are left, the last line is next and where");
    after = read_page(id, 2, after, &all);
    kit_expect(after == NULL, "all 4 transfers are shown, and a line says next");
    kit_because("the lesson: the last page has no line next");
}
END_TEST

START_TEST(page_is_never_longer_than_100)
{
    open_bank();
    const char *id = account(0), *other = account(0), *all = "";
    kit_sql(holder,
            "INSERT INTO transfers (source, target, amount)"
            " SELECT $1::bigint, $2::bigint, n FROM generate_series(1, 103) AS n",
            other, id);
    const char *after = read_page(id, (unsigned)kit_number(1000, 99999), NULL, &all);
    size_t lines = 0;
    for (const char *c = all; *c != '\0'; c++)
        lines += *c == '\n';
    kit_expect(lines == 100 && after != NULL, "the page has %zu transfers, expected 100 and next",
               lines);
    kit_because("the lesson: a page has 100 at most, whatever the client asks for");
}
END_TEST

START_TEST(page_takes_few_statements)
{
    open_bank();
    const char *id = account(0);
    for (int i = 0; i < 8; i++)
        put_transfer(account(0), id, kit_number(1, 999));
    kit_sql_statements();
    struct kit_reply *reply = kit_get(server, "/accounts/%s/transfers", id);
    kit_expect_status(reply, 200);
    kit_because("the account has a history");
    size_t count = kit_sql_statements().count;
    kit_expect(count <= 8, "a page of 8 transfers took %zu statements, expected 8 at most", count);
    kit_because("the lesson: a JOIN brings the names too; a statement for each line makes a page "
                "slower with each line (N + 1)");
}
END_TEST

// ----------------------------------------------------------------

#define BANK_CHECK(step, test) KIT_CHECK(step, test, .services = "postgres")

void kit_checks(void)
{
    BANK_CHECK("connect", health_is_ok);
    BANK_CHECK("connect", health_is_503_without_a_database);
    BANK_CHECK("connect", tables_are_made);
    BANK_CHECK("connect", second_start_keeps_the_rows);
    BANK_CHECK("accounts", created_account_is_a_row);
    BANK_CHECK("accounts", account_is_read_from_the_database);
    BANK_CHECK("accounts", unknown_account_is_404);
    BANK_CHECK("accounts", accounts_of_an_owner_are_listed);
    BANK_CHECK("accounts", every_cent_is_kept);
    BANK_CHECK("transfer", transfer_moves_money);
    BANK_CHECK("transfer", unknown_target_moves_nothing);
    BANK_CHECK("transfer", half_a_transfer_is_never_seen);
    BANK_CHECK("constraints", overdraft_is_refused);
    BANK_CHECK("constraints", amount_that_is_none_is_refused);
    BANK_CHECK("constraints", amount_that_is_no_number_is_refused);
    BANK_CHECK("constraints", missing_field_is_refused);
    BANK_CHECK("constraints", transfer_to_oneself_is_refused);
    BANK_CHECK("constraints", full_account_is_refused);
    BANK_CHECK("constraints", database_refuses_wrong_accounts);
    BANK_CHECK("constraints", database_refuses_wrong_transfers);
    BANK_CHECK("parallel", last_cent_is_spent_once);
    BANK_CHECK("parallel", hundred_at_once_conserve_money);
    BANK_CHECK("parallel", others_do_not_wait);
    BANK_CHECK("deadlock", victim_of_a_deadlock_tries_again);
    BANK_CHECK("deadlock", transaction_is_tried_again_as_a_whole);
    BANK_CHECK("deadlock", refusal_is_not_tried_again);
    BANK_CHECK("deadlock", endless_misfortune_ends_with_503);
    BANK_CHECK("isolation", no_update_is_lost);
    BANK_CHECK("isolation", commit_that_fails_is_tried_again);
    BANK_CHECK("isolation", last_account_is_not_frozen);
    BANK_CHECK("isolation", two_at_once_leave_one_account);
    BANK_CHECK("isolation", audit_of_an_empty_bank);
    BANK_CHECK("isolation", audit_is_one_moment);
    BANK_CHECK("idempotency-key", retried_request_is_done_once);
    BANK_CHECK("idempotency-key", requests_without_a_key_are_all_done);
    BANK_CHECK("idempotency-key", key_for_something_else_is_422);
    BANK_CHECK("idempotency-key", one_key_twice_at_once_is_done_once);
    BANK_CHECK("idempotency-key", key_of_a_refused_request_is_free);
    BANK_CHECK("pool", no_more_connections_than_allowed);
    BANK_CHECK("pool", refused_requests_give_their_connection_back);
    BANK_CHECK("pool", no_transaction_is_left_open);
    BANK_CHECK("reconnect", ended_session_is_replaced);
    BANK_CHECK("reconnect", session_ended_in_the_middle_is_tried_again);
    BANK_CHECK("reconnect", lost_answer_of_commit_is_found_again);
    BANK_CHECK("reconnect", lost_answer_without_a_key_is_not_tried_again);
    BANK_CHECK("reconnect", cut_commit_is_not_promised);
    BANK_CHECK("reconnect", database_comes_back);
    BANK_CHECK("reconnect", load_and_ended_sessions_lose_nothing);
    BANK_CHECK("injection", owner_is_only_text);
    BANK_CHECK("injection", search_takes_no_sql);
    BANK_CHECK("injection", numbers_and_keys_take_no_sql);
    BANK_CHECK("history", newest_transfers_come_first);
    BANK_CHECK("history", pages_stay_whole_while_transfers_come);
    BANK_CHECK("history", last_page_has_no_next);
    BANK_CHECK("history", page_is_never_longer_than_100);
    BANK_CHECK("history", page_takes_few_statements);
}
