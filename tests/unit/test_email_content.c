/* Subject, text and HTML of notifications. */
#include "unit.h"

#include "content.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

static const char *const firing =
    "{'id':'n1','kind':'firing','time':1795000000000,'status':'firing','severity':'critical',"
    "'title':'Disk of <PC1> & more','text':'line 1\\nline 2','url':'http://d/#/alerts/1','alerts':["
    "{'rule':'disk','state':'firing','severity':'warning','summary':'A <b>bold</b> summary',"
    "'description':'91 %','value':91.256789,'unit':'%','threshold':'> 90 %',"
    "'since':1794999000000,'duration_ms':1000000,'labels':{'node':'PC1','severity':'warning',"
    "'alertname':'disk'},'acknowledged':{'by':'ann','comment':'on it'},'url':'http://d/#/a'},"
    "{'rule':'idle','state':'resolved','severity':'critical','value':0,'unit':'1'}]}";

/* Single quotes are double ones in these texts. */
static json_t *parse(const char *text)
{
    char *copy = strdup(text);
    for (char *c = copy; *c; c++)
        if (*c == '\'')
            *c = '"';
    json_t *json = json_loads(copy, 0, NULL);
    assert_non_null(json);
    free(copy);
    return json;
}

static void render(const char *const *texts, size_t count, enum content_language language,
                   struct content *out)
{
    struct content_style style = {.language = language, .zone = "UTC", .dashboard = "http://d"};
    json_t *list[30];
    for (size_t i = 0; i < count; i++)
        list[i] = parse(texts[i]);
    json_t *document = content_document((const json_t *const *)list, count, &style);
    char why[200];
    assert_int_equal(content_render(document, &style, out, why, sizeof why), 0);
    for (size_t i = 0; i < count; i++)
        json_decref(list[i]);
    json_decref(document);
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in: %s", part, text);
}

static void has_not(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("'%s' is in: %s", part, text);
}

static void a_problem_says_what_where_since_when_and_how_much(void **state)
{
    (void)state;
    struct content content;
    render(&firing, 1, CONTENT_ENGLISH, &content);
    assert_string_equal(content.subject, "[Critical] Disk of <PC1> & more");
    has(content.text, "Critical: Disk of <PC1> & more\n\nline 1\nline 2\n");
    has(content.text,
        "* A <b>bold</b> summary [Warning]\n  91 %\n  Value: 91.2568 % (Threshold: > 90 %)\n"
        "  Since: 2026-11-18 10:50 UTC\n  Lasted: 16 min 40 s\n"
        "  Acknowledged by ann: on it\n  Where: node=PC1\n  http://d/#/a\n");
    has(content.text, "* idle [Resolved]\n  Value: 0\n");
    has(content.text, "Open in the dashboard: http://d/#/alerts/1\n");
    has(content.html, "A &lt;b&gt;bold&lt;/b&gt; summary");
    has(content.html, "Disk of &lt;PC1&gt; &amp; more");
    has(content.html, "node=<b>PC1</b>");
    has(content.html, "prefers-color-scheme:dark");
    has(content.html, "#d92d20");
    has_not(content.html, "<img");
    has_not(content.html, "{{");
    has_not(content.html, "<script");
    content_fini(&content);
}

static void a_picture_stands_at_its_alert(void **state)
{
    (void)state;
    struct content_style style = {.language = CONTENT_ENGLISH, .zone = "UTC"};
    json_t *one = parse(firing);
    const json_t *list[] = {one};
    json_t *document = content_document(list, 1, &style);
    content_set_chart(document, 0, 0, "c1@example.org");
    content_set_chart(document, 7, 9, "nowhere");
    struct content content;
    char why[200];
    assert_int_equal(content_render(document, &style, &content, why, sizeof why), 0);
    has(content.html, "<img class=\"chart\" src=\"cid:c1@example.org\" alt=\"A &lt;b&gt;bold");
    has_not(content.html, "nowhere");
    content_fini(&content);
    json_decref(document);
    json_decref(one);
}

static void it_speaks_french(void **state)
{
    (void)state;
    struct content content;
    render(&firing, 1, CONTENT_FRENCH, &content);
    has(content.subject, "[Critique]");
    has(content.text, "Seuil");
    has(content.html, "Ouvrir dans le tableau de bord");
    has(content.html, "<html lang=\"fr\">");
    content_fini(&content);
}

static void kinds_show_in_the_subject(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{'kind':'resolved','status':'resolved','severity':'critical','title':'T'}",
         "[Resolved] T"},
        {"{'kind':'reminder','status':'firing','severity':'warning','title':'T'}",
         "[Warning, still firing] T"},
        {"{'kind':'test','status':'firing','severity':'info','title':'T'}", "[Test] T"},
        {"{'kind':'report','severity':'info','title':'T'}", "[Report] T"},
        {"{'severity':'warning','title':'[warning] T'}", "[Warning] T"},
        {"{'title':'T'}", "[Info] T"},
        {"{}", "[Info] "},
        {"{'severity':'odd','title':7,'alerts':7}", "[odd] "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct content content;
        render(&cases[i][0], 1, CONTENT_ENGLISH, &content);
        assert_string_equal(content.subject, cases[i][1]);
        content_fini(&content);
    }
}

static void a_report_brings_its_own_html_and_a_digest_has_all(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{'kind':'report','title':'Week','text':'plain words','html':'<h2>Labs</h2>'}",
        "{'kind':'firing','severity':'warning','title':'Two'}"};
    struct content content;
    render(texts, 2, CONTENT_ENGLISH, &content);
    assert_string_equal(content.subject, "[2 notifications] Report: Week, …");
    has(content.html, "<h2>Labs</h2>");
    has_not(content.html, "plain words");
    has(content.text, "plain words");
    has(content.html, "Two");
    content_fini(&content);
}

static void no_more_alerts_are_shown_than_a_person_reads(void **state)
{
    (void)state;
    char text[4000] = "{'title':'T','alerts':[";
    for (int i = 0; i < 50; i++)
        strncat(text, i ? ",{'summary':'one of many'}" : "{'summary':'one of many'}", 40);
    strncat(text, "]}", 3);
    const char *const texts[] = {text};
    struct content content;
    render(texts, 1, CONTENT_ENGLISH, &content);
    has(content.text, "+ 30 more are not shown here");
    size_t count = 0;
    for (const char *at = content.text; (at = strstr(at, "one of many")); at++)
        count++;
    assert_int_equal(count, CONTENT_ALERTS_MAX);
    content_fini(&content);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_problem_says_what_where_since_when_and_how_much),
        cmocka_unit_test(a_picture_stands_at_its_alert),
        cmocka_unit_test(it_speaks_french),
        cmocka_unit_test(kinds_show_in_the_subject),
        cmocka_unit_test(a_report_brings_its_own_html_and_a_digest_has_all),
        cmocka_unit_test(no_more_alerts_are_shown_than_a_person_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
