#include "system.h"
static void *node_start(struct system *system)
{
    return system;
}
static void node_turn(struct system *system, void *data)
{
    (void)system;
    (void)data;
}
static void node_stop(void *data)
{
    (void)data;
}
const struct part node_part = {"node", node_start, node_turn, node_stop};
