/* Compiled programs at the speed of the processor. Sums of products may keep more digits than rounding each product
   would, so this file and wide.c alone are compiled with -ffp-contract=fast, and they must be. */

#include "rows.h"

/* A chain of additions would wait for each of them; four can be under way at a time. */
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

ptrdiff_t vg_rows_fast(const vg_program *program, const double *memory, const vg_data *data, ptrdiff_t begin,
                       ptrdiff_t end, double *registers) {
    return vg_run_rows(program, memory, data, begin, end, registers);
}
