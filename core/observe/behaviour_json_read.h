/* behaviour_json_read.h - what the files that read a behaviour share. */
#pragma once

#include "core/observe/behaviour_json_private.h"

struct json_node;

/* The file being read and the place in it, for what is said about it. */
struct reading {
        const char *file;
        struct behaviour *behaviour;
        char place[64]; /* "acts[3]" or "" */
        struct err *e;
};

/* Reads one member into what it belongs to. */
struct member {
        const char *key;
        int (*read)(struct reading *r, const struct json_node *n, void *into);
        bool required;
};

int reading_wrong(const struct reading *r, const char *key, const char *what);
int reading_no_memory(const struct reading *r);

/* Every member of object must be one of the members, once, and the required ones be there. */
int read_members(struct reading *r, const struct json_node *object, const struct member *members,
                 void *into);
int decode_text(const char *text, char **ret);
int read_text(struct reading *r, const struct json_node *n, char **ret);
int read_text_or_null(struct reading *r, const struct json_node *n, void *into); /* char ** */
bool parse_number(const struct json_node *n, uint64_t *ret);
int read_number(struct reading *r, const struct json_node *n, void *into); /* uint64_t * */
int read_bits(struct reading *r, const struct field *f, const struct json_node *n, uint64_t *ret);
bool parse_word(const struct field *f, const char *word, uint64_t *ret);
