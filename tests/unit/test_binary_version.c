/* test_binary_version.c - the build id of programs, and of files that pretend to be one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/base.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/observe/behaviour.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct room {
        char top[64];
};

static void open_room(struct room *room)
{
        snprintf(room->top, sizeof(room->top), "/tmp/gird-version-XXXXXX");
        assert_non_null(mkdtemp(room->top));
}

static void close_room(struct room *room)
{
        char command[128];

        snprintf(command, sizeof(command), "rm -rf %s", room->top);
        assert_int_equal(system(command), 0);
}

/* A program with one note segment: name "GNU", an id of eight bytes. */
struct image {
        Elf64_Ehdr head;
        Elf64_Phdr segment;
        Elf64_Nhdr note;
        char name[4];
        unsigned char id[8];
};

static struct image make_image(void)
{
        struct image i = { .name = "GNU", .id = { 0xde, 0xad, 0xbe, 0xef, 0, 1, 2, 3 } };

        memcpy(i.head.e_ident, ELFMAG, SELFMAG);
        i.head.e_ident[EI_CLASS] = ELFCLASS64;
        i.head.e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB
                                                                            : ELFDATA2MSB;
        i.head.e_phoff = offsetof(struct image, segment);
        i.head.e_phentsize = sizeof(Elf64_Phdr);
        i.head.e_phnum = 1;
        i.segment.p_type = PT_NOTE;
        i.segment.p_offset = offsetof(struct image, note);
        i.segment.p_filesz = sizeof(struct image) - offsetof(struct image, note);
        i.segment.p_align = 4;
        i.note = (Elf64_Nhdr){ .n_namesz = 4, .n_descsz = 8, .n_type = NT_GNU_BUILD_ID };
        return i;
}

static void write_file(const struct room *room, const char *name, const void *bytes, size_t n)
{
        scoped(mem_freep) char *path = text_format("%s/%s", room->top, name);
        FILE *f = fopen(path, "w");

        assert_non_null(f);
        assert_int_equal(fwrite(bytes, 1, n, f), n);
        fclose(f);
}

static void the_build_id_is_read(void **state)
{
        struct image i = make_image();
        scoped(close_room) struct room room;
        scoped(mem_freep) char *version = NULL;

        (void)state;
        open_room(&room);
        write_file(&room, "prog", &i, sizeof(i));
        version = binary_version(room.top, "/prog");
        assert_string_equal(version, "deadbeef00010203");
}

static void without_one_it_is_size_and_time(void **state)
{
        scoped(close_room) struct room room;
        scoped(mem_freep) char *version = NULL;

        (void)state;
        open_room(&room);
        write_file(&room, "script", "#!/bin/sh\n", 10);
        version = binary_version(room.top, "script");
        assert_true(text_starts(version, "10-"));
        assert_int_equal(strspn(version, "0123456789-"), strlen(version));
}

static void what_is_no_file_has_no_version(void **state)
{
        scoped(close_room) struct room room;
        scoped(mem_freep) char *fifo = NULL, *link = NULL;

        (void)state;
        open_room(&room);
        fifo = text_format("%s/fifo", room.top);
        link = text_format("%s/out", room.top);
        assert_int_equal(mkfifo(fifo, 0600), 0);
        assert_int_equal(symlink("/bin/sh", link), 0);
        assert_null(binary_version(room.top, "/fifo"));
        assert_null(binary_version(room.top, "/"));
        assert_null(binary_version(room.top, "/missing"));
        assert_null(binary_version(room.top, "/out")); /* /bin/sh below the root is none */
        assert_null(binary_version(room.top, "/../../../../bin/sh"));
}

/* Every byte of the headers takes hostile values; the file may also end anywhere. */
static void damaged_headers_lead_nowhere(void **state)
{
        static const unsigned char hostile[] = { 0, 1, 4, 7, 0x7f, 0x80, 0xff };
        scoped(close_room) struct room room;
        struct image good = make_image();

        (void)state;
        open_room(&room);
        for (size_t at = 0; at < sizeof(good); at++)
                for (size_t h = 0; h < COUNT(hostile); h++) {
                        scoped(mem_freep) char *version = NULL;
                        struct image bad = good;

                        ((unsigned char *)&bad)[at] = hostile[h];
                        write_file(&room, "bad", &bad, sizeof(bad));
                        version = binary_version(room.top, "bad");
                        assert_non_null(version);
                }
        for (size_t n = 0; n < sizeof(good); n++) {
                scoped(mem_freep) char *version = NULL;

                write_file(&room, "short", &good, n);
                version = binary_version(room.top, "short");
                assert_non_null(version);
        }
}

static void huge_numbers_lead_nowhere(void **state)
{
        scoped(close_room) struct room room;
        struct image all[5];

        (void)state;
        open_room(&room);
        for (size_t i = 0; i < COUNT(all); i++)
                all[i] = make_image();
        all[0].head.e_phoff = UINT64_MAX - 3;
        all[1].segment.p_offset = UINT64_MAX;
        all[2].segment.p_filesz = UINT64_MAX;
        all[3].note.n_namesz = UINT32_MAX;
        all[4].note.n_descsz = UINT32_MAX;
        for (size_t i = 0; i < COUNT(all); i++) {
                scoped(mem_freep) char *version = NULL;

                write_file(&room, "bad", &all[i], sizeof(all[i]));
                version = binary_version(room.top, "bad");
                assert_non_null(strchr(version, '-'));
        }
}

static void notes_may_be_aligned_to_eight(void **state)
{
        struct image i = make_image();
        scoped(close_room) struct room room;
        scoped(mem_freep) char *version = NULL;

        (void)state;
        open_room(&room);
        i.segment.p_align = 8;
        write_file(&room, "prog", &i, sizeof(i));
        version = binary_version(room.top, "/prog");
        assert_string_equal(version, "deadbeef00010203");
}

static void the_other_byte_order_is_read_too(void **state)
{
        unsigned char bytes[52 + 32 + 12 + 4 + 8] = {
                0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2MSB
        };
        scoped(close_room) struct room room;
        scoped(mem_freep) char *version = NULL;

        (void)state;
        open_room(&room);
        bytes[31] = 52; /* e_phoff */
        bytes[43] = 32; /* e_phentsize */
        bytes[45] = 1;  /* e_phnum */
        bytes[52 + 3] = PT_NOTE;
        bytes[52 + 7] = 84;  /* p_offset */
        bytes[52 + 19] = 24; /* p_filesz */
        bytes[84 + 3] = 4;   /* n_namesz */
        bytes[84 + 7] = 8;   /* n_descsz */
        bytes[84 + 11] = NT_GNU_BUILD_ID;
        memcpy(bytes + 96, "GNU", 4);
        bytes[100] = 0xab;
        write_file(&room, "prog", bytes, sizeof(bytes));
        version = binary_version(room.top, "/prog");
        assert_string_equal(version, "ab00000000000000");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_build_id_is_read),
                cmocka_unit_test(without_one_it_is_size_and_time),
                cmocka_unit_test(what_is_no_file_has_no_version),
                cmocka_unit_test(damaged_headers_lead_nowhere),
                cmocka_unit_test(huge_numbers_lead_nowhere),
                cmocka_unit_test(notes_may_be_aligned_to_eight),
                cmocka_unit_test(the_other_byte_order_is_read_too),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
