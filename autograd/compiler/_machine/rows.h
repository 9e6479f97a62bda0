/* Compiled programs in blocks of rows, each instruction a loop over the rows of a block.

   Sums over rows are added up in an order of their own; the elementary functions are those of vector.h, good to 4 ulp.
   Before the #include, VG_NUMBERS says how many numbers the sums of products take at a time, 4 or 8, and VM_CLONES, see
   vector.h, for which processors. */

#ifndef VALUEGRAD_ROWS_H
#define VALUEGRAD_ROWS_H

#include "kernels.h"

#include "machine.h"
#include "vector.h"

#ifndef VG_NUMBERS
#define VG_NUMBERS 4
#endif

/* ------------------------------------------------------------------------- sums of products */

#if defined(__GNUC__) || defined(__clang__)
#define VG_ALIGNED __attribute__((aligned(64)))
typedef double vg_vector __attribute__((vector_size(8 * VG_NUMBERS), aligned(8 * VG_NUMBERS), may_alias));
typedef long long vg_vector_bits __attribute__((vector_size(8 * VG_NUMBERS)));
#define VG_VECTOR(x) (*(const vg_vector *)(x))
#define VG_ALL(x) ((vg_vector)((x) - (vg_vector){0.0}))
/* Vectors go by address where they go at all: without AVX there is no way to pass one. */

/* vg_afterwards() of a vector. */
VM_INLINE void vg_vector_afterwards(int after, vg_vector *sum, const double *gate) {
    vg_vector zero = {0.0}, one = VG_ALL(1.0);
    if (after == VG_RELU_AFTER) {
        *sum = (vg_vector)(~(vg_vector_bits)(*sum <= zero) & (vg_vector_bits)*sum);
    } else if (after == VG_GATE_AFTER) {
        vg_vector x = VG_VECTOR(gate);
        *sum *= (vg_vector)(((vg_vector_bits)(x > zero) & (vg_vector_bits)one) | (vg_vector_bits)(x != x)); /* all ones are a nan */
    }
}

/* The sum of the elements of each of four vectors. */
VM_INLINE void vg_add_up(const vg_vector *v, double *sums) {
#if defined(__clang__) || __GNUC__ >= 12
#if VG_NUMBERS == 8
#define VG_FOLDED(v) (__builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7))
#else
#define VG_FOLDED(v) (v)
#endif
    typedef double vg_four __attribute__((vector_size(32)));
    vg_four a = VG_FOLDED(v[0]), b = VG_FOLDED(v[1]), c = VG_FOLDED(v[2]), d = VG_FOLDED(v[3]);
    vg_four x = __builtin_shufflevector(a, b, 0, 4, 2, 6) + __builtin_shufflevector(a, b, 1, 5, 3, 7);
    vg_four y = __builtin_shufflevector(c, d, 0, 4, 2, 6) + __builtin_shufflevector(c, d, 1, 5, 3, 7);
    vg_four z = __builtin_shufflevector(x, y, 0, 1, 4, 5) + __builtin_shufflevector(x, y, 2, 3, 6, 7);
    memcpy(sums, &z, sizeof z);
#else
    for (int k = 0; k < 4; k++) sums[k] = (v[k][0] + v[k][1]) + (v[k][2] + v[k][3]);
#endif
}

/* What leaves the first elements of a vector, so many of them, and makes zeros of the others. */
VM_INLINE void vg_mask(int first, vg_vector_bits *mask) {
    for (int i = 0; i < VG_NUMBERS; i++) (*mask)[i] = i < first ? -1 : 0;
}

#define VG_MASKED(x, mask) ((vg_vector)((vg_vector_bits)VG_VECTOR(x) & (mask)))
#else
#define VG_ALIGNED
#endif

