/* test_sandbox.c - what directives imply for each other, and that it can be undone. */
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/unit/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct dialect dialect_of(unsigned major, unsigned minor)
{
        struct dialect d;

        dialect_for((struct version){ major, minor }, SCOPE_SYSTEM, &d);
        return d;
}

static struct sandbox *unit_of_scope(const char *name, enum scope scope)
{
        struct sandbox *s = NULL;

        assert_int_equal(sandbox_new(name, scope, &s), 0);
        return s;
}

static struct sandbox *unit(const char *name)
{
        return unit_of_scope(name, SCOPE_SYSTEM);
}

/* "Key=value", as a line of a file. */
static void assign(struct sandbox *s, const struct dialect *d, const char *line)
{
        scoped(mem_freep) char *key = strndup(line, strcspn(line, "="));
        const struct directive *directive = directive_find(key);
        struct value v = { 0 };

        assert_non_null(directive);
        assert_int_equal(value_copy(&s->settings[directive->id].value, &v), 0);
        assert_int_equal(value_assign(&v, directive, d, strchr(line, '=') + 1, NULL), ASSIGN_TAKEN);
        sandbox_set(s, directive->id, &v, ORIGIN_FILE);
}

static bool same(const struct sandbox *a, const struct sandbox *b)
{
        for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
                const struct setting *x = &a->settings[i], *y = &b->settings[i];

                if (!value_equal(&x->value, &y->value) || x->origin.kind != y->origin.kind ||
                    x->origin.by != y->origin.by)
                        return false;
        }
        return a->load == b->load;
}

static uint64_t bounding(const struct sandbox *s)
{
        return s->settings[D_CapabilityBoundingSet].value.bits;
}

static uint64_t cap(const char *name)
{
        return UINT64_C(1) << capability_number(name);
}

static void assert_implied(const struct sandbox *s, enum directive_id id, enum directive_id by)
{
        assert_int_equal(s->settings[id].origin.kind, ORIGIN_IMPLIED);
        assert_int_equal(s->settings[id].origin.by, by);
}

static void private_devices_takes_capabilities_and_closes_the_policy(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = unit("a.service");
        struct dialect d = dialect_of(252, 39);

        (void)state;
        assign(s, &d, "PrivateDevices=yes");
        assert_int_equal(sandbox_imply(s, &d), 0);
        assert_false(bounding(s) & (cap("CAP_MKNOD") | cap("CAP_SYS_RAWIO")));
        assert_true(bounding(s) & cap("CAP_SYS_ADMIN"));
        assert_implied(s, D_CapabilityBoundingSet, D_PrivateDevices);
        assert_string_equal(setting_word(s, D_DevicePolicy), "closed");
        assert_implied(s, D_DevicePolicy, D_PrivateDevices);
        assert_int_equal(s->settings[D_PrivateDevices].origin.kind, ORIGIN_FILE);
}

static void a_given_bounding_set_keeps_its_origin(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = unit("a.service");
        struct dialect d = dialect_of(252, 39);

        (void)state;
        assign(s, &d, "CapabilityBoundingSet=CAP_MKNOD CAP_KILL");
        assign(s, &d, "PrivateDevices=yes");
        assert_int_equal(sandbox_imply(s, &d), 0);
        assert_int_equal(bounding(s), cap("CAP_KILL"));
        assert_int_equal(s->settings[D_CapabilityBoundingSet].origin.kind, ORIGIN_FILE);
}

