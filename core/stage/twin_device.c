/* twin_device.c - the device policy of a twin that has no scope: what DevicePolicy=closed
 * lets through, as a small BPF program.
 *
 * Without it the twin's root could write to the machine's disks (facts/twin.md, A 4). */
#include "core/stage/twin_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>

#define ANY UINT32_MAX

/* Character devices; a minor of ANY stands for all. */
static const struct {
        uint32_t major, minor;
} harmless[] = {
        { 1, 3 },    /* null */
        { 1, 5 },    /* zero */
        { 1, 7 },    /* full */
        { 1, 8 },    /* random */
        { 1, 9 },    /* urandom */
        { 5, 0 },    /* tty */
        { 5, 1 },    /* console */
        { 5, 2 },    /* ptmx */
        { 10, 200 }, /* net/tun: acts on the twin's own network */
        { 0, 0 },    /* overlay's whiteouts, systemd's inaccessible nodes */
        { 136, ANY }, { 137, ANY }, { 138, ANY }, { 139, ANY }, /* pts */
        { 140, ANY }, { 141, ANY }, { 142, ANY }, { 143, ANY },
};

enum {
        HEAD = 6,
        PER_DEVICE = 3,
        TAIL = 2,
        LENGTH = HEAD + (int)COUNT(harmless) * PER_DEVICE + TAIL
};

#define LOAD(to, field)                                                                            \
        {                                                                                          \
                .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = (to), .src_reg = BPF_REG_1,          \
                .off = (int16_t)offsetof(struct bpf_cgroup_dev_ctx, field)                         \
        }
#define OP(opcode, reg, distance, value)                                                           \
        {                                                                                          \
                .code = (opcode), .dst_reg = (reg), .off = (distance), .imm = (int32_t)(value)     \
        }
#define SET(reg, value)                   OP(BPF_ALU64 | BPF_MOV | BPF_K, reg, 0, value)
#define JUMP_UNLESS(reg, value, distance) OP(BPF_JMP | BPF_JNE | BPF_K, reg, distance, value)
#define LEAVE                             OP(BPF_JMP | BPF_EXIT, 0, 0, 0)

static void assemble(struct bpf_insn *to)
{
        const struct bpf_insn head[HEAD] = {
                LOAD(BPF_REG_2, access_type),
                LOAD(BPF_REG_3, major),
                LOAD(BPF_REG_4, minor),
                OP(BPF_ALU | BPF_AND | BPF_K, BPF_REG_2, 0, 0xffff),
                /* no character device: to the refusal */
                JUMP_UNLESS(BPF_REG_2, BPF_DEVCG_DEV_CHAR, LENGTH - TAIL - 5),
                SET(BPF_REG_0, 1),
        };
        const struct bpf_insn tail[TAIL] = { SET(BPF_REG_0, 0), LEAVE };

        memcpy(to, head, sizeof(head));
        to += HEAD;
        for (size_t i = 0; i < COUNT(harmless); i++, to += PER_DEVICE) {
                const struct bpf_insn match[PER_DEVICE] = {
                        JUMP_UNLESS(BPF_REG_3, harmless[i].major, 2),
                        JUMP_UNLESS(BPF_REG_4, harmless[i].minor, 1),
                        LEAVE,
                };

                memcpy(to, match, sizeof(match));
                if (harmless[i].minor == ANY) /* nothing to compare */
                        to[1] = (struct bpf_insn)SET(BPF_REG_0, 1);
        }
        memcpy(to, tail, sizeof(tail));
}

int device_policy(const char *folder, struct err *e)
{
        struct bpf_insn program[LENGTH];
        scoped(fd_closep) int group = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        scoped(fd_closep) int fd = -1;
        union bpf_attr load, attach;

        assemble(program);
        memset(&load, 0, sizeof(load));
        load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
        load.insn_cnt = LENGTH;
        load.insns = (uint64_t)(uintptr_t)program;
        load.license = (uint64_t)(uintptr_t) "MIT";
        memcpy(load.prog_name, "gird_twin", sizeof("gird_twin"));
        if (group < 0)
                return err_set(e, -errno, "cannot open %s", folder);
        fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load));
        memset(&attach, 0, sizeof(attach));
        attach.target_fd = (uint32_t)group;
        attach.attach_bpf_fd = (uint32_t)fd;
        attach.attach_type = BPF_CGROUP_DEVICE;
        /* Units of the twin add theirs below. */
        attach.attach_flags = BPF_F_ALLOW_MULTI;
        if (fd < 0 || syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof(attach)) < 0)
                return err_say(e, 1,
                               "no device policy can be set here (bpf: %s), and without one the "
                               "twin could reach this machine's disks",
                               strerror(errno));
        return 0;
}