/* out = start + a * b + ..., for four vectors of rows at a time, so that the sums stay in registers of the processor. */
VM_INLINE void vg_block_dot(int n, const int *p, const double *m, const double *registers, double *out) {
    int uniform = p[3], any = p[4], start = p[2];
#if defined(VG_VECTOR)
    for (int r = 0; r < n; r += 4 * VG_NUMBERS) { /* to the end of the block, if need be: what is there, nobody uses */
        vg_vector s[4];
        for (int l = 0; l < 4; l++)
            s[l] = start < 0 ? VG_ALL(m[start]) : (vg_vector)VG_VECTOR(registers + start * VG_WIDTH + r + l * VG_NUMBERS);
        const int *pair = p + 7;
        for (const int *end = pair + 2 * uniform; pair < end; pair += 2) {
            const double *x = registers + pair[0] * VG_WIDTH + r;
            double w = m[pair[1]];
            for (int l = 0; l < 4; l++) s[l] += VG_VECTOR(x + l * VG_NUMBERS) * w;
        }
        for (const int *end = pair + 2 * any; pair < end; pair += 2) {
            const double *x = registers + pair[0] * VG_WIDTH + r, *y = registers + pair[1] * VG_WIDTH + r;
            for (int l = 0; l < 4; l++) s[l] += VG_VECTOR(x + l * VG_NUMBERS) * VG_VECTOR(y + l * VG_NUMBERS);
        }
        const double *gate = registers + p[6] * VG_WIDTH + r;
        for (int l = 0; l < 4; l++) vg_vector_afterwards(p[5], &s[l], gate + l * VG_NUMBERS);
        for (int l = 0; l < 4; l++) *(vg_vector *)(out + r + l * VG_NUMBERS) = s[l];
    }
#else
    const int *pairs = p + 7;
    double s[VG_WIDTH];
    for (int r = 0; r < n; r++) s[r] = start < 0 ? m[start] : registers[start * VG_WIDTH + r];
    for (int k = 0; k < uniform; k++)
        for (int r = 0; r < n; r++) s[r] += registers[pairs[2 * k] * VG_WIDTH + r] * m[pairs[2 * k + 1]];
    for (int k = uniform; k < uniform + any; k++)
        for (int r = 0; r < n; r++)
            s[r] += registers[pairs[2 * k] * VG_WIDTH + r] * registers[pairs[2 * k + 1] * VG_WIDTH + r];
    for (int r = 0; r < n; r++) out[r] = vg_afterwards(p[5], s[r], registers[p[6] * VG_WIDTH + r]);
#endif
}

#if defined(VG_VECTOR)
/* Some sums of products of the same registers, for some vectors of rows from one on: each number is loaded once for
   all of these vectors, each vector once for all of these sums, which stay in registers of the processor. */
VM_INLINE void vg_tile(int sums, int vectors, int row, const int *p, const double *m, const double *packed,
                       double *registers) {
    int n = p[2];
    const int *outs = p + 5, *starts = outs + sums, *gates = starts + sums, *inputs = gates + sums;
    vg_vector s[4][4];
    registers += row;
    for (int k = 0; k < sums; k++)
        for (int l = 0; l < vectors; l++)
            s[k][l] = starts[k] < 0 ? VG_ALL(m[starts[k]]) : VG_VECTOR(registers + starts[k] * VG_WIDTH + l * VG_NUMBERS);
    for (const int *end = inputs + n; inputs < end; inputs++, packed += sums) {
        const double *from = registers + *inputs * VG_WIDTH;
        vg_vector x[4];
        for (int l = 0; l < vectors; l++) x[l] = VG_VECTOR(from + l * VG_NUMBERS);
        for (int k = 0; k < sums; k++)
            for (int l = 0; l < vectors; l++) s[k][l] += x[l] * packed[k];
    }
    for (int k = 0; k < sums; k++)
        for (int l = 0; l < vectors; l++)
            vg_vector_afterwards(p[3], &s[k][l], registers + gates[k] * VG_WIDTH + l * VG_NUMBERS);
    for (int k = 0; k < sums; k++)
        for (int l = 0; l < vectors; l++) *(vg_vector *)(registers + outs[k] * VG_WIDTH + l * VG_NUMBERS) = s[k][l];
}
#endif

/* One instruction VG_DOTS. */
VM_INLINE void vg_block_dots(int n, const int *p, const double *m, const double *packed, double *registers) {
    packed += p[4];
#if defined(VG_VECTOR)
    int row = 0;
    if (p[1] == 4) {
        for (; row + 3 * VG_NUMBERS <= n; row += 3 * VG_NUMBERS) vg_tile(4, 3, row, p, m, packed, registers);
        if (row + 2 * VG_NUMBERS <= n) vg_tile(4, 2, row, p, m, packed, registers);
        else if (row < n) vg_tile(4, 1, row, p, m, packed, registers);
    } else {
        for (; row + 4 * VG_NUMBERS <= n; row += 4 * VG_NUMBERS) vg_tile(2, 4, row, p, m, packed, registers);
        for (; row < n; row += VG_NUMBERS) vg_tile(2, 1, row, p, m, packed, registers);
    }
#else
    int sums = p[1];
    const int *outs = p + 5, *starts = outs + sums, *gates = starts + sums, *inputs = gates + sums;
    double s[4][VG_WIDTH];
    for (int k = 0; k < sums; k++)
        for (int r = 0; r < n; r++) s[k][r] = starts[k] < 0 ? m[starts[k]] : registers[starts[k] * VG_WIDTH + r];
    for (int i = 0; i < p[2]; i++)
        for (int k = 0; k < sums; k++)
            for (int r = 0; r < n; r++) s[k][r] += registers[inputs[i] * VG_WIDTH + r] * packed[i * sums + k];
    for (int k = 0; k < sums; k++)
        for (int r = 0; r < n; r++) s[k][r] = vg_afterwards(p[3], s[k][r], registers[gates[k] * VG_WIDTH + r]);
    for (int k = 0; k < sums; k++) /* all are there, for they may lie where operands do */
        for (int r = 0; r < n; r++) registers[outs[k] * VG_WIDTH + r] = s[k][r];
#endif
}

