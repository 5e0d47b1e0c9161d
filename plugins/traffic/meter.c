/* meter.c - see meter.h. */
#include "meter.h"

uint64_t counter_growth(uint64_t before, uint64_t now)
{
    return now >= before ? now - before : now;
}

static void grow(struct counts *sum, const struct counts *before, const struct counts *now)
{
    /* The bridge was made anew when either fell: then both began at zero. */
    bool anew = now->packets < before->packets || now->bytes < before->bytes;
    sum->packets += anew ? now->packets : now->packets - before->packets;
    sum->bytes += anew ? now->bytes : now->bytes - before->bytes;
}

static uint64_t lost_between(const struct counts *in, const struct counts *out)
{
    return in->packets > out->packets ? in->packets - out->packets : 0;
}

/* A packet on its way is in, but not yet out: only what was missing twice in a row is lost. What is
 * lost stays lost, so the count of a life never falls. */
static void add_drops(struct meter *meter, const struct reading *reading, bool begin)
{
    uint64_t lost[2] = {lost_between(&reading->node.in, &reading->wire.out),
                        lost_between(&reading->wire.in, &reading->node.out)};
    uint64_t sure = 0;
    for (int i = 0; i < 2; i++) {
        sure += lost[i] < meter->lost[i] ? lost[i] : meter->lost[i];
        meter->lost[i] = lost[i];
    }
    if (begin)
        meter->life_dropped = lost[0] + lost[1];
    else if (sure > meter->life_dropped) {
        meter->dropped += sure - meter->life_dropped;
        meter->life_dropped = sure;
    }
}

void meter_add(struct meter *meter, const struct reading *reading, uint64_t life)
{
    static const struct reading zero = {0};
    if (!meter->known) {
        add_drops(meter, reading, true);
    } else {
        bool anew = life != meter->life || reading->wire.in.packets < meter->raw.wire.in.packets ||
                    reading->wire.out.packets < meter->raw.wire.out.packets;
        const struct reading *before = anew ? &zero : &meter->raw;
        grow(&meter->sent, &before->wire.out, &reading->wire.out);
        grow(&meter->got, &before->wire.in, &reading->wire.in);
        if (anew)
            meter->life_dropped = meter->lost[0] = meter->lost[1] = 0;
        if (reading->has_node)
            add_drops(meter, reading, false);
    }
    meter->known = true;
    meter->life = life;
    meter->raw = *reading;
}
