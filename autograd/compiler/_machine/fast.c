/* Compiled programs at the speed of the processor: the code for one row, and the choice of the code for many rows. */

#include "kernels.h"

#include "block.h"
#include "levels.h"

#include "scalar.h"

int vg_uniform_fast(const vg_program *program, double *memory) {
    return vg_scalar(program->uniform, memory);
}

int vg_row_fast(const vg_program *program, double *memory) {
    return vg_scalar(program->row, memory);
}

vg_run vg_rows_fast(int numbers) {
#ifdef VG_HAS_LEVELS
    int has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    int has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    /* measured against avx2: two thirds of the time on an AMD EPYC (Zen 5), more time on an Intel Xeon (2.8 GHz) */
    if (has_avx512 && (numbers == 8 || (numbers == 0 && __builtin_cpu_is("amd")))) return vg_rows_avx512;
    if (has_avx2 && (numbers == 4 || numbers == 0)) return vg_rows_avx2;
#endif
    return numbers == VG_BASELINE_NUMBERS || numbers == 0 ? vg_rows_baseline : NULL;
}

const int *vg_block_call(const int *p, vg_block b) {
    vg_call x = vg_call_at(p);
    double spread[3 * VG_WIDTH], *out = vg_register(x.out, &b);
    const double *operands[3];
    for (int i = 0; i < x.n; i++) operands[i] = vg_place(x.operands[i], &b, spread + i * VG_WIDTH);
    vg_python(x.function, x.n, b.count, operands, out, b.failed);
    for (int r = b.count; r < b.n; r++) out[r] = out[b.count - 1];
    return x.end;
}
