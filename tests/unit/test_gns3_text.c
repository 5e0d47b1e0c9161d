/* The gns3 plugin's text and its splitter of lists. */
#include "unit.h"

#include "gns3/scan.h"
#include "gns3/text.h"
#include "gns3_lab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Elements of the list as the splitter sees them; -1: it is none. */
static int split(const char *text, size_t bytes, json_t *into)
{
    struct scan scan;
    if (scan_begin(&scan, text, bytes) < 0)
        return -1;
    const char *element;
    size_t length;
    int more, count = 0;
    while ((more = scan_next(&scan, &element, &length)) == 1) {
        count++;
        if (into)
            json_array_append_new(into, json_loadb(element, length, JSON_DECODE_ANY, NULL));
    }
    return more < 0 ? -1 : count;
}

static void recorded_lists_are_split_as_a_parser_sees_them(void **state)
{
    (void)state;
    static const char *const names[] = {
        "22/054_nodes_stopped.json", "22/055_links.json",
        "22/030_projects.json",      "22/007_templates.json",
        "30/067_nodes_stopped.json", "30/068_links.json",
        "30/020_templates.json",     "30/049_project_stats_empty.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *text = lab_recording(names[i]);
        if (!text) {
            print_message("the recordings of GNS3 are not there (GNSWATCH_RECORDINGS)\n");
            skip();
        }
        json_t *whole = json_loads(text, 0, NULL), *parts = json_array();
        int count = split(text, strlen(text), parts);
        if (json_is_array(whole)) {
            assert_int_equal(count, json_array_size(whole));
            assert_true(json_equal(whole, parts));
        } else {
            assert_int_equal(count, -1);
        }
        json_decref(whole);
        json_decref(parts);
        free(text);
    }
}

static void a_list_cut_anywhere_is_no_list(void **state)
{
    (void)state;
    static const char list[] = "[{\"a\":\"x]},[\\\"\"}, [1,{\"b\":[]}] , \"\\\\\" , 12,null ]";
    assert_int_equal(split(list, strlen(list), NULL), 5);
    for (size_t cut = 0; cut < strlen(list); cut++)
        assert_int_equal(split(list, cut, NULL), -1);
}

static void what_is_no_list_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",     "{}",  "[",    "[,]", "[1,]",   "[1 2]]",  "null",
                                        "[1]x", "[}]", "[\"]", "[[]", "<html>", "[1],[2]", "]"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(split(texts[i], strlen(texts[i]), NULL), -1);
    assert_int_equal(split(" [ ] ", 5, NULL), 0);
    assert_int_equal(split("[[[[]]]]", 8, NULL), 1);
}

static void documents_read_as_jansson_writes_them(void **state)
{
    (void)state;
    struct text text = {0};
    text_open(&text, NULL, '{');
    text_string_member(&text, "plain", "PC1");
    text_string_member(&text, "odd", "a\"b\\c/d\n\t\x01 – ü\x7f");
    text_string_member(&text, "none", NULL);
    text_int_member(&text, "big", 9007199254740993);
    text_number_member(&text, "whole", -200);
    text_number_member(&text, "part", 1.5);
    text_bool_member(&text, "yes", true);
    text_json_member(&text, "raw", "{\"k\":[10,2]}");
    text_open(&text, "list", '[');
    text_int_member(&text, NULL, 1);
    text_open(&text, NULL, '{');
    text_close(&text, '}');
    text_close(&text, ']');
    text_close(&text, '}');
    json_t *json = json_loads(text_string(&text), 0, NULL);
    assert_non_null(json);
    char *again = json_dumps(json, JSON_COMPACT);
    assert_string_equal(again, text_string(&text));
    free(again);
    json_decref(json);
    text_fini(&text);
}

static void a_text_beyond_its_limit_says_so(void **state)
{
    (void)state;
    struct text text = {0};
    char *part = calloc(1, TEXT_MAX + 1);
    assert_non_null(part);
    memset(part, 'x', TEXT_MAX);
    text_puts(&text, part);
    assert_null(text_string(&text));
    text_clear(&text);
    text_puts(&text, "short");
    assert_string_equal(text_string(&text), "short");
    text_fini(&text);
    free(part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_lists_are_split_as_a_parser_sees_them),
        cmocka_unit_test(a_list_cut_anywhere_is_no_list),
        cmocka_unit_test(what_is_no_list_is_refused),
        cmocka_unit_test(documents_read_as_jansson_writes_them),
        cmocka_unit_test(a_text_beyond_its_limit_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
