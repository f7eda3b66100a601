/* read_nix_syntax.c - the part of Nix's language in which values just stand there. */
#include "core/forms/read_nix_private.h"

#include "core/base/mem.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MOST = 64 };

void nix_module_done(struct nix_module *m)
{
        for (size_t i = 0; i < m->count; i++) {
                strv_free(m->list[i].path);
                strv_free(m->list[i].words);
        }
        free(m->list);
}

/* ---- values ---- */

static int value(struct nix *n, struct nix_value *ret);
static int set(struct nix *n);

/* Letters up to a blank or a sign: a number or a path. */
static int bare(struct nix *n, char **ret)
{
        const char *begin = n->at;

        while (*n->at && (nix_is_name(*n->at) || strchr("./+~", *n->at)))
                nix_advance(n);
        *ret = strndup(begin, (size_t)(n->at - begin));
        return *ret ? 0 : -ENOMEM;
}

static bool is_number(const char *chars)
{
        chars += *chars == '-';
        return *chars && chars[strspn(chars, "0123456789")] == '\0';
}

/* One plain value as systemd gets it; 1: it is none. */
static int scalar(struct nix *n, struct nix_value *v)
{
        scoped(mem_freep) char *text = NULL;
        int r;

        v->kind = NIX_TEXT;
        if (*n->at == '"' || text_starts(n->at, "''")) {
                r = nix_string(n, &text);
        } else if (nix_word(n, "true") || nix_word(n, "false")) {
                v->kind = NIX_BOOL;
                text = strdup(n->at[-2] == 'u' ? "true" : "false");
                r = text ? 0 : -ENOMEM;
        } else if (nix_word(n, "null")) {
                v->kind = NIX_NULL;
                return 0;
        } else if (isdigit((unsigned char)*n->at) || *n->at == '-' || *n->at == '/') {
                const char *begin = n->at;

                r = bare(n, &text);
                if (r == 0 && *begin != '/' && !is_number(text)) {
                        n->at = begin;
                        return nix_refuse(n, "this is no whole number");
                }
        } else
                return 1;
        return r < 0 ? r : strv_add(&v->words, text);
}

static int list(struct nix *n, struct nix_value *v)
{
        int r;

        nix_advance(n);
        v->kind = NIX_LIST;
        for (;;) {
                struct nix_value member = { 0 };

                r = nix_skip(n);
                if (r < 0)
                        return r;
                if (*n->at == ']') {
                        nix_advance(n);
                        return 0;
                }
                if (!*n->at)
                        return nix_refuse(n, "this list has no end");
                r = *n->at == '{' || *n->at == '[' || *n->at == '(' ? value(n, &member)
                                                                    : scalar(n, &member);
                if (r == 1)
                        r = nix_refuse(n, "gird cannot compute this member of a list");
                if (r == 0 && (member.kind == NIX_TEXT || member.kind == NIX_BOOL))
                        r = strv_add(&v->words, member.words[0]);
                else if (r == 0 && member.kind == NIX_NULL)
                        r = strv_add(&v->words, "");
                else if (r == 0)
                        v->kind = NIX_OTHER; /* lists of sets: nothing of ours */
                strv_free(member.words);
                if (r < 0)
                        return r;
        }
}

/* lib.mkForce VALUE, mkDefault VALUE, lib.mkOverride 50 VALUE. */
static int wrapped(struct nix *n, struct nix_value *v)
{
        static const char *const wrappers[] = { "mkForce",         "mkDefault",    "mkOverride",
                                                "mkOptionDefault", "mkVMOverride", "mkBefore",
                                                "mkAfter" };
        const char *begin = n->at;

        if (text_starts(n->at, "lib."))
                n->at += strlen("lib.");
        for (size_t i = 0; i < COUNT(wrappers); i++) {
                struct nix_value number = { 0 };
                int r;

                if (!nix_word(n, wrappers[i]))
                        continue;
                r = nix_skip(n);
                if (r == 0 && strcmp(wrappers[i], "mkOverride") == 0) {
                        r = scalar(n, &number);
                        strv_free(number.words);
                        if (r == 0)
                                r = nix_skip(n);
                }
                return r < 0 ? r : value(n, v);
        }
        n->at = begin;
        return nix_refuse(
                n, "gird cannot compute this; it reads strings, numbers, lists, true and false, "
                   "with lib.mkForce or lib.mkDefault before them");
}

static int inner_value(struct nix *n, struct nix_value *v)
{
        int r;

        if (*n->at == '(') {
                nix_advance(n);
                r = value(n, v);
                return r < 0 ? r : nix_expect(n, ')', "a closing parenthesis is missing here");
        }
        if (*n->at == '[')
                return list(n, v);
        if (*n->at == '{') {
                v->kind = NIX_OTHER;
                return set(n);
        }
        r = scalar(n, v);
        return r == 1 ? wrapped(n, v) : r;
}

