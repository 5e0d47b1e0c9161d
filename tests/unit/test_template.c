/* Templates: what Mustache says, the formatters, and what is said of mistakes. */
#include <gnswatch/template.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

struct example {
    const char *text, *json, *result;
};

static void expect(const struct example *e, enum gw_escape escape)
{
    char why[300] = "";
    const struct gw_template_options options = {
        .size = sizeof(options), .escape = escape, .zone = "Europe/Paris"};
    char *result = gw_template_render(e->text, e->json, &options, why, sizeof(why));
    if (!result || strcmp(result, e->result) != 0)
        fail_msg("%s\n is: %s\n not: %s\n%s", e->text, result ? result : "NULL", e->result, why);
    free(result);
}

static void expect_all(const struct example *examples, enum gw_escape escape)
{
    for (; examples->text; examples++)
        expect(examples, escape);
}

static void names_are_found_from_the_inside_out(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"Hi {{name}}!", "{\"name\":\"Ann\"}", "Hi Ann!"},
        {"{{ a.b.c }}", "{\"a\":{\"b\":{\"c\":3}}}", "3"},
        {"{{a.b}}|{{none}}|{{a.b.c.d}}", "{\"a\":{}}", "||"},
        {"{{#a}}{{x}}{{y}}{{/a}}", "{\"a\":{\"x\":1},\"x\":0,\"y\":2}", "12"},
        {"{{#a}}{{b.x}}{{/a}}", "{\"a\":{\"b\":{}},\"b\":{\"x\":1}}", ""}, /* the inner b counts */
        {"{{n}} {{f}} {{t}} {{z}}", "{\"n\":-5,\"f\":1.25,\"t\":true,\"z\":null}", "-5 1.25 true "},
        {"{{l}}", "{\"l\":[1,\"a\"]}", "[1,\"a\"]"},
        {"{{.}}", "\"text\"", "text"},
        {"", "{}", ""},
        {"no gap, { or } alone, }}", "{}", "no gap, { or } alone, }}"},
        {0},
    };
    expect_all(examples, GW_ESCAPE_NONE);
}

static void sections_repeat_or_are_left_out(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"{{#l}}<{{.}}>{{/l}}", "{\"l\":[1,2,\"c\"]}", "<1><2><c>"},
        {"{{#l}}{{a}},{{/l}}", "{\"l\":[{\"a\":1},{\"a\":2}]}", "1,2,"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":true}", "yes"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":false}", "no"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":[]}", "no"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":null}", "no"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":\"\"}", "no"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":{}}", "no"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":0}", "yes"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{}", "no"},
        {"{{#a}}{{#b}}{{.}}{{/b}};{{/a}}", "{\"a\":[{\"b\":[1,2]},{\"b\":[3]}]}", "12;3;"},
        {"{{#a}}{{#.}}{{.}}{{/.}};{{/a}}", "{\"a\":[[1,2],[3]]}", "12;3;"},
        {"{{#a}}{{b}}{{/a}}{{b}}", "{\"a\":\"x\",\"b\":1}", "11"},
        {"a{{! no\n matter }}b", "{}", "ab"},
        {0},
    };
    expect_all(examples, GW_ESCAPE_NONE);
}

/* The module "standalone" of Mustache's own specification, in other words. */
static void a_tag_alone_on_its_line_takes_the_line_with_it(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"one\n{{#a}}\ntwo\n{{/a}}\nthree\n", "{\"a\":true}", "one\ntwo\nthree\n"},
        {"one\n  {{^a}}  \r\ntwo\r\n\t{{/a}}\nthree", "{}", "one\ntwo\r\nthree"},
        {"{{#a}}\nx{{/a}}", "{\"a\":true}", "x"},
        {"{{#a}}\n{{.}}\n{{/a}}\n", "{\"a\":[1,2]}", "1\n2\n"},
        {"x\n{{! remark }}\ny", "{}", "x\ny"},
        {"x\n  {{! a\n b }}\ny", "{}", "x\ny"},
        {"x {{! remark }}\ny", "{}", "x \ny"},
        {" {{#a}} x {{/a}} \n", "{\"a\":true}", "  x  \n"},
        {"{{#a}}{{/a}}\nx", "{}", "\nx"}, /* two on one line are not alone */
        {"  {{a}}\n", "{}", "  \n"},      /* values keep their lines */
        {0},
    };
    expect_all(examples, GW_ESCAPE_NONE);
}