static void what_lost_its_cause_goes_away(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = unit("a.service"), *before = NULL;
        struct dialect d = dialect_of(257, 13);
        struct value no = { .set = true };

        (void)state;
        assign(s, &d, "CapabilityBoundingSet=CAP_MKNOD CAP_KILL");
        assign(s, &d, "ProtectSystem=full");
        assign(s, &d, "DeviceAllow=/dev/null rw");
        assign(s, &d, "NoNewPrivileges=no");
        assert_int_equal(sandbox_copy(s, &before), 0);
        for (size_t i = 0; i < 3; i++) {
                static const char *const causes[] = { "PrivateDevices=yes", "DynamicUser=yes",
                                                      "ProtectClock=yes" };

                assign(s, &d, causes[i]);
                assert_int_equal(sandbox_imply(s, &d), 0);
        }
        assert_string_equal(setting_word(s, D_ProtectSystem), "strict");
        assert_true(setting_yes(s, D_NoNewPrivileges));
        assert_int_equal(strv_length(s->settings[D_DeviceAllow].value.words), 2);

        sandbox_set(s, D_PrivateDevices, &(struct value){ 0 }, ORIGIN_DEFAULT);
        sandbox_set(s, D_DynamicUser, &no, ORIGIN_PROFILE);
        sandbox_set(s, D_DynamicUser, &(struct value){ 0 }, ORIGIN_DEFAULT);
        sandbox_set(s, D_ProtectClock, &(struct value){ 0 }, ORIGIN_DEFAULT);
        assert_int_equal(sandbox_imply(s, &d), 0);
        assert_true(same(s, before));
}

static void a_dynamic_user_brings_its_fellows(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = unit("demo@x.service");
        struct dialect d = dialect_of(257, 13);

        (void)state;
        assign(s, &d, "DynamicUser=yes");
        assign(s, &d, "RemoveIPC=no");
        assert_int_equal(sandbox_imply(s, &d), 0);
        assert_string_equal(setting_word(s, D_User), "demo");
        assert_string_equal(setting_word(s, D_Group), "demo");
        assert_string_equal(setting_word(s, D_PrivateTmp), "disconnected");
        assert_string_equal(setting_word(s, D_ProtectSystem), "strict");
        assert_string_equal(setting_word(s, D_ProtectHome), "read-only");
        assert_true(setting_yes(s, D_RemoveIPC));
        assert_true(setting_yes(s, D_NoNewPrivileges));
        assert_true(setting_yes(s, D_RestrictSUIDSGID));
        assert_implied(s, D_RemoveIPC, D_DynamicUser);
}

static void before_257_the_tmp_of_a_dynamic_user_is_plainly_private(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = unit("demo.service");
        struct dialect d = dialect_of(256, 0);

        (void)state;
        assign(s, &d, "DynamicUser=yes");
        assign(s, &d, "ProtectHome=yes");
        assert_int_equal(sandbox_imply(s, &d), 0);
        assert_string_equal(setting_word(s, D_PrivateTmp), "yes");
        assert_string_equal(setting_word(s, D_ProtectHome), "yes");
        assert_int_equal(s->settings[D_ProtectHome].origin.kind, ORIGIN_FILE);
}

static void a_name_that_is_no_user_name_gives_no_user(void **state)
{
        static const char *const names[] = { "a.b.service", "1st.service", "@x.service",
                                             "a-very-long-name-that-no-account-can-have.service",
                                             "\303\244.service" };
        struct dialect d = dialect_of(257, 13);

        (void)state;
        for (size_t i = 0; i < COUNT(names); i++) {
                scoped(sandbox_freep) struct sandbox *s = unit(names[i]);

                assign(s, &d, "DynamicUser=yes");
                assert_int_equal(sandbox_imply(s, &d), 0);
                assert_null(setting_word(s, D_User));
                assert_true(setting_yes(s, D_NoNewPrivileges));
        }
}

static void a_clock_that_is_protected_is_listed_as_a_device(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = unit("a.service"), *open = unit("b.service");
        struct dialect d = dialect_of(252, 39);

        (void)state;
        assign(s, &d, "ProtectClock=yes");
        assign(s, &d, "DevicePolicy=closed");
        assert_int_equal(sandbox_imply(s, &d), 0);
        assert_string_equal(setting_word(s, D_DeviceAllow), "char-rtc r");
        assert_implied(s, D_DeviceAllow, D_ProtectClock);

        assign(open, &d, "ProtectClock=yes");
        assert_int_equal(sandbox_imply(open, &d), 0);
        assert_null(setting_word(open, D_DeviceAllow));
}