/* The sums over n rows of a * b for eight b, which share the loads of a; eight sums keep the processor busy. */
VM_INLINE void vg_block_sums(int n, const double *a, const double *const *b, double *sums) {
#if defined(VG_VECTOR)
    vg_vector s[8] = {{0.0}};
    int r = 0;
    for (; r + VG_NUMBERS <= n; r += VG_NUMBERS) {
        vg_vector x = VG_VECTOR(a + r);
        for (int k = 0; k < 8; k++) s[k] += x * VG_VECTOR(b[k] + r);
    }
    if (r < n) {
        vg_vector_bits mask;
        vg_mask(n - r, &mask);
        vg_vector x = VG_MASKED(a + r, mask);
        for (int k = 0; k < 8; k++) s[k] += x * VG_MASKED(b[k] + r, mask);
    }
    vg_add_up(s, sums);
    vg_add_up(s + 4, sums + 4);
#else
    for (int k = 0; k < 8; k++) {
        sums[k] = 0.0;
        for (int r = 0; r < n; r++) sums[k] += a[r] * b[k][r];
    }
#endif
}

/* The sums over n rows of a * b for four a and three b: twelve sums and what they are made of are all that the
   processor has registers for. */
VM_INLINE void vg_block_products(int n, const double *const *a, const double *const *b, double *sums) {
#if defined(VG_VECTOR)
    vg_vector s[12] = {{0.0}}, y[3];
    int r = 0;
    for (; r + VG_NUMBERS <= n; r += VG_NUMBERS) {
        for (int k = 0; k < 3; k++) y[k] = VG_VECTOR(b[k] + r);
        for (int k = 0; k < 12; k++) s[k] += VG_VECTOR(a[k / 3] + r) * y[k % 3];
    }
    if (r < n) {
        vg_vector_bits mask;
        vg_mask(n - r, &mask);
        for (int k = 0; k < 3; k++) y[k] = VG_MASKED(b[k] + r, mask);
        for (int k = 0; k < 12; k++) s[k] += VG_MASKED(a[k / 3] + r, mask) * y[k % 3];
    }
    for (int k = 0; k < 12; k += 4) vg_add_up(s + k, sums + k);
#else
    for (int k = 0; k < 12; k++) sums[k] = 0.0;
    for (int r = 0; r < n; r++)
        for (int k = 0; k < 12; k++) sums[k] += a[k / 3][r] * b[k % 3][r];
#endif
}

/* ------------------------------------------------------------------------- a block of rows */

/* Where an operand lies; a number for all rows is spread over a block. */
VM_INLINE const double *vg_place(int operand, int n, const double *m, const double *registers, double *spread) {
    if (operand >= 0) return registers + operand * VG_WIDTH;
    double x = m[operand];
    for (int r = 0; r < n; r++) spread[r] = x;
    return spread;
}

#define VG_PLACE(i) vg_place(p[i], n, m, registers, spread + (i - 2) * VG_WIDTH)
#define VG_OUT (registers + p[1] * VG_WIDTH)

/* One instruction VG_SUM_SHARED, over n rows; where the next one is. */
VM_INLINE const int *vg_add_shared(const int *p, int n, const double *m, const double *registers, double *totals) {
    VG_ALIGNED double spread[9 * VG_WIDTH];
    const double *a = vg_place(p[1], n, m, registers, spread);
    int left = p[2];
    for (p += 3; left > 0; left -= 8) {
        int count = left < 8 ? left : 8;
        const double *b[8] = {a, a, a, a, a, a, a, a};
        double sums[8];
        for (int k = 0; k < count; k++)
            b[k] = vg_place(p[2 * k + 1], n, m, registers, spread + (k + 1) * VG_WIDTH);
        vg_block_sums(n, a, b, sums);
        for (int k = 0; k < count; k++) totals[p[2 * k]] += sums[k];
        p += 2 * count;
    }
    return p;
}

