/* test_ksym.c - names of kernel functions, and who asked for a capability. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/observe/ksym.h"

#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>

static const char kernel[] = "ffffffff81000000 T _text\n"
                             "ffffffff81000100 T cap_capable\n"
                             "ffffffff81000200 T security_capable\n"
                             "ffffffff81000300 T ns_capable\n"
                             "ffffffff81000400 T ns_capable_noaudit\n"
                             "ffffffff81000500 t generic_permission.isra.0\n"
                             "ffffffff81000600 T inode_permission\n"
                             "ffffffff81000700 t ovl_permission\n"
                             "ffffffff81000800 T __x64_sys_chroot\n"
                             "ffffffff81000900 t do_task_stat\n"
                             "ffffffff81000a00 T do_seccomp\n"
                             "ffffffff81000b00 t net_ctl_permissions\n"
                             "ffffffff81000c00 D some_data\n"
                             "ffffffff81000d00 T cap_vm_enough_memory\n"
                             "ffffffff81000e00 t alias_two\n"
                             "ffffffff81000e00 T alias_one\n"
                             "ffffffffc0000000 t nft_thing\t[nf_tables]\n"
                             "ffffffffc0100000 t bpf_prog_0123_on_cap\t[bpf]\n"
                             "nonsense\n"
                             "ffffffff81001000 \n"
                             "ffffffff81001000 T\n";

enum {
        CAPABLE = 0x150,
        SECURITY = 0x250,
        NS = 0x350,
        NOAUDIT = 0x450,
        PERMISSION = 0x550,
        INODE = 0x650,
        OVERLAY = 0x750,
        CHROOT = 0x850,
        STAT = 0x950,
        SECCOMP = 0xa50,
        NET_CTL = 0xb50,
        MEMORY = 0xd50,
};

static struct ksyms *read_kernel(void)
{
        struct ksyms *k = NULL;

        assert_int_equal(ksym_parse(kernel, strlen(kernel), &k), 0);
        return k;
}

static void asks(unsigned capability, bool root, const char *by, bool quiet, const unsigned *frames)
{
        struct ksyms *k = read_kernel();
        struct ksym_asker asker;
        uint64_t stack[8];
        size_t n = 0;

        for (; frames[n]; n++)
                stack[n] = 0xffffffff81000000 + frames[n];
        ksym_asker(k, stack, n, capability, root, false, &asker);
        assert_string_equal(asker.by, by);
        assert_int_equal(asker.quiet, quiet);
        ksym_free(k);
}
#define FRAMES(...) ((const unsigned[]){ __VA_ARGS__, 0 })

static void an_address_has_the_name_of_the_function_it_lies_in(void **state)
{
        struct ksyms *k = read_kernel();
        char name[KSYM_NAME];

        (void)state;
        assert_string_equal(ksym_find(k, 0xffffffff81000100, name), "cap_capable");
        assert_string_equal(ksym_find(k, 0xffffffff810001ff, name), "cap_capable");
        assert_string_equal(ksym_find(k, 0xffffffff81000550, name), "generic_permission");
        assert_string_equal(ksym_find(k, 0xffffffff81000850, name), "sys_chroot");
        assert_string_equal(ksym_find(k, 0xffffffffc0000010, name), "nft_thing");
        assert_null(ksym_find(k, 0xffffffff80ffffff, name));
        assert_null(ksym_find(k, 0, name));
        assert_null(ksym_find(k, UINT64_MAX, name));
        ksym_free(k);
}

static void data_is_no_function(void **state)
{
        struct ksyms *k = read_kernel();
        char name[KSYM_NAME];

        (void)state;
        assert_string_equal(ksym_find(k, 0xffffffff81000c10, name), "net_ctl_permissions");
        ksym_free(k);
}

static void of_two_names_the_global_one_counts(void **state)
{
        struct ksyms *k = read_kernel();
        char name[KSYM_NAME];

        (void)state;
        assert_string_equal(ksym_find(k, 0xffffffff81000e10, name), "alias_one");
        ksym_free(k);
}

static void hidden_addresses_are_told(void **state)
{
        static const char hidden[] = "0000000000000000 T cap_capable\n0000000000000000 T x\n";
        struct ksyms *k = NULL;

        (void)state;
        assert_int_equal(ksym_parse(hidden, strlen(hidden), &k), 1);
        assert_int_equal(ksym_parse("", 0, &k), 1);
        assert_null(k);
}

static void a_text_cut_anywhere_is_read(void **state)
{
        (void)state;
        for (size_t n = 0; n < strlen(kernel); n++) {
                struct ksyms *k = NULL;
                char name[KSYM_NAME];
                char *cut = strndup(kernel, n);

                assert_non_null(cut);
                if (ksym_parse(cut, n, &k) == 0)
                        ksym_find(k, 0xffffffff81000150, name);
                ksym_free(k);
                free(cut);
        }
}

static void a_name_longer_than_its_room_is_cut(void **state)
{
        char text[400], name[KSYM_NAME];
        struct ksyms *k = NULL;

        (void)state;
        memset(text, 'x', sizeof(text));
        memcpy(text, "ffffffff81000000 T ", 19);
        assert_int_equal(ksym_parse(text, sizeof(text), &k), 0);
        assert_int_equal(strlen(ksym_find(k, 0xffffffff81000000, name)), KSYM_NAME - 1);
        ksym_free(k);
}

static void the_asker_is_the_first_that_is_no_helper(void **state)
{
        (void)state;
        asks(CAP_SYS_CHROOT, true, "sys_chroot", false, FRAMES(CAPABLE, SECURITY, NS, CHROOT));
        asks(CAP_SYS_CHROOT, true, "", false, FRAMES(CAPABLE, SECURITY, NS));
}

static void a_check_without_audit_is_quiet(void **state)
{
        (void)state;
        asks(CAP_SYS_PTRACE, true, "do_task_stat", true, FRAMES(CAPABLE, NOAUDIT, STAT));
        asks(CAP_SYSLOG, true, "inode_permission", true, FRAMES(CAPABLE, NOAUDIT, INODE));
}

static void a_filter_needs_its_capability_although_it_asks_without_audit(void **state)
{
        (void)state;
        asks(CAP_SYS_ADMIN, true, "do_seccomp", false, FRAMES(CAPABLE, NOAUDIT, SECCOMP));
}

static void memory_asks_without_consequence(void **state)
{
        (void)state;
        asks(CAP_SYS_ADMIN, true, "cap_vm_enough_memory", true, FRAMES(CAPABLE, MEMORY));
}

static void the_table_is_about_one_capability_only(void **state)
{
        (void)state;
        asks(CAP_SYS_ADMIN, true, "do_task_stat", false, FRAMES(CAPABLE, NS, STAT));
}

static void network_settings_ask_root_in_vain_and_others_in_earnest(void **state)
{
        (void)state;
        asks(CAP_NET_ADMIN, true, "net_ctl_permissions", true, FRAMES(CAPABLE, NOAUDIT, NET_CTL));
        asks(CAP_NET_ADMIN, false, "net_ctl_permissions", false, FRAMES(CAPABLE, NOAUDIT, NET_CTL));
}

static void an_overlay_asks_for_itself_below_and_for_its_caller_above(void **state)
{
        (void)state;
        asks(CAP_DAC_OVERRIDE, true, "generic_permission", false,
             FRAMES(CAPABLE, NS, PERMISSION, OVERLAY, INODE));
        asks(CAP_DAC_OVERRIDE, true, "generic_permission", true,
             FRAMES(CAPABLE, NS, PERMISSION, INODE, OVERLAY, INODE));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_address_has_the_name_of_the_function_it_lies_in),
                cmocka_unit_test(data_is_no_function),
                cmocka_unit_test(of_two_names_the_global_one_counts),
                cmocka_unit_test(hidden_addresses_are_told),
                cmocka_unit_test(a_text_cut_anywhere_is_read),
                cmocka_unit_test(a_name_longer_than_its_room_is_cut),
                cmocka_unit_test(the_asker_is_the_first_that_is_no_helper),
                cmocka_unit_test(a_check_without_audit_is_quiet),
                cmocka_unit_test(a_filter_needs_its_capability_although_it_asks_without_audit),
                cmocka_unit_test(memory_asks_without_consequence),
                cmocka_unit_test(the_table_is_about_one_capability_only),
                cmocka_unit_test(network_settings_ask_root_in_vain_and_others_in_earnest),
                cmocka_unit_test(an_overlay_asks_for_itself_below_and_for_its_caller_above),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
