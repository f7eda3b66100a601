/* selinux_module.h - a module under construction: rules, types and labels, each once. */
#pragma once

#include "core/forms/access.h"

struct grant {
        char *key;    /* "type class" */
        char **perms; /* each once */
        bool optional;
};

struct module {
        const struct form_input *in;
        const struct access *access;
        struct form_output *out;
        struct grant *grants;
        size_t count;
        char **types;    /* of files, made by the block */
        char **contexts; /* "(filecon …)" lines */
        char **folders;  /* labelled with all below them */
        char **singles;  /* labelled by themselves */
        int fault;       /* the first one; sticks */
};
void module_done(struct module *m);
void module_fail(struct module *m, int r);

/* The domain may do this to a type ("self": its own).  perms: blank-separated. */
void module_allow(struct module *m, const char *type, const char *class, const char *perms,
                  bool optional);
/* What lies at path (and below) gets this type of the block. */
void module_label(struct module *m, const char *path, bool below, const char *type);
/* The same of a name with numbers that may be others. */
void module_label_file(struct module *m, const struct file_access *f, const char *type);
void module_write_grants(struct text *t, struct module *m);

/* selinux_files.c.  program: it has a label already; or NULL. */
void module_add_files(struct module *m, const char *program);
/* Files that it makes in folders of the system get a type of the block's, too. */
void module_write_transitions(struct text *t, const struct module *m);
