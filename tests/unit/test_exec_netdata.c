/* Netdata's external plugins: charts, dimensions, what is collected, what is asked. */
#include "exec_heard.h"
#include "unit.h"

static const struct dialect_options options = {.item = "x", .every_ms = 1000};

struct stream {
    const char *lines, *told;
};

static void try_all(const struct stream *streams, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct heard_text told;
        heard_open(&told, &dialect_netdata, options);
        heard_stream(&told, streams[i].lines, streams[i].told);
        heard_close(&told);
    }
}
#define TRY(streams) try_all(streams, sizeof(streams) / sizeof *(streams))

static void charts_give_titles_units_and_labels(void **state)
{
    (void)state;
    static const struct stream streams[] = {
        {"CHART apps.cpu '' \"Apps CPU Time\" 'percentage' cpu apps.ctx stacked 20001 1 '' plug "
         "mod\n"
         "DIMENSION other 'the other' absolute 1 100\nDIMENSION sys\n\n"
         "CLABEL '_collect_job' 'local' '1'\nCLABEL_COMMIT\n"
         "BEGIN apps.cpu 1000000\nSET other = 250\nSET 'sys'=7\nEND\n",
         "V apps.ctx/the other{chart=apps.cpu,family=cpu,module=mod,_collect_job=local} 2.5 "
         "[percentage] x0.01 every=1000 \"Apps CPU Time\"\n"
         "V apps.ctx/sys{chart=apps.cpu,family=cpu,module=mod,_collect_job=local} 7 [percentage] "
         "every=1000 \"Apps CPU Time\"\nT\n"},
        {"CHART a.b\nDIMENSION d\nBEGIN a.b\nSET d 0x1f\nEND 1700000000 500000\n",
         "V a.b/d{chart=a.b} 31 @1700000000500\nT\n"},
        {"CHART SLOT:3 a.b\nDIMENSION SLOT:1 d '' '' 3 0 'type=float'\nBEGIN SLOT:3 a.b 5\n"
         "SET SLOT:1 d = 1.5\nEND\nBEGIN a.b\nEND\n",
         "V a.b/d{chart=a.b} 4.5 x3\nT\nT\n"},
        {"CHART a.b\nDIMENSION d\nDIMENSION e\nBEGIN a.b\nSET d = -1.9\nSET e = \nEND\n",
         "V a.b/d{chart=a.b} -1\nT\n"},
        {"CHART a.b\nDIMENSION 'it\\'s d' \"\"\nBEGIN a.b\nSET 'it\\'s d' 1\nEND\n",
         "V a.b/it\\'s d{chart=a.b} 1\nT\n"},
    };
    TRY(streams);
}

static void algorithms_are_what_netdata_makes_of_them(void **state)
{
    (void)state;
    struct heard_text told;
    heard_open(&told, &dialect_netdata, options);
    heard_stream(&told,
                 "CHART a.b\nDIMENSION out '' incremental -8 2\nDIMENSION p '' "
                 "percentage-of-absolute-row\nDIMENSION q '' percentage-of-absolute-row\n"
                 "DIMENSION r '' percentage-of-incremental-row\nDIMENSION s '' "
                 "percentage-of-incremental-row\nDIMENSION odd '' sometimes\n",
                 "");
    heard_stream(&told,
                 "BEGIN a.b\nSET out 4294967290\nSET p 1\nSET q 3\nSET r 10\nSET s 20\nSET odd 1\n"
                 "END\n",
                 "V a.b/out{chart=a.b} 17179869160 counter x4\nV a.b/p{chart=a.b} 25\n"
                 "V a.b/q{chart=a.b} 75\nV a.b/r{chart=a.b} nan\nV a.b/s{chart=a.b} nan\n"
                 "V a.b/odd{chart=a.b} 1\nT\n");
    told.now_ms += 1000;
    heard_stream(&told, "BEGIN a.b\nSET out 4\nSET p 0\nSET q 0\nSET r 11\nSET s 23\nEND\n",
                 "V a.b/out{chart=a.b} 17179869200 counter x4\nV a.b/p{chart=a.b} 0\n"
                 "V a.b/q{chart=a.b} 0\nV a.b/r{chart=a.b} 25\nV a.b/s{chart=a.b} 75\nT\n");
    told.now_ms += 1000;
    heard_stream(&told, "BEGIN a.b\nSET out 9\nSET r 5\nSET s 24\nEND\n",
                 "V a.b/out{chart=a.b} 17179869220 counter x4\nV a.b/r{chart=a.b} 0\n"
                 "V a.b/s{chart=a.b} 100\nT\n");
    heard_close(&told);
}

