/* Compiled programs with the bits of the engine: the same functions, every product rounded, row by row. The flags of
   the compiler are those of the engine, see floats.h. */

#include "kernels.h"

#include "machine.h"

const unsigned vg_fingerprint = VG_FINGERPRINT;
const int vg_n_operations = VG_OPERATIONS;
#define X(number, name) #name,
const char *const vg_operation_names[] = {VG_EACH_OPERATION(X, X, X)};
#undef X

vg_python_caller vg_python; /* machine.pyx sets it */

static inline double vg_dot_in_order(const double *m, double sum, const int *pairs, int n) {
    for (; n > 0; n--, pairs += 2) sum += m[pairs[0]] * m[pairs[1]];
    return sum;
}

#define VG_DOT_PRODUCT vg_dot_in_order
#include "scalar.h"

/* Add each product, times a number of rows, to its total. This code has only the instruction VG_SUM_SHARED. */
static void vg_add_shared(vg_code code, const double *m, double rows, double *totals) {
    const int *p = code.begin;
    while (p < code.end) {
        vg_sum_shared x = vg_sum_shared_at(p);
        double a = rows * m[x.a];
        for (const int *pair = x.pairs; pair < x.end; pair += 2) totals[pair[0]] += a * m[pair[1]];
        p = x.end;
    }
}

int vg_uniform_exact(const vg_program *program, double *memory) {
    return vg_scalar(program->uniform, memory);
}

int vg_row_exact(const vg_program *program, double *memory) {
    return vg_scalar(program->row, memory);
}

void vg_add_flat(const vg_program *program, const double *memory, double rows, double *totals) {
    vg_add_shared(program->flat, memory, rows, totals);
}

ptrdiff_t vg_rows_exact(const vg_program *program, const double *memory, const vg_data *data, ptrdiff_t begin,
                        ptrdiff_t end, double *scratch) {
    double *m = (double *)memory; /* no other thread uses it, so its registers may be written */
    ptrdiff_t good = 0;
    (void)scratch;
    for (ptrdiff_t row = begin; row < end; row++) {
        for (int j = 0; j < program->n_inputs; j++)
            m[j] = *(const double *)(data->inputs[j] + row * data->input_strides[j]);
        if (vg_scalar(program->row, m)) {
            data->failed[row] = 1;
            continue;
        }
        good++;
        for (int k = 0; data->outputs && k < program->n_outputs; k++)
            *(double *)(data->outputs[k] + row * data->output_strides[k]) = m[program->outputs[k]];
        vg_add_shared(program->sums, m, 1.0, data->totals);
    }
    return good;
}
