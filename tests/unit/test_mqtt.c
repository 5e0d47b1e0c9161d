/* The plugin in its host, with a broker that the test plays: alerts, what Home Assistant is told of
 * them, outages, and commands by message. */
#include "unit.h"

#include "mqtt_broker.h"

#include <errno.h>
#include <gnswatch/testing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct gw_descriptor gnswatch_plugin;

struct world {
    struct mqtt_broker *broker;
    struct gwt *test;
};

static struct world begin(const char *more)
{
    char yaml[600];
    struct world world = {.broker = mqtt_broker_new()};
    snprintf(yaml, sizeof yaml,
             "host: 127.0.0.1\nport: %d\nversion: 3.1.1\nkeepalive: 1h\ntimeout: 2m\n%s",
             mqtt_broker_port(world.broker), more);
    world.test = gwt_new(&gnswatch_plugin, yaml, 0);
    assert_non_null(world.test);
    return world;
}

static void end(struct world *world)
{
    gwt_stop(world->test);
    gwt_free(world->test);
    mqtt_broker_free(world->broker);
}

/* ---- Waiting for what the broker has ---- */

struct wish {
    struct mqtt_broker *broker;
    const char *topic, *part;
};

static bool has_it(void *data)
{
    const struct wish *wish = data;
    const char *last = mqtt_broker_last(wish->broker, wish->topic);
    return last && (*wish->part ? strstr(last, wish->part) != NULL : !*last);
}

/* The newest message of a topic holds `part`; "": it is empty. */
static void expect(struct world *world, const char *topic, const char *part)
{
    struct wish wish = {world->broker, topic, part};
    if (!gwt_run_until(world->test, has_it, &wish, 60000))
        fail_msg("'%s' has '%s', not '%s'", topic, mqtt_broker_last(world->broker, topic), part);
}

static const char *alert(const char *state, const char *severity)
{
    static char text[300];
    snprintf(text, sizeof text,
             "{\"rule\":\"r\",\"state\":\"%s\",\"severity\":\"%s\",\"labels\":{\"server\":\"lab\","
             "\"project\":\"net\"},\"summary\":\"s\",\"since\":1}",
             state, severity);
    return text;
}

/* ---- Tests ---- */

static void an_alert_is_retained_while_it_is_open(void **state)
{
    (void)state;
    struct world world = begin("");
    assert_int_equal(gwt_start(world.test), 0);
    expect(&world, "gnswatch/status", "online");
    gwt_put(world.test, "alert.alert", "a/1", alert("pending", "warning"));
    expect(&world, "gnswatch/alerts/a%2F1", "\"pending\"");
    gwt_put(world.test, "alert.alert", "a/1", alert("firing", "critical"));
    expect(&world, "gnswatch/alerts/a%2F1", "\"critical\"");
    gwt_put(world.test, "alert.alert", "a/1", alert("resolved", "critical"));
    expect(&world, "gnswatch/alerts/a%2F1", "");
    gwt_put(world.test, "alert.alert", "a2", alert("firing", "warning"));
    expect(&world, "gnswatch/alerts/a2", "\"firing\"");
    gwt_delete(world.test, "alert.alert", "a2");
    expect(&world, "gnswatch/alerts/a2", "");
    end(&world);
}

static void home_assistant_sees_problems_of_projects(void **state)
{
    (void)state;
    struct world world = begin("discovery: yes\n");
    gwt_put(world.test, "gns3.project", "p1",
            "{\"server\":\"lab\",\"name\":\"net\",\"status\":\"opened\"}");
    gwt_put(world.test, "gns3.project", "p2",
            "{\"server\":\"other\",\"name\":\"net\",\"status\":\"opened\"}");
    assert_int_equal(gwt_start(world.test), 0);
    expect(&world, "gnswatch/state/project/p1", "{\"alerts\":0}");
    expect(&world, "gnswatch/state/alerts", "\"firing\":0");
    gwt_put(world.test, "alert.alert", "a1", alert("firing", "critical"));
    expect(&world, "gnswatch/state/project/p1", "{\"alerts\":1}");
    expect(&world, "gnswatch/state/alerts", "\"firing\":1,\"critical\":1");
    assert_string_equal(mqtt_broker_last(world.broker, "gnswatch/state/project/p2"),
                        "{\"alerts\":0}");
    gwt_put(world.test, "alert.alert", "a1", alert("resolved", "critical"));
    expect(&world, "gnswatch/state/project/p1", "{\"alerts\":0}");
    gwt_delete(world.test, "gns3.project", "p1");
    expect(&world, "gnswatch/state/project/p1", "");
    end(&world);
}