/* One instruction VG_SUM_PRODUCTS, over n rows; where the next one is. */
VM_INLINE const int *vg_add_products(const int *p, int n, const double *m, const double *registers, double *totals) {
    VG_ALIGNED double spread[3 * VG_WIDTH];
    int rows = p[1], columns = p[2];
    const int *second = p + 3 + rows, *out = second + columns;
    const double *a[4];
    for (int i = 0; i < 4; i++) a[i] = registers + p[3 + (i < rows ? i : 0)] * VG_WIDTH;
    for (int j = 0; j < columns; j += 3) {
        int count = columns - j < 3 ? columns - j : 3;
        const double *b[3] = {a[0], a[0], a[0]};
        double sums[12];
        for (int k = 0; k < count; k++) b[k] = vg_place(second[j + k], n, m, registers, spread + k * VG_WIDTH);
        vg_block_products(n, a, b, sums);
        for (int i = 0; i < rows; i++)
            for (int k = 0; k < count; k++) totals[out[i * columns + j + k]] += sums[3 * i + k];
    }
    return out + rows * columns;
}

VM_INLINE const int *vg_add_sums(const int *p, int n, const double *m, const double *registers, double *totals) {
    return p[0] == VG_SUM_SHARED ? vg_add_shared(p, n, m, registers, totals)
                                 : vg_add_products(p, n, m, registers, totals);
}

/* Whether rows have gone another way: in them strays is 1. There are `count` rows in the block, which is computed
   up to n, the next multiple of VG_LANES. */
VM_CLONES static int vg_block(vg_code code, int count, const double *m, const double *packed, double *registers,
                              unsigned char *strays, double *totals) {
    int n = (count + VG_LANES - 1) / VG_LANES * VG_LANES;
    VG_ALIGNED double spread[3 * VG_WIDTH];
    int is_left = 0;
    const int *p = code.begin;
    while (p < code.end) {
        switch (p[0]) {
#define VECTOR(number, name) \
        case number: vm_##name##_block(n, VG_PLACE(2), VG_OUT); p += 3; continue;
        VECTOR(VG_EXP, exp)
        VECTOR(VG_EXPM1, expm1)
        VECTOR(VG_LOG, log)
        VECTOR(VG_LOG1P, log1p)
        VECTOR(VG_TANH, tanh)
        VECTOR(VG_SECH_SQUARED, sech_squared)
        VECTOR(VG_SIGMOID, sigmoid)
        VECTOR(VG_SOFTPLUS, softplus)
        VECTOR(VG_GAUSSIAN, gaussian)
        VECTOR(VG_SIN, sin)
        VECTOR(VG_COS, cos)
        VECTOR(VG_SQRT, sqrt)
#undef VECTOR
        case VG_POWER:
            vm_pow_block(n, VG_PLACE(2), VG_PLACE(3), VG_OUT);
            p += 4;
            continue;
        case VG_DOT:
            vg_block_dot(n, p, m, registers, VG_OUT);
            p += 7 + 2 * (p[3] + p[4]);
            continue;
        case VG_DOTS:
            vg_block_dots(n, p, m, packed, registers);
            p += 5 + 3 * p[1] + (1 + p[1]) * p[2];
            continue;
        case VG_SCALE: {
            const double *a = vg_place(p[1], n, m, registers, spread);
            const int *end = p + 3 + 2 * p[2];
            for (p += 3; p < end; p += 2) {
                const double *b = vg_place(p[1], n, m, registers, spread + VG_WIDTH);
                double *out = registers + p[0] * VG_WIDTH;
                VM_INDEPENDENT
                for (int r = 0; r < n; r++) out[r] = a[r] * b[r];
            }
            continue;
        }
        case VG_GATE: {
            const double *a = VG_PLACE(2), *b = VG_PLACE(3);
            double *out = VG_OUT, w = m[p[4]];
            VM_INDEPENDENT
            for (int r = 0; r < n; r++) out[r] = a[r] * w * vg_step(b[r]);
            p += 5;
            continue;
        }
        case VG_TANH_AND_SLOPE:
            vm_tanh_and_slope_block(n, registers + p[3] * VG_WIDTH, VG_OUT, registers + p[2] * VG_WIDTH);
            p += 4;
            continue;
        case VG_SUM_SHARED:
            p = vg_add_shared(p, count, m, registers, totals);
            continue;
        case VG_SUM_PRODUCTS:
            p = vg_add_products(p, count, m, registers, totals);
            continue;
        case VG_GUARD: {
            const double *a = VG_PLACE(2), *b = VG_PLACE(3);
            for (int r = 0; r < n; r++) strays[r] |= vg_compare(p[1], a[r], b[r]) != p[4];
            for (int r = 0; r < n; r++) is_left |= strays[r];
            p += 5;
            continue;
        }
        }
        switch (p[0]) {
#define X1(number, name) \
        case number: { \
            const double *a = VG_PLACE(2); \
            double *out = VG_OUT; \
            VM_INDEPENDENT \
            for (int r = 0; r < n; r++) out[r] = name##_value(a[r], 0.0, 0.0); \
            p += 3; \
            break; \
        }
#define X2(number, name) \
        case number: { \
            const double *a = VG_PLACE(2), *b = VG_PLACE(3); \
            double *out = VG_OUT; \
            VM_INDEPENDENT \
            for (int r = 0; r < n; r++) out[r] = name##_value(a[r], b[r], 0.0); \
            p += 4; \
            break; \
        }
#define X3(number, name) \
        case number: { \
            const double *a = VG_PLACE(2), *b = VG_PLACE(3), *c = VG_PLACE(4); \
            double *out = VG_OUT; \
            VM_INDEPENDENT \
            for (int r = 0; r < n; r++) out[r] = name##_value(a[r], b[r], c[r]); \
            p += 5; \
            break; \
        }
            VG_EACH_ROW(X1, X2, X3)
#undef X1
#undef X2
#undef X3
        }
    }
    return is_left;
}

