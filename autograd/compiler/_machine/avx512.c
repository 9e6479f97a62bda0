/* Compiled programs for many rows, on x86-64-v4: with vectors of eight numbers. See levels.h. */

#include "levels.h"

#ifdef VG_HAS_LEVELS
#define VG_NUMBERS 8
#ifdef __clang__
#define VM_TARGET __attribute__((target("arch=x86-64-v4")))
#else
#define VM_TARGET __attribute__((target("arch=x86-64-v4,prefer-vector-width=512")))
#endif
#include "rows.h"

ptrdiff_t vg_rows_avx512(const vg_program *program, const double *memory, const vg_data *data, ptrdiff_t begin,
                         ptrdiff_t end, double *registers) {
    return vg_run_rows(program, memory, data, begin, end, registers);
}

vg_own_rows vg_prebuilt_avx512(const vg_program *program) {
    return vg_find_prebuilt(program);
}
#endif
