/* value_private.h - what the files about values share. */
#pragma once

#include "core/base/text.h"
#include "core/catalogue/value.h"

enum {
        /* More members than this no list has in earnest; beyond, assignments are ignored, so
         * that a hostile file of 50 MB costs time in proportion to its length. */
        LIST_MAX = 8192,
};

#define BLANKS " \t\n\r"

/* One assignment under way. */
struct merge {
        struct value *v;
        const struct directive *d;
        const struct dialect *dialect;
        struct err *note;
        unsigned skipped;
};

/* Notes (the first time) that a part of the text was left out. */
void merge_skip(struct merge *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same for the whole text: notes it and returns ASSIGN_IGNORED or ASSIGN_REFUSED. */
int merge_ignore(struct merge *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int merge_refuse(struct merge *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool merge_knows(const struct merge *m, unsigned major); /* version_at_least(major, 0) */

/* Makes v the single word. */
int value_set_word(struct value *v, const char *word);
/* What holds when v is not set, as a word ("no", "private"); "" if that is no single word. */
void value_unset_word(const struct directive *d, const struct dialect *dialect, char *ret,
                      size_t room);
/* Index of word among the choices this version knows, by any spelling; -1: none. */
int choice_index(const struct directive *d, const struct dialect *dialect, const char *word);

/* Splitting as systemd does. */
enum {
        SPLIT_QUOTES = 1 << 0, /* quotes group; else they are plain characters */
        SPLIT_RETAIN = 1 << 1, /* backslashes stay as they are */
        SPLIT_C = 1 << 2,      /* backslashes as in C */
        SPLIT_RELAX = 1 << 3,  /* a quote that is never closed ends at the end */
        SPLIT_COLON = 1 << 4,  /* a colon separates too, and nothing may stand between two */
        SPLIT_COMMA = 1 << 5,  /* a comma is a blank */
};
/* The next word.  *p moves behind its separator.  1: a word; 0: there is none;
 * -EINVAL: broken quoting; -ENOMEM. */
int split_word(const char **p, unsigned flags, char **ret);
/* Adds word to t so that split_word() gives it back. */
void split_quote(struct text *t, const char *word, unsigned flags);

/* Sorted sets of words. */
int words_find(char *const *words, const char *word, size_t *ret_at); /* 1: there; 0: would be at */
int words_put(char ***words, const char *word);    /* keeps them sorted; once each */
bool words_within(char *const *a, char *const *b); /* each of a is in b; sorted */
bool words_apart(char *const *a, char *const *b);  /* none of a is in b; sorted */

/* What is an acceptable member, and how it is written.  0; -EINVAL: systemd skips it;
 * -ENOMEM. */
int check_path(const char *text, bool absolute,
               char **ret); /* simplified: no "//", "/./", end "/" */
bool check_user(const char *name);
bool check_environment_name(const char *name, size_t n);
bool check_interface(const char *name);
bool check_credential(const char *name, size_t n);
int check_address(const char *word, char **ret);           /* "10.1.2.3/8" -> "10.0.0.0/8" */
bool address_covers(const char *outer, const char *inner); /* "10.0.0.0/8" covers "10.1.0.0/16" */
int check_port(const char *text, char **ret);
bool check_device(const char *path);
bool check_base64(const char *text); /* not empty; blanks count for nothing */
int check_errno(const char *word);   /* number; ERRNO_KILL; -1: none */
enum { ERRNO_KILL = 100000 };

/* Amounts: see value_amount.c. */
bool amount_valid(const struct directive *d, const struct dialect *dialect, const char *text);
/* 1: a lets through no more than b; 0: it does; -1: they can't be compared. */
int amount_within(const struct directive *d, const char *a, const char *b);

/* One kind of list member: how a line is split, and what takes a member in. */
enum {
        ITEM_LINE = 1 << 8,      /* the whole line is one, and each is printed on its own */
        ITEM_SORTED = 1 << 9,    /* order means nothing */
        ITEM_REFUSES = 1 << 10,  /* a bad one, and systemd refuses the unit */
        ITEM_WHOLE = 1 << 11,    /* a bad one, and systemd ignores the line */
        ITEM_REPLACES = 1 << 12, /* a line replaces the one before */
        ITEM_KEYED = 1 << 13,    /* what stands before ':' or ' ' is there once */
        ITEM_VERBATIM = 1 << 14, /* printed as it is */
};
struct item_rule {
        unsigned flags; /* SPLIT_* too */
        /* Appends what word stands for to *list.  0; -EINVAL: not a member; -ENOMEM. */
        int (*add)(const struct merge *m, const char *word, char ***list);
};
const struct item_rule *item_rule_of(const struct directive *d);
/* SOURCE[:DESTINATION[:OPTIONS]]…: takes one off *p.  1, 0 at the end, or as add(). */
int item_bind(const struct merge *m, const char **p, char ***list);
/* As .add(): PATH[:OPTIONS], [-]IMAGE[:DESTINATION][:PARTITION:OPTIONS]…, NAME[:LINK[:ro]] */
int item_temporary(const struct merge *m, const char *word, char ***list);
int item_image(const struct merge *m, const char *word, char ***list);
int item_directory(const struct merge *m, const char *word, char ***list);

/* By kind; the text is stripped of outer blanks. */
int assign_switch(struct merge *m, const char *text); /* BOOL, CHOICE */
int assign_single(struct merge *m, const char *text); /* UMASK, USER, PATH, AMOUNT, TEXT */
int assign_caps(struct merge *m, const char *text);
int assign_namespaces(struct merge *m, const char *text);
int assign_polar(struct merge *m, const char *text); /* FAMILIES, POLAR */
int assign_syscalls(struct merge *m, const char *text);
int assign_list(struct merge *m, const char *text); /* all others */

int print_caps(const struct value *v, const struct directive *d, const struct dialect *dialect,
               char ***ret);
int print_namespaces(const struct value *v, const struct directive *d,
                     const struct dialect *dialect, char ***ret);
int print_polar(const struct value *v, const struct directive *d, const struct dialect *dialect,
                char ***ret);
int print_syscalls(const struct value *v, const struct directive *d, const struct dialect *dialect,
                   char ***ret);
char *show_syscalls(const struct value *v, const struct directive *d,
                    const struct dialect *dialect);
int print_list(const struct value *v, const struct directive *d, const struct dialect *dialect,
               char ***ret);