VM_CLONES static void vg_block_totals(vg_code code, int n, const double *m, const double *registers, double *totals) {
    const int *p = code.begin;
    while (p < code.end) p = vg_add_sums(p, n, m, registers, totals);
}

static void vg_load(const vg_program *program, const vg_data *data, const ptrdiff_t *rows, int n, double *registers) {
    int filled = (n + VG_LANES - 1) / VG_LANES * VG_LANES;
    for (int j = 0; j < program->n_inputs; j++) {
        double *x = registers + j * VG_WIDTH;
        for (int r = 0; r < n; r++) x[r] = *(const double *)(data->inputs[j] + rows[r] * data->strides[j]);
        for (int r = n; r < filled; r++) x[r] = x[n - 1];
    }
}

static ptrdiff_t vg_run_rows(const vg_program *program, const double *memory, const vg_data *data, ptrdiff_t begin,
                             ptrdiff_t end, double *registers) {
    ptrdiff_t good = 0;
    double *packed = registers + (size_t)program->n_registers * VG_WIDTH;
    for (const int *p = program->packed.begin; p < program->packed.end; p++) packed[p - program->packed.begin] = memory[*p];
    for (ptrdiff_t row = begin; row < end; row += VG_WIDTH) {
        int n = end - row < VG_WIDTH ? (int)(end - row) : VG_WIDTH;
        ptrdiff_t rows[VG_WIDTH];
        int lanes[VG_WIDTH]; /* where in the registers each of the rows is */
        unsigned char strays[VG_WIDTH] = {0};
        for (int r = 0; r < n; r++) rows[r] = row + r, lanes[r] = r;
        vg_load(program, data, rows, n, registers);
        if (vg_block(program->row, n, memory, packed, registers, strays, data->totals)) {
            int kept = 0;
            for (int r = 0; r < n; r++) {
                if (strays[r]) data->strays[row + r] = 1;
                else rows[kept] = row + r, lanes[kept++] = r;
            }
            n = kept;
            if (n > 0 && data->totals) { /* once more, without the strays, for sums are those of all lanes */
                vg_load(program, data, rows, n, registers);
                vg_block(program->row, n, memory, packed, registers, strays, data->totals);
                for (int r = 0; r < n; r++) lanes[r] = r;
            }
        }
        if (n == 0) continue;
        good += n;
        for (int k = 0; data->outputs && k < program->n_outputs; k++) {
            int x = program->outputs[k];
            for (int r = 0; r < n; r++)
                data->outputs[k][rows[r] * data->spacings[k]] = x < 0 ? memory[x] : registers[x * VG_WIDTH + lanes[r]];
        }
        vg_block_totals(program->sums, n, memory, registers, data->totals);
    }
    return good;
}

#endif
