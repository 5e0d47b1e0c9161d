/* What lab.c and lab_read.c share. */
#ifndef TRAFFIC_LAB_INTERNAL_H
#define TRAFFIC_LAB_INTERNAL_H

#include "lab.h"

/* The thing of this id, made when it is new; NULL: no memory. */
struct server *lab_add_server(struct lab *lab, const char *name);
struct compute *lab_add_compute(struct lab *lab, const char *id);
struct project *lab_add_project(struct lab *lab, const char *id);
struct node *lab_add_node(struct lab *lab, const char *id);
struct link *lab_add_link(struct lab *lab, const char *id);
struct node *lab_node_object(const struct lab *lab, const char *id);
void lab_forget(struct lab *lab, const char *kind, const char *id);

#endif
