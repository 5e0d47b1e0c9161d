/* gnswatch-store: the store process as a program of its own, so that it maps librrd and none of the
 * daemon's libraries. Started by the daemon; must not know anything but the store. */
#include "privileges.h"
#include "store/store.h"

int main(int argc, char **argv)
{
    return privileges_settle() ? store_process_main(argc, argv) : 1;
}