static void values_are_escaped_for_where_they_go(void **state)
{
    (void)state;
    static const struct example html[] = {
        {"{{a}} {{{a}}} {{&a}}", "{\"a\":\"<b>&\\\"'\"}",
         "&lt;b&gt;&amp;&quot;&#39; <b>&\"' <b>&\"'"},
        {"<i>{{a|upper}}</i>", "{\"a\":\"<é>\"}", "<i>&lt;é&gt;</i>"},
        {0},
    };
    static const struct example json[] = {
        {"\"{{a}}\"", "{\"a\":\"x\\\"\\n\\\\\"}", "\"x\\\"\\n\\\\\""},
        {"{{{a|json}}}", "{\"a\":{\"k\":[1,\"é\"]}}", "{\"k\":[1,\"é\"]}"},
        {"{{{a|json}}} {{{b|json}}}", "{\"a\":\"x\"}", "\"x\" null"},
        {0},
    };
    expect_all(html, GW_ESCAPE_HTML);
    expect_all(json, GW_ESCAPE_JSON);
}

static void formatters_write_values_for_people(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"{{a|number}}", "{\"a\":1500}", "1.5k"},
        {"{{a|number}}", "{\"a\":999}", "999"},
        {"{{a|number}}", "{\"a\":999.7}", "1k"},
        {"{{a|number}}", "{\"a\":-12345678}", "-12.3M"},
        {"{{a|number}}", "{\"a\":0.012345}", "0.0123"},
        {"{{a|number}}", "{\"a\":0}", "0"},
        {"{{a|number}}", "{\"a\":\"many\"}", "many"},
        {"{{a|duration}}", "{\"a\":200000}", "3 min 20 s"},
        {"{{a|duration}}", "{\"a\":0}", "0 ms"},
        {"{{a|duration}}", "{\"a\":350}", "350 ms"},
        {"{{a|duration}}", "{\"a\":1500}", "1.5 s"},
        {"{{a|duration}}", "{\"a\":9960}", "10 s"},
        {"{{a|duration}}", "{\"a\":59499}", "59 s"},
        {"{{a|duration}}", "{\"a\":59600}", "1 min"},
        {"{{a|duration}}", "{\"a\":119700}", "2 min"},
        {"{{a|duration}}", "{\"a\":3599900}", "1 h"},
        {"{{a|duration}}", "{\"a\":3900000}", "1 h 5 min"},
        {"{{a|duration}}", "{\"a\":-183600000}", "-2 d 3 h"},
        {"{{a|time}}", "{\"a\":1795439100000}", "2026-11-23 14:05 CET"},
        {"{{a|time}}", "{\"a\":\"soon\"}", "soon"},
        {"{{a|rfc3339}}", "{\"a\":1795439100000}", "2026-11-23T13:05:00Z"},
        {"{{a|rfc3339}}", "{\"a\":-1}", "1969-12-31T23:59:59.999Z"},
        {"{{a|rfc3339}}", "{\"a\":1e300}", "275760-09-13T00:00:00Z"},
        {"{{a | upper }}", "{\"a\":\"abcé\"}", "ABCé"},
        {"{{a|line}}", "{\"a\":\"x\\r\\n\\ny\\rz\"}", "x y z"},
        {"{{a|url}}", "{\"a\":\"a b/é~\"}", "a%20b%2F%C3%A9~"},
        {"{{a|default:none at all}}{{b|default:x}}", "{\"b\":\"\"}", "none at allx"},
        {"{{a|default:}}", "{}", ""},
        {"{{a|number|default:?}}", "{\"a\":2000}", "2k"},
        {"{{a|line|upper|url}}", "{\"a\":\"x\\ny\"}", "X%20Y"},
        {"{{a|upper}}", "{}", ""},
        {0},
    };
    expect_all(examples, GW_ESCAPE_NONE);
}

