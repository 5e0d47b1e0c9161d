/* commands.h - the plugin's commands: the whole table, and the parts it is made of. */
#ifndef GNS3_COMMANDS_H
#define GNS3_COMMANDS_H

#include "model.h"

extern const struct gw_command gns3_commands[];
extern const struct gw_kind gns3_kinds[];

/* commands_server.c */
int command_server_test(struct gw_plugin *self, struct gw_call *call);
int command_server_sync(struct gw_plugin *self, struct gw_call *call);
int command_template_list(struct gw_plugin *self, struct gw_call *call);
/* commands_project.c */
int command_project_create(struct gw_plugin *self, struct gw_call *call);
int command_project_update(struct gw_plugin *self, struct gw_call *call);
int command_project_delete(struct gw_plugin *self, struct gw_call *call);
int command_project_open(struct gw_plugin *self, struct gw_call *call);
int command_project_close(struct gw_plugin *self, struct gw_call *call);
int command_project_duplicate(struct gw_plugin *self, struct gw_call *call);
/* commands_bulk.c */
int command_project_start_all(struct gw_plugin *self, struct gw_call *call);
int command_project_stop_all(struct gw_plugin *self, struct gw_call *call);
/* commands_file.c */
int command_project_export(struct gw_plugin *self, struct gw_call *call);
int command_project_import(struct gw_plugin *self, struct gw_call *call);
/* The file the parameter `path` names: 0, or the call has been refused. */
int command_file_path(struct gw_plugin *self, struct gw_call *call, char *path, size_t size);
/* commands_archive.c */
int command_project_sync(struct gw_plugin *self, struct gw_call *call);
int command_snapshot_fetch(struct gw_plugin *self, struct gw_call *call);
/* commands_node.c */
int command_node_create(struct gw_plugin *self, struct gw_call *call);
int command_node_update(struct gw_plugin *self, struct gw_call *call);
int command_node_start(struct gw_plugin *self, struct gw_call *call);
int command_node_stop(struct gw_plugin *self, struct gw_call *call);
int command_node_suspend(struct gw_plugin *self, struct gw_call *call);
int command_node_reload(struct gw_plugin *self, struct gw_call *call);
int command_node_delete(struct gw_plugin *self, struct gw_call *call);
int command_node_console(struct gw_plugin *self, struct gw_call *call);
/* commands_link.c */
int command_link_create(struct gw_plugin *self, struct gw_call *call);
int command_link_update(struct gw_plugin *self, struct gw_call *call);
int command_link_suspend(struct gw_plugin *self, struct gw_call *call);
int command_link_resume(struct gw_plugin *self, struct gw_call *call);
int command_link_delete(struct gw_plugin *self, struct gw_call *call);
/* commands_capture.c */
int command_link_capture(struct gw_plugin *self, struct gw_call *call);
int command_link_capture_read(struct gw_plugin *self, struct gw_call *call);
/* commands_snapshot.c */
int command_snapshot_create(struct gw_plugin *self, struct gw_call *call);
int command_snapshot_restore(struct gw_plugin *self, struct gw_call *call);
int command_snapshot_delete(struct gw_plugin *self, struct gw_call *call);

#endif
