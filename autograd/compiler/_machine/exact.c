/* Compiled programs with the bits of the engine: the same functions, every product rounded, row by row. The flags of
   the compiler are those of the engine, see floats.h. */

#include "kernels.h"

#include "block.h"

const unsigned vg_fingerprint = VG_FINGERPRINT;
const unsigned vg_instructions = VG_INSTRUCTIONS;
const int vg_n_operations = VG_OPERATIONS;
#define X(number, name) #name,
const char *const vg_operation_names[] = {VG_EACH_OPERATION(X, X, X)};
#undef X

vg_python_caller vg_python; /* machine.pyx sets it */

#include "scalar.h"

/* The code of this file only: for other processors these loops gain nothing, because the operations call functions or
   branch. */
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

void vg_run_operation(const int *p, double *m) {
    vg_code code = {p, p + 1};
    vg_scalar(code, m);
}

/* Add each product, times a number of rows, to its total. This code has only the instruction VG_SUM_SHARED. */
static void vg_add_shared(vg_code code, const double *m, double rows, double *totals) {
    const int *p = code.begin;
    while (p < code.end) {
        vg_sum_shared x = vg_sum_shared_at(p);
        double a = m[x.a]; /* a * rows alone could be infinite */
        for (const int *pair = x.pairs; pair < x.end; pair += 2) totals[pair[0]] += rows * (a * m[pair[1]]);
        p = x.end;
    }
}

int vg_uniform_exact(const vg_program *program, double *memory) {
    return program->own_uniform ? program->own_uniform(memory) : vg_scalar(program->uniform, memory);
}

int vg_row_exact(const vg_program *program, double *memory, double *outputs) {
    return program->own_row ? program->own_row(memory, outputs) : vg_scalar(program->row, memory);
}

void vg_add_flat(const vg_program *program, const double *memory, double rows, double *totals) {
    vg_add_shared(program->flat, memory, rows, totals);
}

ptrdiff_t vg_rows_exact(const vg_program *program, const double *memory, const vg_data *data, ptrdiff_t begin,
                        ptrdiff_t end, double *scratch) {
    double *m = (double *)memory; /* no other thread uses it, so its registers may be written */
    double *outputs = scratch + program->n_registers;
    ptrdiff_t good = 0;
    for (ptrdiff_t row = begin; row < end; row++) {
        for (int j = 0; j < program->n_inputs; j++) m[j] = vg_input(data, j, row);
        if (vg_row_exact(program, m, outputs)) {
            data->failed[row] = 1;
            continue;
        }
        good++;
        for (int k = 0; data->outputs && k < program->n_outputs; k++)
            *(double *)(data->outputs[k] + row * data->output_strides[k]) =
                program->own_row ? outputs[k] : m[program->outputs[k]];
        vg_add_shared(program->sums, m, 1.0, data->totals);
    }
    return good;
}
