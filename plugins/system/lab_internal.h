/* What lab.c and lab_read.c share. */
#ifndef SYSTEM_LAB_INTERNAL_H
#define SYSTEM_LAB_INTERNAL_H

#include "lab.h"

void *lab_find(const struct lab *lab, enum kind tree, const char *id); /* NULL: none */
/* The thing of this id, made when it is new; NULL: no memory. */
struct server *lab_add_server(struct lab *lab, const char *id);
struct compute *lab_add_compute(struct lab *lab, const char *id);
struct project *lab_add_project(struct lab *lab, const char *id);
struct node *lab_add_node(struct lab *lab, const char *id);
struct link *lab_add_link(struct lab *lab, const char *id);
void lab_forget(struct lab *lab, enum kind tree, const char *id);
void lab_keep(void *thing); /* for tdestroy: trees own nothing */

#endif