static void it_was_measured_when_it_says_and_not_when_it_was_heard(void **state)
{
    (void)state;
    struct heard_text told;
    heard_open(&told, &dialect_netdata, options);
    heard_stream(&told, "CHART a.b '' '' '' '' '' '' '' 10\nDIMENSION d '' incremental\n", "");
    heard_stream(&told, "BEGIN a.b\nSET d 0\nEND\n",
                 "V a.b/d{chart=a.b} 0 counter every=10000\nT\n");
    told.now_ms += 10900; /* printed late */
    heard_stream(&told, "BEGIN a.b 10000400\nSET d 30001\nEND\n",
                 "V a.b/d{chart=a.b} 30001 counter @1010000 every=10000\nT\n");
    told.now_ms += 9200; /* the parts of a ms are not lost */
    heard_stream(&told, "BEGIN a.b 9999600\nSET d 60000\nEND\n",
                 "V a.b/d{chart=a.b} 60000 counter @1020000 every=10000\nT\n");
    told.now_ms += 9000; /* never ahead of now */
    heard_stream(&told, "BEGIN a.b 10000000\nSET d 87000\nEND\n",
                 "V a.b/d{chart=a.b} 87000 counter every=10000\nT\n");
    told.now_ms += 31000; /* nor far behind: its clock is another */
    heard_stream(&told, "BEGIN a.b 10000000\nSET d 90000\nEND\n",
                 "V a.b/d{chart=a.b} 90000 counter every=10000\nT\n");
    told.now_ms += 500;
    heard_stream(&told, "BEGIN a.b many\nSET d 90001\nEND\n",
                 "V a.b/d{chart=a.b} 90001 counter every=10000\nT\n");
    heard_close(&told);
}

static void what_is_obsolete_or_renamed_is_gone(void **state)
{
    (void)state;
    static const struct stream streams[] = {
        {"CHART a.b\nDIMENSION d\nDIMENSION e\nBEGIN a.b\nSET d 1\nEND\n"
         "CHART a.b '' '' '' '' '' '' '' '' obsolete\nDIMENSION d\nCLABEL a b 1\nCLABEL_COMMIT\n"
         "BEGIN a.b\n",
         "V a.b/d{chart=a.b} 1\nT\nG a.b/d{chart=a.b}\n"
         "E 11:7 BEGIN: there is no CHART of this name\n"},
        {"CHART a.b\nDIMENSION d\nDIMENSION e\nBEGIN a.b\nSET d 1\nSET e 2\nEND\n"
         "DIMENSION d '' '' 1 1 'hidden obsolete'\nBEGIN a.b\nSET e 2\nSET d 1\nEND\n",
         "V a.b/d{chart=a.b} 1\nV a.b/e{chart=a.b} 2\nT\nG a.b/d{chart=a.b}\n"
         "E 11:5 SET: the chart has no such dimension\nV a.b/e{chart=a.b} 2\nT\n"},
        {"CHART a.b\nDIMENSION d\nBEGIN a.b\nSET d 1\nEND\nCHART a.b '' t\nDIMENSION d\n"
         "CHART a.b '' t u f c\nDIMENSION d\nBEGIN a.b\nSET d 1\nEND\nDIMENSION d n\n",
         "V a.b/d{chart=a.b} 1\nT\nG a.b/d{chart=a.b}\nV c/d{chart=a.b,family=f} 1 [u] \"t\"\nT\n"
         "G c/d{chart=a.b,family=f}\n"},
        {"CHART a.b\nDIMENSION d\nBEGIN a.b\nSET d 1\nEND\nCLABEL k v 1\nCLABEL_COMMIT\n"
         "CLABEL k v 1\nCLABEL_COMMIT\nBEGIN a.b\nSET d 1\nEND\nCLABEL_COMMIT\n",
         "V a.b/d{chart=a.b} 1\nT\nG a.b/d{chart=a.b}\nV a.b/d{chart=a.b,k=v} 1\nT\n"
         "G a.b/d{chart=a.b,k=v}\n"},
    };
    TRY(streams);
}

static void virtual_hosts_are_a_label(void **state)
{
    (void)state;
    static const struct stream streams[] = {
        {"HOST_DEFINE 12345678-1234-1234-1234-1234567890aB node1\nHOST_LABEL k v\n"
         "HOST_DEFINE_END\nHOST 12345678-1234-1234-1234-1234567890AB\nCHART a.b\nDIMENSION d\n"
         "BEGIN a.b\nSET d 1\nEND\nVARIABLE HOST x = 2\nHOST localhost\nBEGIN a.b\nCHART a.b\n"
         "DIMENSION d\nBEGIN a.b\nSET d 3\nEND\n",
         "V a.b/d{chart=a.b,host=node1} 1\nT\nV netdata.variable/x{host=node1} 2\n"
         "E 12:7 BEGIN: there is no CHART of this name\nV a.b/d{chart=a.b} 3\nT\n"},
        {"HOST 12345678-1234-1234-1234-1234567890ab\nCHART a.b\nDIMENSION d\nBEGIN a.b\nSET d 1\n"
         "END\nHOST_DEFINE x y\nHOST_LABEL a b\n",
         "E 1:6 HOST: there is no HOST_DEFINE of this UUID\n"
         "E 7:13 HOST_DEFINE: a UUID and a name are wanted\n"
         "E 8:12 HOST_LABEL: no HOST_DEFINE before it\n"},
    };
    TRY(streams);
}