static void load_of_a_compute_is_a_state_only_while_it_exists(void **state)
{
    (void)state;
    struct world world = begin("discovery: yes\n");
    gwt_put(world.test, "gns3.compute", "lab/local",
            "{\"server\":\"lab\",\"compute_id\":\"local\",\"name\":\"local\"}");
    assert_int_equal(gwt_start(world.test), 0);
    expect(&world, "gnswatch/status", "online");
    gwt_row(world.test, "gns3.compute", "server=lab,compute=local", "cpu,memory,disk",
            (double[]){12.34, 50, 0.0 / 0.0});
    expect(&world, "gnswatch/state/compute/lab%2Flocal",
           "{\"cpu\":12.3,\"memory\":50,\"disk\":null}");
    gwt_delete(world.test, "gns3.compute", "lab/local");
    expect(&world, "gnswatch/state/compute/lab%2Flocal", "");
    gwt_run(world.test, 2000);
    gwt_row(world.test, "gns3.compute", "server=lab,compute=local", "cpu,memory,disk",
            (double[]){1, 2, 3});
    gwt_run(world.test, 30000);
    assert_string_equal(mqtt_broker_last(world.broker, "gnswatch/state/compute/lab%2Flocal"), "");
    end(&world);
}

static bool is_away(void *data)
{
    return strcmp(gwt_member(data, "mqtt.broker", "broker", "state"), "away") == 0;
}

static void a_refusal_is_said_once_and_all_waits_until_we_are_welcome(void **state)
{
    (void)state;
    struct world world = begin("");
    mqtt_broker_greet(world.broker, 5);
    assert_int_equal(gwt_start(world.test), 0);
    assert_true(gwt_run_until(world.test, is_away, world.test, 60000));
    assert_non_null(strstr(gwt_last_error(world.test), "it refused us"));
    for (int i = 0; i < 30; i++)
        gwt_say(world.test, "test.said", GW_INFO, NULL, NULL, i < 29 ? "x" : "the last", "{}");
    assert_int_equal(gwt_call(world.test, "mqtt.send", "{\"notification\":{\"id\":\"n1\"}}", NULL),
                     0);
    gwt_run(world.test, 5000);
    assert_int_equal(gwt_events(world.test, "mqtt.down"), 1);
    gwt_kill(world.test);
    mqtt_broker_greet(world.broker, 0);
    assert_int_equal(gwt_start(world.test), 0);
    expect(&world, "gnswatch/notifications", "n1");
    expect(&world, "gnswatch/events/test/said", "the last");
    assert_int_equal(mqtt_broker_count(world.broker, "gnswatch/events/test/said"), 30);
    assert_int_equal(mqtt_broker_count(world.broker, "gnswatch/notifications"), 1);
    end(&world);
}

static int never(void *data, const char *params, char **reply)
{
    (void)params, (void)reply;
    ++*(int *)data;
    return -EINPROGRESS;
}

static bool is_asked(void *data)
{
    return *(int *)data > 0;
}

static void a_command_is_answered_when_it_ends_and_not_to_those_who_have_gone(void **state)
{
    (void)state;
    struct world world = begin("commands: [gns3.*, mqtt.*]\n");
    int asked = 0;
    gwt_offer(world.test, "gns3.node.start", never, &asked);
    assert_int_equal(gwt_start(world.test), 0);
    expect(&world, "gnswatch/status", "online");
    mqtt_broker_publish(world.broker, "gnswatch/command/mqtt.message.delete/c0", "{\"id\":\"1\"}");
    expect(&world, "gnswatch/result/c0", "needs the role admin");
    mqtt_broker_publish(world.broker, "gnswatch/command/gns3.node.start/c1", "{\"id\":\"x\"}");
    assert_true(gwt_run_until(world.test, is_asked, &asked, 60000));
    assert_string_equal(gwt_asked_params(world.test, "gns3.node.start", 0), "{\"id\":\"x\"}");
    gwt_answer(world.test, "gns3.node.start", -EBUSY, "{\"detail\":\"it boots\"}");
    expect(&world, "gnswatch/result/c1", "\"detail\":\"it boots\"");
    asked = 0;
    mqtt_broker_publish(world.broker, "gnswatch/command/gns3.node.start/c2", "{}");
    assert_true(gwt_run_until(world.test, is_asked, &asked, 60000));
    end(&world); /* with a command under way */
}

static void a_broker_that_is_not_there_is_said_and_stopping_while_connecting_is_fine(void **state)
{
    (void)state;
    struct gwt *test = gwt_new(&gnswatch_plugin, "host: 127.0.0.1\nport: 1\n", 0);
    assert_int_equal(gwt_start(test), 0);
    assert_true(gwt_run_until(test, is_away, test, 60000));
    assert_non_null(strstr(gwt_last_error(test), "Connection refused"));
    const char *reply;
    assert_int_equal(gwt_call(test, "mqtt.test", "{}", &reply), -EIO);
    assert_non_null(strstr(reply, "Connection refused"));
    gwt_stop(test);
    assert_int_equal(gwt_start(test), 0);
    gwt_stop(test); /* while it connects */
    gwt_free(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alert_is_retained_while_it_is_open),
        cmocka_unit_test(home_assistant_sees_problems_of_projects),
        cmocka_unit_test(load_of_a_compute_is_a_state_only_while_it_exists),
        cmocka_unit_test(a_refusal_is_said_once_and_all_waits_until_we_are_welcome),
        cmocka_unit_test(a_command_is_answered_when_it_ends_and_not_to_those_who_have_gone),
        cmocka_unit_test(a_broker_that_is_not_there_is_said_and_stopping_while_connecting_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
