/* The chart program may hang, fail, or flood: the mail goes on. */
#include "unit.h"

#include "picture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct world {
    char dir[64], program[80];
};

static void begin(struct world *w, const char *script)
{
    *w = (struct world){.dir = "/tmp/gnswatch-picture-XXXXXX"};
    assert_non_null(mkdtemp(w->dir));
    snprintf(w->program, sizeof w->program, "%s/chart", w->dir);
    FILE *file = fopen(w->program, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", script);
    fclose(file);
    assert_int_equal(chmod(w->program, 0700), 0);
}

static void end(struct world *w)
{
    unlink(w->program);
    rmdir(w->dir);
}

static int make(const char *script, const char *input, int64_t deadline_ms, size_t *bytes)
{
    struct world w;
    void *png = NULL;
    begin(&w, script);
    int error = picture_make(w.program, input, deadline_ms, &png, bytes);
    assert_true((error == 0) == (png != NULL));
    free(png);
    end(&w);
    return error;
}

static void what_it_draws_comes_back_whole(void **state)
{
    (void)state;
    size_t bytes = 0;
    assert_int_equal(make("printf '\\211PNG\\r\\n\\032\\n'; cat", "{}", 10000, &bytes), 0);
    assert_int_equal(bytes, 10);
    char *large = malloc(1 << 20);
    assert_non_null(large);
    memset(large, 'x', (1 << 20) - 1);
    large[(1 << 20) - 1] = '\0';
    assert_int_equal(make("printf '\\211PNG\\r\\n\\032\\n'; cat", large, 10000, &bytes), 0);
    assert_int_equal(bytes, 8 + (1 << 20) - 1);
    assert_int_equal(make("exec >&-; cat > /dev/null", large, 10000, &bytes), -EIO);
    free(large);
}

static void who_hangs_is_killed_with_all_its_children(void **state)
{
    (void)state;
    size_t bytes;
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    assert_int_equal(make("sleep 60 & sleep 60", "{}", 200, &bytes), -ETIMEDOUT);
    assert_int_equal(make("exec >&-; sleep 60", "{}", 200, &bytes), -EIO);
    clock_gettime(CLOCK_MONOTONIC, &to);
    assert_true(to.tv_sec - from.tv_sec < 20);
}

static void who_fails_or_floods_draws_nothing(void **state)
{
    (void)state;
    size_t bytes;
    assert_int_equal(make("exit 1", "{}", 10000, &bytes), -EIO);
    assert_int_equal(make("printf '\\211PNG\\r\\n\\032\\n'; exit 3", "{}", 10000, &bytes), -EIO);
    assert_int_equal(make("echo no picture at all", "{}", 10000, &bytes), -EIO);
    assert_int_equal(make("kill -9 $$", "{}", 10000, &bytes), -EIO);
    assert_int_equal(make("yes", "{}", 10000, &bytes), -EMSGSIZE);
    void *png;
    assert_int_equal(picture_make("/nowhere/chart", "{}", 1000, &png, &bytes), -ENOENT);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN); /* as in the worker's thread */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_draws_comes_back_whole),
        cmocka_unit_test(who_hangs_is_killed_with_all_its_children),
        cmocka_unit_test(who_fails_or_floods_draws_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
