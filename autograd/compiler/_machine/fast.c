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

vg_own_rows vg_prebuilt_rows(const vg_program *program, vg_run rows) {
#if defined(VG_HAS_LEVELS) && defined(VG_BUILT_AVX512)
    if (rows == vg_rows_avx512) return vg_prebuilt_avx512(program);
#endif
#if defined(VG_HAS_LEVELS) && defined(VG_BUILT_AVX2)
    if (rows == vg_rows_avx2) return vg_prebuilt_avx2(program);
#endif
#if defined(VG_BUILT_BASELINE)
    if (rows == vg_rows_baseline) return vg_prebuilt_baseline(program);
#endif
    return NULL;
}

/* Four at a time, because these sources are compiled without unrolling; the numbers of a network are thousands. */
void vg_copy_backwards(int n, const double *from, double *last) {
    int k = 0;
    for (; k + 4 <= n; k += 4, last -= 4) {
        double a = from[k], b = from[k + 1], c = from[k + 2], d = from[k + 3];
        last[0] = a, last[-1] = b, last[-2] = c, last[-3] = d;
    }
    for (; k < n; k++) *last-- = from[k];
}

void vg_copy_scaled(int n, const double *from, double factor, double *to) {
    int k = 0;
    for (; k + 4 <= n; k += 4) {
        double a = from[k] * factor, b = from[k + 1] * factor, c = from[k + 2] * factor, d = from[k + 3] * factor;
        to[k] = a, to[k + 1] = b, to[k + 2] = c, to[k + 3] = d;
    }
    for (; k < n; k++) to[k] = from[k] * factor;
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

/* A column of doubles without gaps is used where it lies, in whole vectors; others are staged in a block of their own. */
static int vg_is_dense(ptrdiff_t stride, int is_single, int count) {
    return stride == sizeof(double) && !is_single && count % VG_LANES == 0;
}

static const double *vg_staged(const vg_data *data, int j, ptrdiff_t row, int count, double *to) {
    for (int r = 0; r < count; r++) to[r] = vg_input(data, j, row + r);
    for (int r = count; r % VG_LANES; r++) to[r] = to[count - 1];
    return to;
}

static void vg_unstage(const double *from, int count, char *to, ptrdiff_t stride) {
    for (int r = 0; r < count; r++) *(double *)(to + r * stride) = from[r];
}

ptrdiff_t vg_rows_own(const vg_program *program, const double *memory, const vg_data *data, ptrdiff_t begin,
                      ptrdiff_t end, double *scratch) {
    int n_inputs = program->n_inputs, n_outputs = program->n_outputs;
    double *staged = scratch + (size_t)program->n_registers * VG_WIDTH + (program->packed.end - program->packed.begin)
                   + n_outputs;
    double *staged_outputs = staged + (size_t)n_inputs * VG_WIDTH;
    const double **inputs = (const double **)(staged_outputs + (size_t)n_outputs * VG_WIDTH);
    double **outputs = (double **)(inputs + n_inputs);
    ptrdiff_t good = 0;
    for (ptrdiff_t row = begin, next; row < end; row = next) {
        int count = end - row < VG_WIDTH ? (int)(end - row) : VG_WIDTH;
        if (count > VG_LANES) count -= count % VG_LANES; /* the last rows are a block of their own */
        next = row + count;
        for (int j = 0; j < n_inputs; j++) {
            ptrdiff_t stride = data->input_strides[j];
            inputs[j] = vg_is_dense(stride, data->is_single[j], count)
                          ? (const double *)(data->inputs[j] + row * stride)
                          : vg_staged(data, j, row, count, staged + (size_t)j * VG_WIDTH);
        }
        for (int k = 0; k < n_outputs; k++)
            outputs[k] = vg_is_dense(data->output_strides[k], 0, count)
                           ? (double *)(data->outputs[k] + row * (ptrdiff_t)sizeof(double))
                           : staged_outputs + (size_t)k * VG_WIDTH;
        int done = program->own_rows((count + VG_LANES - 1) / VG_LANES * VG_LANES, memory, inputs, outputs, scratch);
        if (done > count) done = count;
        for (int k = 0; k < n_outputs; k++) {
            ptrdiff_t stride = data->output_strides[k];
            if (!vg_is_dense(stride, 0, count)) vg_unstage(outputs[k], done, data->outputs[k] + row * stride, stride);
        }
        good += done;
        if (done < count) good += program->rows(program, memory, data, row + done, row + count, scratch);
    }
    return good;
}
