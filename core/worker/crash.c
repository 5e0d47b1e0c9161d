/* The last words of a child, and what its parent makes of its end. The handler calls only what is
 * safe in one: no allocation, no stdio. */
#include "worker/worker.h"

#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FRAMES_MAX = 48, STACK_BYTES = 128 << 10 };

static const char *signal_words(int number)
{
    static const struct {
        int number;
        const char *words;
    } known[] = {
        {SIGSEGV, "Segmentation fault"},   {SIGBUS, "Bus error"}, {SIGILL, "Illegal instruction"},
        {SIGFPE, "Arithmetic error"},      {SIGABRT, "Aborted"},  {SIGTRAP, "Trap"},
        {SIGSYS, "Forbidden system call"}, {SIGKILL, "Killed"},   {SIGTERM, "Terminated"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (known[i].number == number)
            return known[i].words;
    }
    return "another signal";
}

/* A line that is put together without any library. */
struct line {
    char text[200];
    size_t bytes;
};

static void add(struct line *line, const char *text)
{
    while (*text && line->bytes < sizeof(line->text))
        line->text[line->bytes++] = *text++;
}

static void add_number(struct line *line, uintptr_t value, unsigned base)
{
    char digits[24];
    size_t at = sizeof(digits);
    digits[--at] = '\0';
    do
        digits[--at] = "0123456789abcdef"[value % base];
    while ((value /= base) && at > 0);
    add(line, digits + at);
}

static void on_crash(int number, siginfo_t *info, void *context)
{
    void *frames[FRAMES_MAX];
    struct line line = {.bytes = 0};
    (void)context;
    add(&line, "crash: signal ");
    add_number(&line, (uintptr_t)number, 10);
    add(&line, " (");
    add(&line, signal_words(number));
    add(&line, ")");
    if (info->si_code > 0 &&
        (number == SIGSEGV || number == SIGBUS || number == SIGILL || number == SIGFPE)) {
        add(&line, " at address 0x");
        add_number(&line, (uintptr_t)info->si_addr, 16);
    }
    add(&line, "\n");
    if (write(STDERR_FILENO, line.text, line.bytes) > 0)
        backtrace_symbols_fd(frames, backtrace(frames, FRAMES_MAX), STDERR_FILENO);
    raise(number); /* its handler is the default one again: what killed it is told to the parent */
}

static void *new_stack(void)
{
    void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    return stack == MAP_FAILED ? NULL : stack;
}

/* An overflow of the usual stack can only be told on another. */
void crash_stack(void)
{
    stack_t stack = {.ss_sp = new_stack(), .ss_size = STACK_BYTES};
    if (stack.ss_sp && sigaltstack(&stack, NULL))
        munmap(stack.ss_sp, STACK_BYTES);
}

void crash_handlers(void)
{
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
    struct sigaction action = {.sa_sigaction = on_crash,
                               .sa_flags = (int)(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND)};
    void *frame[1];
    backtrace(frame, 1); /* loads what it needs while memory can still be had */
    crash_stack();
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        sigaction(numbers[i], &action, NULL);
}

void crash_sentence(int status, char *out, size_t bytes)
{
    if (WIFSIGNALED(status))
        snprintf(out, bytes, "killed by signal %d (%s)", WTERMSIG(status),
                 signal_words(WTERMSIG(status)));
    else if (WIFEXITED(status) && WEXITSTATUS(status))
        snprintf(out, bytes, "it ended with exit code %d", WEXITSTATUS(status));
    else
        snprintf(out, bytes, "it ended by itself");
}
