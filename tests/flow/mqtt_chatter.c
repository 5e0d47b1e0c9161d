/* chatter - says events and keeps objects as it is told: what the mqtt_* flow tests publish. */
#include <gnswatch/plugin.h>

#include <stdio.h>

static const struct gw_row thing_fields[] = {
    {.name = "name", .type = GW_STRING, .help = "Its name."},
    {0},
};

static const struct gw_kind kinds[] = {
    {"chatter.thing", "things", "A thing that is there to be published.", thing_fields},
    {0},
};

static const struct gw_row say_params[] = {
    {.name = "count", .type = GW_INT, .def = "1", .min = 1, .max = 100000, .help = "How many."},
    {.name = "first", .type = GW_INT, .def = "0", .help = "The number of the first."},
    {0},
};

static const struct gw_row put_params[] = {
    {.name = "id", .type = GW_STRING, .flags = GW_REQUIRED, .help = "Its id."},
    {.name = "thing", .type = GW_JSON, .def = "{}", .help = "The object."},
    {0},
};

static int chatter_say(struct gw_plugin *self, struct gw_call *call)
{
    const struct gw_values *params = gw_call_params(call);
    int64_t first = gw_int(params, "first"), count = gw_int(params, "count");
    for (int64_t i = first; i < first + count; i++) {
        char data[64], text[64];
        snprintf(data, sizeof(data), "{\"n\":%lld}", (long long)i);
        snprintf(text, sizeof(text), "number %lld", (long long)i);
        const struct gw_event event = {
            .topic = "chatter.said", .severity = GW_INFO, .text = text, .data = data};
        int error = gw_emit(self, &event);
        if (error < 0)
            return error;
    }
    return gw_reply(call, NULL);
}

static int chatter_put(struct gw_plugin *self, struct gw_call *call)
{
    const struct gw_values *params = gw_call_params(call);
    int error =
        gw_object_put(self, "chatter.thing", gw_string(params, "id"), gw_string(params, "thing"));
    return error ? error : gw_reply(call, NULL);
}

static int chatter_remove(struct gw_plugin *self, struct gw_call *call)
{
    const char *id = gw_string(gw_call_params(call), "id");
    int error = gw_object_delete(self, "chatter.thing", id);
    return error ? error : gw_reply(call, NULL);
}

static int chatter_danger(struct gw_plugin *self, struct gw_call *call)
{
    const struct gw_event event = {
        .topic = "chatter.danger", .severity = GW_CRITICAL, .text = "it was done"};
    gw_emit(self, &event);
    return gw_reply(call, NULL);
}

static const struct gw_command commands[] = {
    {.name = "chatter.say",
     .help = "Says events",
     .role = GW_OPERATOR,
     .params = say_params,
     .run = chatter_say},
    {.name = "chatter.put",
     .help = "Puts an object",
     .role = GW_OPERATOR,
     .params = put_params,
     .run = chatter_put},
    {.name = "chatter.remove",
     .help = "Removes an object",
     .role = GW_OPERATOR,
     .params = put_params,
     .run = chatter_remove},
    {.name = "chatter.danger", .help = "Needs an admin", .role = GW_ADMIN, .run = chatter_danger},
    {0},
};

GW_PLUGIN(.name = "chatter", .version = "1.0", .summary = "Says what it is told", .kinds = kinds,
          .commands = commands);
