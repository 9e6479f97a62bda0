/* Compiled programs at the speed of the processor: the code for one row, and the choice of the code for many rows. */

#include "kernels.h"

#include "block.h"
#include "levels.h"

/* Four chains of additions, because each addition in a chain waits for the one before. */
static inline double vg_dot_product(const double *m, double sum, const int *pairs, int n) {
    double a = 0.0, b = 0.0, c = 0.0;
    for (; n >= 4; n -= 4, pairs += 8) {
        sum += m[pairs[0]] * m[pairs[1]];
        a += m[pairs[2]] * m[pairs[3]];
        b += m[pairs[4]] * m[pairs[5]];
        c += m[pairs[6]] * m[pairs[7]];
    }
    for (; n > 0; n--, pairs += 2) sum += m[pairs[0]] * m[pairs[1]];
    return (sum + a) + (b + c);
}

#define VG_DOT_PRODUCT vg_dot_product
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

/* Any operation, number by number. It is compiled for the baseline only: these operations call functions or branch, so
   longer vectors gain nothing. */
const int *vg_block_operation(const int *p, vg_block b) {
    double spread[3 * VG_WIDTH], *out = vg_register(p[1], &b);
    const double *x = VG_OPERAND(2, &b), *y, *z;
    switch (p[0]) {
#define LOOP(expression) for (int r = 0; r < b.n; r++) out[r] = expression;
#define X1(number, name) case number: LOOP(name##_value(x[r], 0.0, 0.0)) return p + 3;
#define X2(number, name) case number: y = VG_OPERAND(3, &b); LOOP(name##_value(x[r], y[r], 0.0)) return p + 4;
#define X3(number, name) \
    case number: y = VG_OPERAND(3, &b), z = VG_OPERAND(4, &b); LOOP(name##_value(x[r], y[r], z[r])) return p + 5;
        VG_EACH_OPERATION(X1, X2, X3)
#undef X1
#undef X2
#undef X3
#undef LOOP
    default: return p;
    }
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
