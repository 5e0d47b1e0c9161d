/* tables.c - the plugin's options and kinds of objects. */
#include "tables.h"

const struct gw_row system_options[] = {
    {.name = "without",
     .type = GW_STRINGS,
     .max = 16,
     .help = "Parts that are left out: cpu, memory, disk, filesystem, interface, socket, pressure, "
             "sensor, host, node"},
    {.name = "per_cpu", .type = GW_BOOL, .def = "yes", .help = "Also a series for each processor"},
    {.name = "disks_without",
     .type = GW_STRINGS,
     .def = "[\"loop*\", \"ram*\", \"zram*\", \"fd*\", \"sr*\", \"nbd*\"]",
     .max = 100,
     .help = "Block devices that are left out, also with * and ?; partitions always are"},
    {.name = "filesystems_without",
     .type = GW_STRINGS,
     .def = "[\"autofs\", \"binfmt_misc\", \"bpf\", \"cgroup*\", \"configfs\", \"debugfs\", "
            "\"devpts\", \"devtmpfs\", \"efivarfs\", \"fuse*\", \"fusectl\", \"hugetlbfs\", "
            "\"mqueue\", \"nsfs\", \"overlay\", \"proc\", \"pstore\", \"ramfs\", \"rpc_pipefs\", "
            "\"securityfs\", \"selinuxfs\", \"sysfs\", \"tmpfs\", \"tracefs\", \"squashfs\", "
            "\"iso9660\", \"udf\", \"erofs\", \"nfs*\", \"cifs\", \"smb*\", \"9p\", \"afs\", "
            "\"ceph\", \"glusterfs\", \"lustre\", \"virtiofs\"]",
     .max = 200,
     .help = "Types of file systems that are left out: those that are no disk, those that are "
             "always full, and those of other machines, for asking them may block; an overlay at "
             "/ is shown"},
    {.name = "mounts_without",
     .type = GW_STRINGS,
     .def = "[\"/var/lib/docker/*\", \"/var/lib/containers/*\", \"/snap/*\", \"/run/user/*\"]",
     .max = 200,
     .help = "Places of file systems that are left out, also with * and ?"},
    {.name = "interfaces_without",
     .type = GW_STRINGS,
     .def = "[\"lo\", \"veth*\", \"vnet*\", \"tap*\", \"gns3tap*\", \"dummy*\", \"ifb*\", "
            "\"sit0\", \"ip6tnl0\", \"tunl0\", \"gre0\", \"gretap0\", \"erspan0\", \"ip_vti0\", "
            "\"ip6_vti0\", \"ip6gre0\", \"bonding_masters\"]",
     .max = 200,
     .help = "Network interfaces that are left out, also with * and ?"},
    {.name = "sensors_without",
     .type = GW_STRINGS,
     .def = "[\"drivetemp*\"]",
     .max = 200,
     .help =
         "Sensors, as chip/sensor, that are left out, also with * and ?; disks may take seconds "
         "to answer"},
    {.name = "connections_every",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "1m",
     .max = 86400000,
     .help =
         "How often TCP connections are counted by state, which costs the kernel time; 0s: never"},
    {.name = "full_at",
     .type = GW_NUMBER,
     .unit = "%",
     .def = "95",
     .min = 5,
     .max = 100,
     .help = "A file system that is fuller than this is worth an event"},
    {.name = "full_within",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "24h",
     .max = 2.6e9,
     .help = "The same for one that will be full within this time; 0s: never"},
    {.name = "temperature_critical",
     .type = GW_NUMBER,
     .unit = "Cel",
     .def = "95",
     .min = 10,
     .max = 200,
     .help = "Critical for sensors that do not say themselves what is"},
    {.name = "dead_after",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "30s",
     .min = 1000,
     .max = 3600000,
     .help = "A node that GNS3 shows as started is told dead when it has had no process for this "
             "long"},
    {.name = "orphan_after",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "1m",
     .min = 1000,
     .max = 86400000,
     .help = "A process of a lab that belongs to no running node is told after this time"},
    {.name = "zombies_above",
     .type = GW_INT,
     .def = "4",
     .max = 1000000,
     .help = "More processes than this that ended over a minute ago, and that their parents have "
             "not asked after, are worth an event"},
    {.name = "pss_every",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "1m",
     .max = 86400000,
     .help = "How often the share of memory (PSS) of a node's process is read, which costs the "
             "kernel time; 0s: never"},
    {.name = "directories_every",
     .type = GW_DURATION,
     .unit = "ms",
     .def = "10m",
     .max = 86400000,
     .help = "How often the sizes of the nodes' and projects' directories are added up; 0s: never"},
    {.name = "proc",
     .type = GW_STRING,
     .min = 1,
     .max = 200,
     .help = "Where the machine's /proc is; without, what HOST_PROC says, else /proc"},
    {.name = "sys",
     .type = GW_STRING,
     .min = 1,
     .max = 200,
     .help = "Where the machine's /sys is; without, what HOST_SYS says, else /sys"},
    {.name = "root",
     .type = GW_STRING,
     .min = 1,
     .max = 200,
     .help = "Where the machine's / is; without, what HOST_ROOT says, else /"},
    {0},
};

