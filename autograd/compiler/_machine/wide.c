/* The rows of fast.c once more, with vectors of eight numbers, for processors that have and like them. */

#if defined(__x86_64__) && defined(__linux__) && \
    ((defined(__clang__) && __clang_major__ >= 17) || (!defined(__clang__) && defined(__GNUC__) && __GNUC__ >= 12))

#define VG_NUMBERS 8
#ifdef __clang__
#define VM_CLONES __attribute__((target("arch=x86-64-v4")))
#else
#define VM_CLONES __attribute__((target("arch=x86-64-v4,prefer-vector-width=512")))
#endif

#include "rows.h"

int vg_can_be_wide(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}

/* On an EPYC of the Zen 5 they take two thirds of the time of four; on a Xeon of 2.8 GHz an attempt at them took more. */
int vg_is_better_wide(void) {
    return vg_can_be_wide() && __builtin_cpu_is("amd");
}

ptrdiff_t vg_rows_wide(const vg_program *program, const double *memory, const vg_data *data, ptrdiff_t begin,
                       ptrdiff_t end, double *registers) {
    return vg_run_rows(program, memory, data, begin, end, registers);
}

#else

#include "machine.h"

int vg_can_be_wide(void) {
    return 0;
}

int vg_is_better_wide(void) {
    return 0;
}

ptrdiff_t vg_rows_wide(const vg_program *program, const double *memory, const vg_data *data, ptrdiff_t begin,
                       ptrdiff_t end, double *registers) {
    return vg_rows_fast(program, memory, data, begin, end, registers);
}

#endif
