/* api - the handlers of the simulated GNS3 API, by subject. Each answers its call exactly once,
 * now or in a later step. */
#ifndef SIM_API_H
#define SIM_API_H

#include "route.h"

void api_version(struct call *c);
void api_version_check(struct call *c);
void api_computes(struct call *c);
void api_compute(struct call *c);
void api_statistics(struct call *c);
void api_templates(struct call *c);
void api_template_create(struct call *c);
void api_template_get(struct call *c);
void api_template_delete(struct call *c);
void api_gns3vm(struct call *c);
void api_iou_license(struct call *c);
void api_shutdown(struct call *c);
void api_compute_capabilities(struct call *c);
void api_compute_statistics(struct call *c);
void api_compute_projects(struct call *c);
void api_compute_refused(struct call *c);
void api_notifications(struct call *c);
void api_project_notifications(struct call *c);

void api_authenticate(struct call *c);
void api_login(struct call *c);
void api_me(struct call *c);
void api_users(struct call *c);
void api_groups(struct call *c);
void api_roles(struct call *c);
void api_privileges(struct call *c);
void api_empty_list(struct call *c);

void api_projects(struct call *c);
void api_project_create(struct call *c);
void api_project_load(struct call *c);
void api_project(struct call *c);
void api_project_update(struct call *c);
void api_project_delete(struct call *c);
void api_project_stats(struct call *c);
void api_project_open(struct call *c);
void api_project_close(struct call *c);
void api_project_duplicate(struct call *c);
void api_project_export(struct call *c);
void api_project_import(struct call *c);
void api_project_locked(struct call *c);
void api_project_lock(struct call *c);
void api_project_unlock(struct call *c);
void api_project_file(struct call *c);
void api_drawings(struct call *c);
void api_drawing_create(struct call *c);
void api_drawing(struct call *c);
void api_drawing_update(struct call *c);
void api_drawing_delete(struct call *c);
void api_snapshots(struct call *c);
void api_snapshot_create(struct call *c);
void api_snapshot_delete(struct call *c);
void api_snapshot_restore(struct call *c);

void api_nodes(struct call *c);
void api_node_create(struct call *c);
void api_node_from_template(struct call *c);
void api_node(struct call *c);
void api_node_update(struct call *c);
void api_node_delete(struct call *c);
void api_node_links(struct call *c);
void api_node_start(struct call *c);
void api_node_stop(struct call *c);
void api_node_suspend(struct call *c);
void api_node_reload(struct call *c);
void api_node_nothing(struct call *c);
void api_nodes_start(struct call *c);
void api_nodes_stop(struct call *c);
void api_nodes_suspend(struct call *c);
void api_nodes_reload(struct call *c);

void api_links(struct call *c);
void api_link_create(struct call *c);
void api_link(struct call *c);
void api_link_update(struct call *c);
void api_link_delete(struct call *c);
void api_link_filters(struct call *c);
void api_link_reset(struct call *c);
void api_capture_start(struct call *c);
void api_capture_stop(struct call *c);
void api_capture_stream(struct call *c);

#endif
