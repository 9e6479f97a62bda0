/* Compiled programs at the speed of the processor: the code for one row, and the choice of the code for many rows. */

#include "kernels.h"

#include "block.h"
#include "levels.h"

#include "scalar.h"

int vg_uniform_fast(const vg_program *program, double *memory) {
    return program->own_uniform ? program->own_uniform(memory) : vg_scalar(program->uniform, memory);
}

int vg_row_fast(const vg_program *program, double *memory, double *outputs) {
    return program->own_row ? program->own_row(memory, outputs) : vg_scalar(program->row, memory);
}

/* setup.py defines VG_BUILT_... for each level that it builds. */
vg_run vg_rows_fast(int numbers) {
#if defined(VG_HAS_LEVELS) && defined(VG_BUILT_AVX512)
    if (numbers == 8 ? vg_has_avx512() : numbers == 0 && vg_prefers_avx512()) return vg_rows_avx512;
#endif
#if defined(VG_HAS_LEVELS) && defined(VG_BUILT_AVX2)
    if ((numbers == 4 || numbers == 0) && vg_has_avx2()) return vg_rows_avx2;
#endif
#if defined(VG_BUILT_BASELINE)
    if (numbers == VG_BASELINE_NUMBERS || numbers == 0) return vg_rows_baseline;
#endif
#if defined(VG_HAS_LEVELS) && defined(VG_BUILT_AVX512)
    if (numbers == 0 && vg_has_avx512()) return vg_rows_avx512;
#endif
    return NULL;
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
