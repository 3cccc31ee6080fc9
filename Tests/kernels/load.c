/*
 * The steering programs on the kernel that this runs on, with CAP_BPF and no other capability: of each
 * mode one variant has to load. Prints a line for each mode; exit code 1 when one has none.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CAN_USE_BPF = 39 };

/* The objects are linked in. */
extern const char _binary_steering_o_start[], _binary_steering_o_end[];
extern const char _binary_quic_o_start[], _binary_quic_o_end[];
extern const char _binary_pack_o_start[], _binary_pack_o_end[];
extern const char _binary_balanced_o_start[], _binary_balanced_o_end[];
extern const char _binary_balancedQuic_o_start[], _binary_balancedQuic_o_end[];
extern const char _binary_balancedPack_o_start[], _binary_balancedPack_o_end[];

static const struct {
    const char *mode;
    const char *object, *end;
    const char *variants[2];
} modes[] = {
    {"flow", _binary_steering_o_start, _binary_steering_o_end, {"flow", "flow_plain"}},
    {"stateless", _binary_steering_o_start, _binary_steering_o_end, {"stateless", 0}},
    {"quic", _binary_quic_o_start, _binary_quic_o_end, {"quic", "quic_plain"}},
    {"ids first", _binary_pack_o_start, _binary_pack_o_end, {"id_first", "id_first_plain"}},
    {"4-tuples first", _binary_pack_o_start, _binary_pack_o_end,
     {"tuple_first", "tuple_first_plain"}},
    {"flow by load", _binary_balanced_o_start, _binary_balanced_o_end, {"flow", "flow_plain"}},
    {"quic by load", _binary_balancedQuic_o_start, _binary_balancedQuic_o_end,
     {"quic", "quic_plain"}},
    {"ids first by load", _binary_balancedPack_o_start, _binary_balancedPack_o_end,
     {"id_first", "id_first_plain"}},
    {"4-tuples first by load", _binary_balancedPack_o_start, _binary_balancedPack_o_end,
     {"tuple_first", "tuple_first_plain"}},
};

static char last[512];

/* The last line that says why. */
static int hear(enum libbpf_print_level level, const char *format, va_list arguments)
{
    if (level == LIBBPF_WARN)
        vsnprintf(last, sizeof last, format, arguments);
    return 0;
}

static int loads(const char *object, size_t size, const char *variant)
{
    struct bpf_object *opened = bpf_object__open_mem(object, size, NULL);
    struct bpf_program *program;
    int result;

    if (!opened)
        return 0;
    bpf_object__for_each_program(program, opened)
        bpf_program__set_autoload(program, !strcmp(bpf_program__name(program), variant));
    result = bpf_object__load(opened);
    bpf_object__close(opened);
    return result == 0;
}

int main(void)
{
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct few[2] = {{0}};
    int failed = 0;

    /* Before 5.11 a map's memory is locked memory. */
    setrlimit(RLIMIT_MEMLOCK, &all);
    few[1].effective = few[1].permitted = 1u << (CAN_USE_BPF - 32);
    if (syscall(SYS_capset, &header, few)) {
        perror("capset");
        return 1;
    }
    libbpf_set_print(hear);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        const char *found = NULL;

        for (int j = 0; j < 2 && !found && modes[i].variants[j]; j++)
            if (loads(modes[i].object, modes[i].end - modes[i].object, modes[i].variants[j]))
                found = modes[i].variants[j];
        printf("%s: %s\n", modes[i].mode, found ? found : last);
        failed |= !found;
    }
    return failed;
}