static void variables_are_values_and_wishes_are_passed_on(void **state)
{
    (void)state;
    static const struct stream streams[] = {
        {"VARIABLE fdperc = 0\nCHART a.b\nVARIABLE v = 1.5\nVARIABLE GLOBAL g nan\n"
         "VARIABLE CHART c 3\nVARIABLE empty =\nVARIABLE bad = x\n",
         "V netdata.variable/fdperc 0\nV netdata.variable/v{chart=a.b} 1.5\n"
         "V netdata.variable/g nan\nV netdata.variable/c{chart=a.b} 3\n"
         "E 6:10 VARIABLE: a variable without a value\nE 7:10 VARIABLE: the value is no number\n"},
        {"PLUGIN_KEEPALIVE\nDISABLE\nnonsense\n", "W alive\nW disable\n"},
        {"EXIT\nnonsense\n", "W exit\n"},
    };
    TRY(streams);
}

static void what_netdata_alone_needs_is_read_over(void **state)
{
    (void)state;
    static const struct stream streams[] = {
        {"FUNCTION \"processes\" 10 \"help\"\nFUNCTION_RESULT_BEGIN 1 200 text/plain 5\n"
         "DISABLE\nwhatever it is\nFUNCTION_RESULT_END\nCONFIG x create\nTRUST_DURATIONS 1\n"
         "DYNCFG_RESET\nLABEL a 1 b c\nOVERWRITE labels\nPLUGIN_KEEPALIVE\n",
         "W alive\n"},
    };
    TRY(streams);
}

static void mistakes_say_where_and_cost_a_line(void **state)
{
    (void)state;
    static const struct stream streams[] = {
        {"hello world\nCHART ab\nCHART .b\nDIMENSION d\nSET d 1\nEND\nBEGIN x.y\nCLABEL a b 1\n",
         "E 1:1 \"hello\" is no keyword of Netdata's plugins\nE 2:7 CHART: the chart's name is "
         "type.id\nE 3:7 CHART: the chart's name is type.id\nE 4:11 DIMENSION: no CHART before it\n"
         "E 5:5 SET: outside of BEGIN and END\nE 6:1 END: without BEGIN\n"
         "E 7:7 BEGIN: there is no CHART of this name\nE 8:8 CLABEL: no CHART before it\n"},
        {"CHART a.b\nDIMENSION\nDIMENSION d '' '' two\nCLABEL a b\nCLABEL_COMMIT\nBEGIN a.b\n"
         "SET nope 1\nSET d = one\nSET d 2\nBEGIN a.b\nSET d 5\nFLUSH\nEND\nBEGIN a.b\nSET d 6\n"
         "END yesterday\n",
         "E 2:1 DIMENSION: a dimension has a name\n"
         "E 3:19 DIMENSION: a multiplier or divisor is a whole number\n"
         "E 4:8 CLABEL: name, value and source are wanted\n"
         "E 5:1 CLABEL_COMMIT: no CLABEL before it\n"
         "E 7:5 SET: the chart has no such dimension\nE 8:9 SET: the value is no number\n"
         "E 10:7 BEGIN: the chart before has no END, and what was SET of it is lost\n"
         "E 13:1 END: without BEGIN\nE 16:5 END: the time is no seconds and microseconds\n"
         "V a.b/d{chart=a.b} 6\nT\n"},
    };
    TRY(streams);
}

static void a_new_run_begins_with_nothing(void **state)
{
    (void)state;
    struct heard_text told;
    heard_open(&told, &dialect_netdata, options);
    heard_expect(&told, 0, "CHART a.b\nDIMENSION d\nDISABLE\n", 1, "W disable\n");
    heard_expect(&told, 0, "BEGIN a.b\n", 0, "E 1:7 BEGIN: there is no CHART of this name\n");
    heard_close(&told);
}

static void what_it_remembers_is_bounded(void **state)
{
    (void)state;
    struct heard_text told;
    char line[64];
    heard_open(&told, &dialect_netdata, options);
    for (int i = 0; i < 5100; i++) {
        snprintf(line, sizeof line, "CHART a.b%d\n", i);
        heard_lines(&told, 0, line);
    }
    assert_int_equal(told.errors, 1);
    heard_lines(&told, 0, "CHART a.b0\n");
    for (int i = 0; i < 2100; i++) {
        snprintf(line, sizeof line, "DIMENSION d%d\n", i);
        heard_lines(&told, 0, line);
    }
    assert_int_equal(told.errors, 2);
    heard_end(&told, 0, 0);
    assert_int_equal(told.errors, 3);
    heard_close(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(charts_give_titles_units_and_labels),
        cmocka_unit_test(algorithms_are_what_netdata_makes_of_them),
        cmocka_unit_test(it_was_measured_when_it_says_and_not_when_it_was_heard),
        cmocka_unit_test(what_is_obsolete_or_renamed_is_gone),
        cmocka_unit_test(virtual_hosts_are_a_label),
        cmocka_unit_test(variables_are_values_and_wishes_are_passed_on),
        cmocka_unit_test(what_netdata_alone_needs_is_read_over),
        cmocka_unit_test(mistakes_say_where_and_cost_a_line),
        cmocka_unit_test(a_new_run_begins_with_nothing),
        cmocka_unit_test(what_it_remembers_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
