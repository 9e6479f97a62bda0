/* Compiled programs for many rows, on x86-64-v3: with vectors of four numbers. See levels.h. */

#include "levels.h"

#ifdef VG_HAS_LEVELS
#define VG_NUMBERS 4
#define VM_TARGET __attribute__((target("arch=x86-64-v3")))
#include "rows.h"

ptrdiff_t vg_rows_avx2(const vg_program *program, const double *memory, const vg_data *data, ptrdiff_t begin,
                       ptrdiff_t end, double *registers) {
    return vg_run_rows(program, memory, data, begin, end, registers);
}

vg_own_rows vg_prebuilt_avx2(const vg_program *program) {
    return vg_find_prebuilt(program);
}
#endif