static void what_is_wrong_is_said_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } wrong[] = {
        {"a\n\n{{#a}}x{{/b}}", "line 3: {{/b}} closes {{#a}}"},
        {"{{^a}}\n{{/b}}", "line 2: {{/b}} closes {{^a}}"},
        {"x\n{{/b}}", "line 2: {{/b}} closes nothing"},
        {"\n{{#a}}\n{{#b}}{{/b}}", "line 2: {{#a}} is never closed"},
        {"x {{name", "line 1: {{ is never closed by }}"},
        {"\nx {{{name}}", "line 2: {{{ is never closed by }}}"},
        {"{{}}", "line 1: a name is missing"},
        {"{{# }}", "line 1: a name is missing"},
        {"{{a b}}", "line 1: 'a b' is no name"},
        {"{{a..b}}", "line 1: 'a..b' is no name"},
        {"{{.a}}", "line 1: '.a' is no name"},
        {"{{#a|upper}}{{/a}}", "line 1: a section has no formatter"},
        {"{{> other}}", "line 1: {{> is not known here: there are no partials"},
        {"{{=<% %>=}}", "line 1: {{= is not known here: the signs are always {{ }}"},
        {"\n{{a|upcase}}", "line 2: there is no formatter 'upcase'; there are number, duration, "
                           "time, rfc3339, upper, line, json, url and default:TEXT"},
        {"{{a|default}}", "line 1: default needs a text behind a colon, as in default:none"},
        {"{{a|upper:x}}", "line 1: upper takes nothing behind a colon"},
        {"{{a|line|line|line|line|line|line|line|line|line}}", "line 1: more than 8 formatters"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        char why[300] = "";
        assert_int_equal(gw_template_check(wrong[i].text, why, sizeof(why)), -EINVAL);
        assert_string_equal(why, wrong[i].why);
        assert_null(gw_template_render(wrong[i].text, "{}", NULL, why, sizeof(why)));
        assert_string_equal(why, wrong[i].why);
        assert_int_equal(gw_template_check(wrong[i].text, NULL, 0), -EINVAL);
    }
    char why[100] = "old";
    assert_int_equal(gw_template_check("{{#a}}{{a|upper}}{{/a}}", why, sizeof(why)), 0);
    assert_string_equal(why, "");
    assert_null(gw_template_render("x", "{", NULL, why, sizeof(why)));
    assert_non_null(strstr(why, "the document is no JSON: "));
}

static void texts_depth_and_work_have_bounds(void **state)
{
    (void)state;
    char why[200], text[33 * 14 + 1] = "";
    for (int i = 0; i < 33; i++)
        memcpy(text + i * 6, "{{#a}}", 7);
    assert_int_equal(gw_template_check(text, why, sizeof(why)), -EINVAL);
    assert_string_equal(why, "line 1: sections are more than 32 deep");
    const struct gw_template_options options = {
        .size = sizeof(options), .escape = GW_ESCAPE_HTML, .bytes_max = 10};
    char *result = gw_template_render("{{a}}", "{\"a\":\"1234567890\"}", &options, why, 200);
    assert_string_equal(result, "1234567890");
    free(result);
    assert_null(gw_template_render("{{a}}", "{\"a\":\"12345678<\"}", &options, why, sizeof(why)));
    assert_string_equal(why, "the text is longer than 10 bytes");
    /* 10^8 rounds that write nothing */
    const char *deep = "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{z}}{{/a}}{{/a}}{{/a}}"
                       "{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}";
    assert_null(gw_template_render(deep, "{\"a\":[1,2,3,4,5,6,7,8,9,0]}", NULL, why, 200));
    assert_string_equal(why, "lists within lists repeat it too often");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_from_the_inside_out),
        cmocka_unit_test(sections_repeat_or_are_left_out),
        cmocka_unit_test(a_tag_alone_on_its_line_takes_the_line_with_it),
        cmocka_unit_test(values_are_escaped_for_where_they_go),
        cmocka_unit_test(formatters_write_values_for_people),
        cmocka_unit_test(what_is_wrong_is_said_with_its_line),
        cmocka_unit_test(texts_depth_and_work_have_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
