/* Compiled programs for many rows, on every processor of the platform. See levels.h. */

#include "levels.h"

#define VG_NUMBERS VG_BASELINE_NUMBERS
#include "rows.h"

ptrdiff_t vg_rows_baseline(const vg_program *program, const double *memory, const vg_data *data, ptrdiff_t begin,
                           ptrdiff_t end, double *registers) {
    return vg_run_rows(program, memory, data, begin, end, registers);
}

vg_own_rows vg_prebuilt_baseline(const vg_program *program) {
    return vg_find_prebuilt(program);
}