static void encrypted_credentials_open_the_tpm_in_some_releases(void **state)
{
        static const struct {
                unsigned major, minor;
                bool load, set;
        } rows[] = {
                { 250, 10, false, false }, { 250, 11, true, false }, { 251, 11, false, false },
                { 251, 12, true, false },  { 252, 5, false, false }, { 252, 6, true, false },
                { 252, 7, true, true },    { 253, 0, true, false },  { 253, 1, true, true },
                { 257, 13, true, true },   { 262, 0, false, false },
        };

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                scoped(sandbox_freep) struct sandbox *loads = unit("a.service"),
                                                     *sets = unit("b.service");
                struct dialect d = dialect_of(rows[i].major, rows[i].minor);

                assign(loads, &d, "DevicePolicy=closed");
                assign(loads, &d, "LoadCredentialEncrypted=a:/b");
                assert_int_equal(sandbox_imply(loads, &d), 0);
                assert_int_equal(setting_word(loads, D_DeviceAllow) != NULL, rows[i].load);
                assign(sets, &d, "DevicePolicy=closed");
                assign(sets, &d, "SetCredentialEncrypted=a: AAAA");
                assert_int_equal(sandbox_imply(sets, &d), 0);
                assert_int_equal(setting_word(sets, D_DeviceAllow) != NULL, rows[i].set);
        }
}

static void notifying_needs_access(void **state)
{
        static const struct {
                const char *line;
                bool main;
        } rows[] = {
                { "Type=notify", true },
                { "Type=simple", false },
                { "WatchdogSec=30", true },
                { "WatchdogSec=0", false },
                { "WatchdogSec=0min", false },
                { "FileDescriptorStoreMax=1", true },
                { "FileDescriptorStoreMax=0", false },
        };
        struct dialect d = dialect_of(252, 39);

        (void)state;
        for (size_t i = 0; i < COUNT(rows); i++) {
                scoped(sandbox_freep) struct sandbox *s = unit("a.service");

                assign(s, &d, "NotifyAccess=none");
                assign(s, &d, rows[i].line);
                assert_int_equal(sandbox_imply(s, &d), 0);
                assert_string_equal(setting_word(s, D_NotifyAccess),
                                    rows[i].main ? "main" : "none");
        }
}

static void from_256_a_user_unit_with_a_dynamic_user_is_refused(void **state)
{
        scoped(sandbox_freep) struct sandbox *old = unit_of_scope("a.service", SCOPE_USER);
        scoped(sandbox_freep) struct sandbox *new = unit_of_scope("a.service", SCOPE_USER);
        struct dialect d255 = dialect_of(255, 13), d256 = dialect_of(256, 0);

        (void)state;
        assign(old, &d255, "DynamicUser=yes");
        assert_int_equal(sandbox_imply(old, &d255), 0);
        assert_int_equal(old->load, LOAD_LOADED);
        assign(new, &d256, "DynamicUser=yes");
        assert_int_equal(sandbox_imply(new, &d256), 0);
        assert_int_equal(new->load, LOAD_BAD_SETTING);
        assert_non_null(new->load_note);
}

static void implying_twice_changes_nothing(void **state)
{
        static const char *const lines[] = {
                "DynamicUser=yes",
                "PrivateDevices=yes",
                "ProtectClock=yes",
                "ProtectKernelLogs=yes",
                "ProtectKernelModules=yes",
                "RootImage=/x.raw",
                "DevicePolicy=strict",
                "DeviceAllow=/dev/null rw",
                "Type=notify",
                "NotifyAccess=none",
                "CapabilityBoundingSet=~CAP_SYSLOG",
                "LoadCredentialEncrypted=a:/b",
                "PrivateTmp=no",
                "User=root",
        };
        static const struct version versions[] = { { 247, 3 }, { 252, 39 }, { 262, 1 } };

        (void)state;
        for (unsigned bits = 0; bits < 1U << COUNT(lines); bits += 7)
                for (size_t v = 0; v < COUNT(versions); v++) {
                        scoped(sandbox_freep) struct sandbox *s = unit("demo.service"),
                                                             *once = NULL;
                        struct dialect d = dialect_of(versions[v].major, versions[v].minor);

                        for (size_t i = 0; i < COUNT(lines); i++)
                                if (bits & 1U << i)
                                        assign(s, &d, lines[i]);
                        assert_int_equal(sandbox_imply(s, &d), 0);
                        assert_int_equal(sandbox_copy(s, &once), 0);
                        assert_int_equal(sandbox_imply(s, &d), 0);
                        assert_true(same(s, once));
                        assert_int_equal(sandbox_imply(once, &d), 0);
                        assert_true(same(s, once));
                }
}

