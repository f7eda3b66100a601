/* write_ansible.c - a profile as an Ansible role: the drop-in as a file, and what puts it there.
 *
 * The role works below ROLE_root, too (an image), where no manager is told of it. */
#include "core/base/mem.h"
#include "core/forms/assignments.h"
#include "core/forms/quote.h"
#include "core/profile/dropin.h"
#include "core/unit/name.h"

#include <errno.h>
#include <string.h>

struct role {
        const struct form_input *in;
        struct form_output *output;
        char *name;               /* "gird_nginx": also what its variables begin with */
        const char *user, *group; /* the accounts that the profile names, or NULL */
        bool of_users;            /* the unit is of the users' managers */
        bool is_template;         /* nothing to restart or to judge */
};

static int add_file(const struct role *role, const char *path, struct text *t, int r)
{
        scoped(mem_freep) char *whole = text_format("%s/%s", role->name, path);

        if (r < 0 || !whole) {
                text_done(t);
                return r < 0 ? r : -ENOMEM;
        }
        return form_add(role->output, whole, text_take(t), 0644);
}

/* Each file begins so. */
static int begin(const struct role *role, struct text *t)
{
        int r = form_header(t, "# ", role->in, role->output);

        text_add(t, "---\n");
        return r;
}

static int add_defaults(const struct role *role)
{
        struct text t = { 0 };
        int r = begin(role, &t);

        text_addf(&t, "%s_unit: ", role->name);
        quote_yaml(&t, role->in->unit->unit);
        text_addf(
                &t,
                "\n# Work below this folder (an image) and tell no manager; \"\" is the machine.\n"
                "%s_root: \"\"\n"
                "# Restart the unit when the drop-in changes; false leaves that to you.\n"
                "%s_restart: true\n"
                "# The oldest systemd that knows each line.\n"
                "%s_systemd: %u\n",
                role->name, role->name, role->name, role->in->dialect->version.major);
        if (!role->of_users && !role->is_template)
                text_addf(&t,
                          "# The highest exposure that passes, in tenths; 100 lets all pass.\n"
                          "%s_max_exposure: %u\n",
                          role->name, role->in->after_x10);
        if (role->user) {
                text_addf(&t, "%s_user: ", role->name);
                quote_yaml(&t, role->user);
                text_addf(&t, "\n%s_group: ", role->name);
                quote_yaml(&t, role->group ? role->group : role->user);
                text_add(&t, "\n");
        }
        return add_file(role, "defaults/main.yml", &t, r);
}

/* The account has to be there before the unit starts as it. */
static void add_account(struct text *t, const struct role *role)
{
        const char *n = role->name;

        text_addf(t,
                  "- name: Make the service's group\n"
                  "  ansible.builtin.group:\n"
                  "    name: \"{{ %s_group }}\"\n"
                  "    system: true\n"
                  "  when: %s_root == \"\"\n\n"
                  "- name: Make the service's user\n"
                  "  ansible.builtin.user:\n"
                  "    name: \"{{ %s_user }}\"\n"
                  "    group: \"{{ %s_group }}\"\n"
                  "    system: true\n"
                  "    create_home: false\n"
                  "    home: /nonexistent\n"
                  "    shell: /usr/sbin/nologin\n"
                  "  when: %s_root == \"\"\n\n",
                  n, n, n, n, n);
}

static void add_version_check(struct text *t, const char *n)
{
        text_addf(t,
                  "- name: Read the version of systemd\n"
                  "  ansible.builtin.command:\n"
                  "    cmd: systemctl --version\n"
                  "  register: %s_version\n"
                  "  changed_when: false\n"
                  "  check_mode: false\n"
                  "  when: %s_root == \"\"\n\n"
                  "- name: See that this systemd knows each line\n"
                  "  ansible.builtin.assert:\n"
                  "    that: (%s_version.stdout.split() | list)[1] | int >= %s_systemd | int\n"
                  "    fail_msg: \"this role was written for systemd {{ %s_systemd }} or newer\"\n"
                  "  when: %s_root == \"\"\n\n",
                  n, n, n, n, n, n);
}

static void add_install(struct text *t, const struct role *role)
{
        const char *n = role->name, *kind = role->of_users ? "user" : "system";

        text_addf(t,
                  "- name: Make the folder of the drop-in\n"
                  "  ansible.builtin.file:\n"
                  "    path: \"{{ %s_root }}/etc/systemd/%s/{{ %s_unit }}.d\"\n"
                  "    state: directory\n"
                  "    owner: root\n"
                  "    group: root\n"
                  "    mode: \"0755\"\n\n"
                  "- name: Put the drop-in there\n"
                  "  ansible.builtin.copy:\n"
                  "    src: " DROPIN_NAME "\n"
                  "    dest: \"{{ %s_root }}/etc/systemd/%s/{{ %s_unit }}.d/" DROPIN_NAME "\"\n"
                  "    owner: root\n"
                  "    group: root\n"
                  "    mode: \"0644\"\n",
                  n, kind, n, n, kind, n);
        if (!role->of_users)
                text_addf(t,
                          "  notify:\n"
                          "    - %s reload\n%s%s%s",
                          n, role->is_template ? "" : "    - ", role->is_template ? "" : n,
                          role->is_template ? "" : " restart\n");
}