static const struct gw_row host_fields[] = {
    {.name = "name", .type = GW_STRING, .help = "Host name"},
    {.name = "kernel", .type = GW_STRING, .help = "Release of Linux"},
    {.name = "os", .type = GW_STRING, .help = "Name of the distribution"},
    {.name = "booted", .type = GW_TIME, .unit = "ms", .help = "When it was started"},
    {0},
};

static const struct gw_row disk_fields[] = {
    {.name = "name", .type = GW_STRING, .help = "As the kernel calls it"},
    {.name = "size", .type = GW_NUMBER, .unit = "By", .help = "Its size; null: not known"},
    {.name = "model", .type = GW_STRING, .help = "What it says it is; null: nothing"},
    {.name = "rotational", .type = GW_BOOL, .help = "It turns; null: not known"},
    {0},
};

static const struct gw_row filesystem_fields[] = {
    {.name = "mount", .type = GW_STRING, .help = "Where it is"},
    {.name = "device", .type = GW_STRING, .help = "What it is on"},
    {.name = "type", .type = GW_STRING, .help = "Such as ext4 or xfs"},
    {.name = "read_only", .type = GW_BOOL, .help = "It cannot be written to"},
    {.name = "status", .type = GW_ENUM, .choices = "ok|filling|full", .help = "How it is"},
    {.name = "used_percent", .type = GW_INT, .unit = "%", .help = "How full it is, rounded"},
    {.name = "inodes_percent",
     .type = GW_INT,
     .unit = "%",
     .help = "The same of its inodes; null: it has none"},
    {.name = "full_in_hours",
     .type = GW_INT,
     .unit = "h",
     .help = "When it will be full; null: not foreseen"},
    {0},
};

static const struct gw_row interface_fields[] = {
    {.name = "name", .type = GW_STRING, .help = "As the kernel calls it"},
    {.name = "up", .type = GW_BOOL, .help = "It can carry something"},
    {.name = "speed", .type = GW_INT, .unit = "bit/s", .help = "Of the link; null: not known"},
    {.name = "address", .type = GW_STRING, .help = "Its MAC address"},
    {0},
};

static const struct gw_row node_fields[] = {
    {.name = "server", .type = GW_STRING, .help = "GNS3 server"},
    {.name = "project", .type = GW_STRING, .help = "Id of its gns3.project"},
    {.name = "name", .type = GW_STRING, .help = "Its name in GNS3"},
    {.name = "status",
     .type = GW_ENUM,
     .choices = "running|off|dead|hidden",
     .help = "Its processes; running: it has some; off: it has none and needs none; dead: GNS3 "
             "shows it as started, but it has none; hidden: nobody can say"},
    {.name = "pids", .type = GW_JSON, .help = "Its processes, a list of whole numbers"},
    {.name = "shared",
     .type = GW_INT,
     .help = "How many nodes share the processes; 1: they are its own"},
    {.name = "ubridge",
     .type = GW_ENUM,
     .choices = "running|missing|none|hidden",
     .help = "Its uBridge"},
    {.name = "why",
     .type = GW_STRING,
     .help = "How the processes are known to be its own, or why there are none"},
    {0},
};

const struct gw_kind system_kinds[] = {
    {"system.host", "host", "This machine; its id is host", host_fields},
    {"system.disk", "disks", "A disk; its id is its name", disk_fields},
    {"system.filesystem", "filesystems", "A file system; its id is where it is", filesystem_fields},
    {"system.interface", "interfaces", "A network interface; its id is its name", interface_fields},
    {"system.node", "nodes", "The processes of a GNS3 node on this machine; its id is gns3.node's",
     node_fields},
    {0},
};
