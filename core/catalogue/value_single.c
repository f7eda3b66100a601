/* value_single.c - values that are one word: switches, choices, modes, users, paths, amounts. */
#include "core/catalogue/value_private.h"

#include "core/base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_word(const char *list, const char *word)
{
        size_t n = strlen(word);

        for (const char *at = list; at && (at = strstr(at, word)); at++)
                if ((at == list || at[-1] == ' ') && (!at[n] || at[n] == ' '))
                        return true;
        return false;
}

static bool has_choice(const struct directive *d, const char *value)
{
        for (const struct choice *c = d->choices; c->value; c++)
                if (strcmp(c->value, value) == 0)
                        return true;
        return false;
}

int choice_index(const struct directive *d, const struct dialect *dialect, const char *word)
{
        int truth = word_boolean(word);
        unsigned major = dialect->version.major;

        /* Where "yes" and "no" are choices, all spellings of them are. */
        if (truth >= 0 && has_choice(d, "yes") && has_choice(d, "no"))
                word = truth ? "yes" : "no";
        for (int i = 0; d->choices[i].value; i++) {
                const struct choice *c = &d->choices[i];

                if (major >= c->since && strcmp(c->value, word) == 0)
                        return i;
                if (c->also && *word && major >= c->also_since && has_word(c->also, word))
                        return i;
        }
        return -1;
}

void value_unset_word(const struct directive *d, const struct dialect *dialect, char *ret,
                      size_t room)
{
        const char *unset = d->unset ? d->unset : "";

        if (d->id == D_KeyringMode && dialect->scope == SCOPE_USER)
                unset = "inherit";
        snprintf(ret, room, "%.*s", (int)strcspn(unset, " "), unset);
}

/* From 258 on a host name may follow: "private:name".  Cuts it off word; true if it is well. */
static bool cut_host_name(struct merge *m, char *word, char **ret_host)
{
        char *colon = m->d->id == D_ProtectHostname && merge_knows(m, 258) ? strchr(word, ':')
                                                                           : NULL;
        size_t label = 0;

        *ret_host = NULL;
        if (!colon)
                return true;
        *colon = '\0';
        *ret_host = colon + 1;
        /* Letters, digits, hyphens and underscores between single dots, 64 in all. */
        for (const char *c = *ret_host;; c++) {
                bool edge = !*c || *c == '.';

                if (edge ? label == 0 || c[-1] == '-' : *c == '-' && label == 0)
                        return false;
                if (!*c)
                        return c - *ret_host <= 64;
                if (!edge && !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789-_",
                                     *c))
                        return false;
                label = edge ? 0 : label + 1;
        }
}

static int assign_choice(struct merge *m, const char *text)
{
        scoped(mem_freep) char *word = strdup(text);
        struct value v = { 0 };
        char *host = NULL;
        int i, r;

        if (!word)
                return -ENOMEM;
        i = cut_host_name(m, word, &host) ? choice_index(m->d, m->dialect, word) : -1;
        if (i < 0)
                return merge_ignore(m, "\"%s\" is no value of %s= that systemd %u knows", text,
                                    m->d->name, m->dialect->version.major);
        r = value_set_word(&v, m->d->choices[i].value);
        if (r == 0 && host)
                r = strv_add(&v.words, host);
        if (r < 0) {
                value_done(&v);
                return r;
        }
        value_done(m->v);
        *m->v = v;
        return ASSIGN_TAKEN;
}

int assign_switch(struct merge *m, const char *text)
{
        int truth = word_boolean(text);

        if (m->d->kind == KIND_CHOICE)
                return assign_choice(m, text);
        if (truth < 0 && m->d->id == D_DynamicUser)
                return merge_refuse(m, "\"%s\" is neither yes nor no; systemd refuses the unit",
                                    text);
        if (truth < 0)
                return merge_ignore(m, "\"%s\" is neither yes nor no", text);
        value_done(m->v);
        *m->v = (struct value){ .set = true, .bits = (uint64_t)truth };
        return ASSIGN_TAKEN;
}

static int assign_umask(struct merge *m, const char *text)
{
        size_t digits = strspn(text, "01234567");
        unsigned long mode = strtoul(text, NULL, 8);

        if (digits == 0 || text[digits] || mode > 07777)
                return merge_ignore(m, "\"%s\" is no octal mode", text);
        value_done(m->v);
        *m->v = (struct value){ .set = true, .bits = mode };
        return ASSIGN_TAKEN;
}

static int assign_path(struct merge *m, const char *text)
{
        scoped(mem_freep) char *path = NULL;
        bool root = m->d->id == D_RootDirectory || m->d->id == D_RootImage ||
                    m->d->id == D_RootMStack;
        int r = check_path(text, true, &path);

        if (r == -EINVAL && root)
                return merge_refuse(
                        m, "\"%s\" is not absolute and normalised; systemd refuses the unit", text);
        if (r == -EINVAL)
                return merge_ignore(m, "\"%s\" is not absolute and normalised", text);
        if (r < 0)
                return r;
        return value_set_word(m->v, path) < 0 ? -ENOMEM : ASSIGN_TAKEN;
}

/* "yes" and so on are choices of a few texts, too; most take anything. */
static bool is_text(const struct merge *m, const char *text)
{
        int words = vocabulary_of(m->d->id);
        const char *colon = strchr(text, ':');
        char head[16];

        switch (m->d->id) {
        case D_SystemCallErrorNumber:
                return check_errno(text) > 0;
        case D_LogLevelMax:
                return vocabulary_has(WORDS_LOG_LEVELS, text) ||
                       (text[0] >= '0' && text[0] <= '7' && !text[1]);
        case D_StandardInput:
                snprintf(head, sizeof(head), "%.*s",
                         colon ? (int)(colon - text) + 1 : (int)strlen(text), text);
                return vocabulary_has(WORDS_INPUTS, head) || strcmp(text, "fd") == 0;
        case D_BindNetworkInterface:
                return check_interface(text);
        default:
                return words < 0 || vocabulary_has((enum vocabulary)words, text);
        }
}

static int assign_text(struct merge *m, const char *text)
{
        scoped(mem_freep) char *joined = NULL;

        if (!is_text(m, text))
                return merge_ignore(m, "\"%s\" is no value of %s=", text, m->d->name);
        if (m->d->id == D_ExecSearchPath && m->v->words) {
                joined = text_format("%s:%s", m->v->words[0], text);
                if (!joined)
                        return -ENOMEM;
                if (strlen(joined) > LIST_MAX)
                        return merge_ignore(m, "%s= is too long", m->d->name);
        }
        return value_set_word(m->v, joined ? joined : text) < 0 ? -ENOMEM : ASSIGN_TAKEN;
}

int assign_single(struct merge *m, const char *text)
{
        switch (m->d->kind) {
        case KIND_UMASK:
                return assign_umask(m, text);
        case KIND_PATH:
                return assign_path(m, text);
        case KIND_USER:
                if (!check_user(text))
                        return merge_refuse(m,
                                            "\"%s\" is no name of a user or group; systemd refuses "
                                            "the unit",
                                            text);
                return value_set_word(m->v, text) < 0 ? -ENOMEM : ASSIGN_TAKEN;
        case KIND_AMOUNT:
                if (!amount_valid(m->d, m->dialect, text))
                        return merge_ignore(m, "\"%s\" is no amount that %s= takes", text,
                                            m->d->name);
                return value_set_word(m->v, text) < 0 ? -ENOMEM : ASSIGN_TAKEN;
        default:
                return assign_text(m, text);
        }
}