static void add_checks(struct text *t, const char *n)
{
        text_addf(t,
                  "\n- name: See that the unit still loads without a warning\n"
                  "  ansible.builtin.command:\n"
                  "    argv: [systemd-analyze, verify, --man=no, --recursive-errors=no, "
                  "\"{{ %s_unit }}\"]\n"
                  "  changed_when: false\n"
                  "  when: %s_root == \"\"\n\n"
                  "- name: See that its exposure is not above the limit\n"
                  "  ansible.builtin.command:\n"
                  "    argv: [systemd-analyze, security, --offline=true, --no-pager, "
                  "\"--threshold={{ %s_max_exposure }}\", \"{{ %s_unit }}\"]\n"
                  "  changed_when: false\n"
                  "  when: %s_root == \"\"\n",
                  n, n, n, n, n);
}

static int add_tasks(const struct role *role)
{
        struct text t = { 0 };
        int r = begin(role, &t);

        add_version_check(&t, role->name);
        if (role->user)
                add_account(&t, role);
        add_install(&t, role);
        if (!role->of_users && !role->is_template)
                add_checks(&t, role->name);
        if (role->of_users)
                text_add(&t, "  # Each user's manager reads it at the next login, or after\n"
                             "  # `systemctl --user daemon-reload`.\n");
        return add_file(role, "tasks/main.yml", &t, r);
}

static int add_handlers(const struct role *role)
{
        struct text t = { 0 };
        int r = begin(role, &t);
        const char *n = role->name;

        text_addf(&t,
                  "- name: %s reload\n"
                  "  ansible.builtin.systemd:\n"
                  "    daemon_reload: true\n"
                  "  when: %s_root == \"\"\n",
                  n, n);
        if (!role->is_template)
                text_addf(&t,
                          "\n- name: %s restart\n"
                          "  ansible.builtin.systemd:\n"
                          "    name: \"{{ %s_unit }}\"\n"
                          "    state: restarted\n"
                          "  when: %s_root == \"\" and %s_restart | bool\n",
                          n, n, n, n);
        return add_file(role, "handlers/main.yml", &t, r);
}

static int add_meta(const struct role *role)
{
        struct text t = { 0 };
        scoped(mem_freep) char *words = text_format("Least privilege for %s", role->in->unit->unit);
        int r = words ? begin(role, &t) : -ENOMEM;

        text_addf(&t,
                  "galaxy_info:\n"
                  "  role_name: %s\n"
                  "  author: gird\n"
                  "  description: ",
                  role->name);
        quote_yaml(&t, words ? words : "");
        text_add(&t, "\n"
                     "  license: MIT\n"
                     "  min_ansible_version: \"2.14\"\n"
                     "  platforms:\n"
                     "    - name: GenericLinux\n"
                     "      versions:\n"
                     "        - all\n"
                     "dependencies: []\n");
        return add_file(role, "meta/main.yml", &t, r);
}

/* Names that every machine has, and numbers, need no account. */
static const char *account(const struct assignments *a, const struct form_input *in,
                           enum directive_id id)
{
        static const char *const built_in[] = { "root", "nobody",   "daemon", "bin",
                                                "sys",  "www-data", "" };
        const struct assignment *one = assignments_find(a, id);
        const char *name = one ? one->lines[0] : NULL;

        if (!name || setting_yes(in->after, D_DynamicUser) || strchr(name, '%'))
                return NULL;
        for (size_t i = 0; i < COUNT(built_in); i++)
                if (strcmp(name, built_in[i]) == 0)
                        return NULL;
        return strspn(name, "0123456789") < strlen(name) ? name : NULL;
}

FORM_WRITER(ansible)
{
        scoped(assignments_done) struct assignments a = { 0 };
        scoped(mem_freep) char *stem = form_stem(in->unit->unit, '_'), *name = NULL;
        struct role role = { .in = in, .output = ret, .of_users = in->unit->scope == SCOPE_USER };
        struct text file = { 0 };
        int r = assignments_make(in, &a, ret, e);

        if (r < 0)
                return r;
        role.name = name = stem ? text_format("gird_%s", stem) : NULL;
        role.is_template = name_kind(in->unit->unit) == NAME_TEMPLATE;
        role.user = role.of_users ? NULL : account(&a, in, D_User);
        role.group = account(&a, in, D_Group);
        r = name ? add_tasks(&role) : -ENOMEM;
        if (r == 0)
                r = add_handlers(&role);
        if (r == 0)
                r = add_defaults(&role);
        if (r == 0)
                r = add_meta(&role);
        text_add(&file, a.text);
        if (r == 0)
                r = add_file(&role, "files/" DROPIN_NAME, &file, 0);
        else
                text_done(&file);
        return r < 0 ? err_set(e, r, "cannot write the Ansible role") : 0;
}