static int value(struct nix *n, struct nix_value *v)
{
        int r = nix_skip(n);

        if (r < 0)
                return r;
        if (n->depth >= DEPTH_MOST)
                return nix_refuse(n, "this is nested too deeply");
        n->depth++;
        r = inner_value(n, v);
        n->depth--;
        return r;
}

/* ---- sets ---- */

static int keep(struct nix *n, struct nix_value *v)
{
        struct nix_module *m = n->module;
        int r = strv_copy(n->path, &v->path);

        if (r < 0)
                return r;
        if (m->count == m->room) {
                size_t room = m->room ? m->room * 2 : 32;
                struct nix_value *more = reallocarray(m->list, room, sizeof(*more));

                if (!more)
                        return -ENOMEM;
                m->list = more;
                m->room = room;
        }
        m->list[m->count++] = *v;
        *v = (struct nix_value){ 0 };
        return 0;
}

/* "a.b.\"c d\"": adds its parts to the path. */
static int attribute(struct nix *n)
{
        int r;

        do {
                scoped(mem_freep) char *name = NULL;

                if (*n->at == '.')
                        nix_advance(n);
                r = nix_skip(n);
                if (r < 0)
                        return r;
                if (*n->at == '"')
                        r = nix_string(n, &name);
                else if (isalpha((unsigned char)*n->at) || *n->at == '_') {
                        const char *begin = n->at;

                        while (nix_is_name(*n->at))
                                n->at++;
                        name = strndup(begin, (size_t)(n->at - begin));
                        r = name ? 0 : -ENOMEM;
                } else
                        return nix_refuse(n, "here should be the name of an attribute");
                if (r == 0 && (strcmp(name, "inherit") == 0 || strcmp(name, "rec") == 0))
                        return nix_refuse(n, "gird cannot follow this");
                if (r == 0)
                        r = strv_add(&n->path, name);
                if (r == 0)
                        r = nix_skip(n);
        } while (r == 0 && *n->at == '.');
        return r;
}

static void cut_path(struct nix *n, size_t length)
{
        while (strv_length(n->path) > length) {
                size_t last = strv_length(n->path) - 1;

                free(n->path[last]);
                n->path[last] = NULL;
        }
}

static int binding(struct nix *n)
{
        size_t outer = strv_length(n->path);
        struct nix_value v = { .line = n->line, .column = nix_column(n) };
        int r = attribute(n);

        if (r == 0)
                r = nix_expect(n, '=', "here should be a \"=\"");
        if (r == 0)
                r = value(n, &v);
        if (r == 0)
                r = nix_expect(n, ';', "a \";\" is missing here, or gird cannot compute this");
        if (r == 0 && v.kind != NIX_OTHER)
                r = keep(n, &v);
        strv_free(v.path);
        strv_free(v.words);
        cut_path(n, outer);
        return r;
}

static int set(struct nix *n)
{
        int r = nix_expect(n, '{', "here should be a set, { … }");

        while (r == 0) {
                r = nix_skip(n);
                if (r == 0 && *n->at == '}') {
                        nix_advance(n);
                        return 0;
                }
                if (r == 0 && !*n->at)
                        return nix_refuse(n, "this set has no closing brace");
                if (r == 0)
                        r = binding(n);
        }
        return r;
}

/* "{ config, lib, ... }:" or "args:" before the set; what it names is not needed. */
static int header(struct nix *n)
{
        const char *end = n->at;

        if (*end == '{') {
                end += strcspn(end, "}=;\"");
                if (*end != '}')
                        return 0;
                end++;
        } else
                while (nix_is_name(*end))
                        end++;
        if (*end == '@') /* "{ lib, ... }@args:" */
                for (end++; nix_is_name(*end); end++)
                        ;
        end += strspn(end, " \t\r\n");
        if (*end != ':' || end == n->at)
                return 0;
        while (n->at <= end)
                nix_advance(n);
        return nix_skip(n);
}

/* "with lib;" changes no value that just stands there. */
static int opened(struct nix *n)
{
        int r = 0;

        while (r == 0 && nix_word(n, "with")) {
                while (*n->at && *n->at != ';' && *n->at != '{')
                        nix_advance(n);
                r = nix_expect(n, ';', "here should be a \";\"");
                if (r == 0)
                        r = nix_skip(n);
        }
        return r;
}

int nix_parse(struct reading *r, const char *text, struct nix_module *ret)
{
        struct nix n = { .reading = r, .at = text, .line_begin = text, .line = 1, .module = ret };
        int result = nix_skip(&n);

        if (result == 0)
                result = header(&n);
        if (result == 0)
                result = opened(&n);
        /* Bindings without a set around them: a part of a module, as one copies it. */
        if (result == 0 && *n.at != '{')
                while (result == 0 && *n.at) {
                        result = binding(&n);
                        if (result == 0)
                                result = nix_skip(&n);
                }
        else if (result == 0) {
                result = set(&n);
                if (result == 0)
                        result = nix_skip(&n);
                if (result == 0 && *n.at)
                        result = nix_refuse(&n, "the module has ended before this");
        }
        strv_free(n.path);
        return result;
}