static void a_copy_stands_alone(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = unit("a.service"), *copy = NULL;
        struct dialect d = dialect_of(252, 39);

        (void)state;
        assign(s, &d, "ProtectSystem=full");
        s->settings[D_ProtectSystem].origin.file = strdup("/etc/a");
        s->settings[D_ProtectSystem].origin.line = 7;
        assert_int_equal(sandbox_oddity(s, "/etc/a", 3, "Bogus", "1", false, "is unknown"), 0);
        assert_int_equal(strv_add(&s->facts.names, "a.service"), 0);
        s->facts.exec = calloc(1, sizeof(*s->facts.exec));
        assert_non_null(s->facts.exec);
        s->facts.exec_count = 1;
        s->facts.exec[0].path = strdup("/bin/true");
        assert_int_equal(sandbox_copy(s, &copy), 0);
        sandbox_free(take(s));

        assert_string_equal(copy->unit, "a.service");
        assert_string_equal(copy->settings[D_ProtectSystem].origin.file, "/etc/a");
        assert_int_equal(copy->settings[D_ProtectSystem].origin.line, 7);
        assert_string_equal(copy->oddities[0].key, "Bogus");
        assert_string_equal(copy->facts.exec[0].path, "/bin/true");
        assert_null(copy->facts.exec[0].key);
        assert_true(strv_has(copy->facts.names, "a.service"));
}

static void from_252_the_manager_keeps_errno_entries_of_allow_lists_to_itself(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = unit("a.service");
        struct dialect old = dialect_of(251, 20), new = dialect_of(252, 39);
        struct value *filter = &s->settings[D_SystemCallFilter].value;
        size_t all;

        (void)state;
        assign(s, &new, "SystemCallFilter=@system-service");
        assign(s, &new, "SystemCallFilter=~chown:EPERM");
        all = strv_length(filter->words);
        sandbox_as_reported(s, &old);
        assert_int_equal(strv_length(filter->words), all);
        sandbox_as_reported(s, &new);
        assert_int_equal(strv_length(filter->words), all - 1);
        assert_false(strv_has(filter->words, "chown"));
}

static void other_units_than_services_imply_nothing(void **state)
{
        scoped(sandbox_freep) struct sandbox *s = unit("a.slice"), *copy = NULL;
        struct dialect d = dialect_of(252, 39);

        (void)state;
        assign(s, &d, "DevicePolicy=closed");
        assert_int_equal(sandbox_copy(s, &copy), 0);
        assert_int_equal(sandbox_imply(s, &d), 0);
        assert_true(same(s, copy));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(private_devices_takes_capabilities_and_closes_the_policy),
                cmocka_unit_test(a_given_bounding_set_keeps_its_origin),
                cmocka_unit_test(what_lost_its_cause_goes_away),
                cmocka_unit_test(a_dynamic_user_brings_its_fellows),
                cmocka_unit_test(before_257_the_tmp_of_a_dynamic_user_is_plainly_private),
                cmocka_unit_test(a_name_that_is_no_user_name_gives_no_user),
                cmocka_unit_test(a_clock_that_is_protected_is_listed_as_a_device),
                cmocka_unit_test(encrypted_credentials_open_the_tpm_in_some_releases),
                cmocka_unit_test(notifying_needs_access),
                cmocka_unit_test(from_256_a_user_unit_with_a_dynamic_user_is_refused),
                cmocka_unit_test(implying_twice_changes_nothing),
                cmocka_unit_test(a_copy_stands_alone),
                cmocka_unit_test(from_252_the_manager_keeps_errno_entries_of_allow_lists_to_itself),
                cmocka_unit_test(other_units_than_services_imply_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
