/* Compiled programs, computed as the engine computes: the same functions, every product rounded, row by row.
   Compiled as the engine is, see floats.h. */

#include "kernels.h"

#include "machine.h"

static inline double vg_dot_in_order(const double *m, double sum, const int *pairs, int n) {
    for (; n > 0; n--, pairs += 2) sum += m[pairs[0]] * m[pairs[1]];
    return sum;
}

#define VG_DOT_PRODUCT vg_dot_in_order
#include "scalar.h"

static void vg_scalar_sums(vg_code code, const double *m, double *totals) {
    const int *p = code.begin;
    while (p < code.end) {
        int n = p[2];
        double a = m[p[1]];
        for (p += 3; n > 0; n--, p += 2) totals[p[0]] += a * m[p[1]];
    }
}

int vg_uniform_exact(const vg_program *program, double *memory) {
    return vg_scalar(program->uniform, memory);
}

int vg_row_exact(const vg_program *program, double *memory) {
    return vg_scalar(program->row, memory);
}

void vg_add_flat(const vg_program *program, const double *memory, double rows, double *totals) {
    const int *p = program->flat.begin;
    while (p < program->flat.end) {
        int n = p[2];
        double a = rows * memory[p[1]];
        for (p += 3; n > 0; n--, p += 2) totals[p[0]] += a * memory[p[1]];
    }
}

ptrdiff_t vg_rows_exact(const vg_program *program, const double *memory, const vg_data *data, ptrdiff_t begin,
                        ptrdiff_t end, double *scratch) {
    double *m = (double *)memory; /* of this thread alone, for the registers are in it */
    ptrdiff_t good = 0;
    (void)scratch;
    for (ptrdiff_t row = begin; row < end; row++) {
        for (int j = 0; j < program->n_inputs; j++)
            m[j] = *(const double *)(data->inputs[j] + row * data->strides[j]);
        if (vg_scalar(program->row, m)) {
            data->strays[row] = 1;
            continue;
        }
        good++;
        for (int k = 0; data->outputs && k < program->n_outputs; k++)
            data->outputs[k][row * data->spacings[k]] = m[program->outputs[k]];
        vg_scalar_sums(program->sums, m, data->totals);
    }
    return good;
}
