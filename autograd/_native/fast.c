/* Compiled programs at the speed of the processor: blocks of rows, each instruction a loop over the rows of a block.

   Sums of products may keep more digits than rounding each product would, and those over rows are added up in
   another order; the elementary functions are those of vector.h, good to 4 ulp. So this file alone is compiled with
   -ffp-contract=fast, and it must be. */

#include "kernels.h"

#include "machine.h"
#include "vector.h"

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

/* ------------------------------------------------------------------------- sums of products */

#if defined(__GNUC__) || defined(__clang__)
typedef double vg_four __attribute__((vector_size(32), aligned(32), may_alias));
typedef long long vg_four_bits __attribute__((vector_size(32)));
#define VG_FOUR(x) (*(const vg_four *)(x))

/* vg_afterwards() of four; by address, for without AVX there is no way to pass one. */
VM_INLINE void vg_four_afterwards(int after, vg_four *sum, const double *gate) {
    vg_four zero = {0.0}, one = {1.0, 1.0, 1.0, 1.0};
    if (after == VG_RELU_AFTER) {
        *sum = (vg_four)(~(vg_four_bits)(*sum <= zero) & (vg_four_bits)*sum);
    } else if (after == VG_GATE_AFTER) {
        vg_four x = VG_FOUR(gate);
        *sum *= (vg_four)(((vg_four_bits)(x > zero) & (vg_four_bits)one) | (vg_four_bits)(x != x)); /* all ones are a nan */
    }
}
#endif

/* out = start + a * b + ..., four times four rows at a time, so that the sums stay in registers of the processor. */
VM_INLINE void vg_block_dot(int n, const int *p, const double *m, const double *registers, double *out) {
    int uniform = p[3], any = p[4], start = p[2];
#if defined(VG_FOUR)
    for (int r = 0; r < n; r += 16) { /* to the end of the block, if need be: what is there, nobody uses */
        vg_four s0, s1, s2, s3;
        if (start < 0) {
            double x = m[start];
            s0 = s1 = s2 = s3 = (vg_four){x, x, x, x};
        } else {
            const double *x = registers + start * VG_WIDTH + r;
            s0 = VG_FOUR(x), s1 = VG_FOUR(x + 4), s2 = VG_FOUR(x + 8), s3 = VG_FOUR(x + 12);
        }
        const int *pair = p + 7;
        for (const int *end = pair + 2 * uniform; pair < end; pair += 2) {
            const double *x = registers + pair[0] * VG_WIDTH + r;
            double w = m[pair[1]];
            vg_four ws = {w, w, w, w};
            s0 += VG_FOUR(x) * ws;
            s1 += VG_FOUR(x + 4) * ws;
            s2 += VG_FOUR(x + 8) * ws;
            s3 += VG_FOUR(x + 12) * ws;
        }
        for (const int *end = pair + 2 * any; pair < end; pair += 2) {
            const double *x = registers + pair[0] * VG_WIDTH + r, *y = registers + pair[1] * VG_WIDTH + r;
            s0 += VG_FOUR(x) * VG_FOUR(y);
            s1 += VG_FOUR(x + 4) * VG_FOUR(y + 4);
            s2 += VG_FOUR(x + 8) * VG_FOUR(y + 8);
            s3 += VG_FOUR(x + 12) * VG_FOUR(y + 12);
        }
        const double *gate = registers + p[6] * VG_WIDTH + r;
        vg_four_afterwards(p[5], &s0, gate), vg_four_afterwards(p[5], &s1, gate + 4);
        vg_four_afterwards(p[5], &s2, gate + 8), vg_four_afterwards(p[5], &s3, gate + 12);
        vg_four *to = (vg_four *)(out + r);
        to[0] = s0, to[1] = s1, to[2] = s2, to[3] = s3;
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

/* Two sums of products with the same registers, each number of which is loaded once. */
VM_INLINE void vg_block_dots(int n, const int *p, const double *m, double *registers) {
    double *first = registers + p[1] * VG_WIDTH, *second = registers + p[2] * VG_WIDTH;
    const int *triples = p + 9;
#if defined(VG_FOUR)
    for (int r = 0; r < n; r += 16) {
        vg_four s[4], t[4];
        for (int l = 0; l < 4; l++) {
            double x = p[3] < 0 ? m[p[3]] : 0.0, y = p[4] < 0 ? m[p[4]] : 0.0;
            s[l] = p[3] < 0 ? (vg_four){x, x, x, x} : VG_FOUR(registers + p[3] * VG_WIDTH + r + 4 * l);
            t[l] = p[4] < 0 ? (vg_four){y, y, y, y} : VG_FOUR(registers + p[4] * VG_WIDTH + r + 4 * l);
        }
        vg_four s0 = s[0], s1 = s[1], s2 = s[2], s3 = s[3], t0 = t[0], t1 = t[1], t2 = t[2], t3 = t[3];
#pragma GCC unroll 4
        for (const int *q = triples, *end = triples + 3 * p[5]; q < end; q += 3) {
            const double *x = registers + q[0] * VG_WIDTH + r;
            double v = m[q[1]], w = m[q[2]];
            vg_four vs = {v, v, v, v}, ws = {w, w, w, w};
            vg_four x0 = VG_FOUR(x), x1 = VG_FOUR(x + 4), x2 = VG_FOUR(x + 8), x3 = VG_FOUR(x + 12);
            s0 += x0 * vs, t0 += x0 * ws;
            s1 += x1 * vs, t1 += x1 * ws;
            s2 += x2 * vs, t2 += x2 * ws;
            s3 += x3 * vs, t3 += x3 * ws;
        }
        const double *g = registers + p[7] * VG_WIDTH + r, *h = registers + p[8] * VG_WIDTH + r;
        vg_four_afterwards(p[6], &s0, g), vg_four_afterwards(p[6], &s1, g + 4);
        vg_four_afterwards(p[6], &s2, g + 8), vg_four_afterwards(p[6], &s3, g + 12);
        vg_four_afterwards(p[6], &t0, h), vg_four_afterwards(p[6], &t1, h + 4);
        vg_four_afterwards(p[6], &t2, h + 8), vg_four_afterwards(p[6], &t3, h + 12);
        vg_four *to = (vg_four *)(first + r);
        to[0] = s0, to[1] = s1, to[2] = s2, to[3] = s3;
        to = (vg_four *)(second + r);
        to[0] = t0, to[1] = t1, to[2] = t2, to[3] = t3;
    }
#else
    double s[VG_WIDTH], t[VG_WIDTH];
    for (int r = 0; r < n; r++) {
        s[r] = p[3] < 0 ? m[p[3]] : registers[p[3] * VG_WIDTH + r];
        t[r] = p[4] < 0 ? m[p[4]] : registers[p[4] * VG_WIDTH + r];
    }
    for (const int *q = triples, *end = triples + 3 * p[5]; q < end; q += 3)
        for (int r = 0; r < n; r++) {
            double x = registers[q[0] * VG_WIDTH + r];
            s[r] += x * m[q[1]];
            t[r] += x * m[q[2]];
        }
    const double *g = registers + p[7] * VG_WIDTH, *h = registers + p[8] * VG_WIDTH;
    for (int r = 0; r < n; r++) {
        double x = vg_afterwards(p[6], s[r], g[r]), y = vg_afterwards(p[6], t[r], h[r]);
        first[r] = x; /* which may be where h lies */
        second[r] = y;
    }
#endif
}

#if defined(VG_FOUR)
/* The sums of the elements of each. */
VM_INLINE void vg_add_up(vg_four a, vg_four b, vg_four c, vg_four d, double *sums) {
#if defined(__clang__) || __GNUC__ >= 12
    vg_four x = __builtin_shufflevector(a, b, 0, 4, 2, 6) + __builtin_shufflevector(a, b, 1, 5, 3, 7);
    vg_four y = __builtin_shufflevector(c, d, 0, 4, 2, 6) + __builtin_shufflevector(c, d, 1, 5, 3, 7);
    vg_four z = __builtin_shufflevector(x, y, 0, 1, 4, 5) + __builtin_shufflevector(x, y, 2, 3, 6, 7);
    memcpy(sums, &z, sizeof z);
#else
    vg_four s[4] = {a, b, c, d};
    for (int k = 0; k < 4; k++) sums[k] = (s[k][0] + s[k][1]) + (s[k][2] + s[k][3]);
#endif
}
#endif

/* The sums over n rows of a * b for eight b, which share the loads of a; eight sums keep the processor busy. */
VM_INLINE void vg_block_sums(int n, const double *a, const double *const *b, double *sums) {
#if defined(VG_FOUR)
    vg_four s0 = {0.0}, s1 = {0.0}, s2 = {0.0}, s3 = {0.0}, s4 = {0.0}, s5 = {0.0}, s6 = {0.0}, s7 = {0.0};
    int whole = n & ~3;
    const double *b0 = b[0], *b1 = b[1], *b2 = b[2], *b3 = b[3], *b4 = b[4], *b5 = b[5], *b6 = b[6], *b7 = b[7];
    for (int r = 0; r < whole; r += 4) {
        vg_four x = VG_FOUR(a + r);
        s0 += x * VG_FOUR(b0 + r);
        s1 += x * VG_FOUR(b1 + r);
        s2 += x * VG_FOUR(b2 + r);
        s3 += x * VG_FOUR(b3 + r);
        s4 += x * VG_FOUR(b4 + r);
        s5 += x * VG_FOUR(b5 + r);
        s6 += x * VG_FOUR(b6 + r);
        s7 += x * VG_FOUR(b7 + r);
    }
    vg_add_up(s0, s1, s2, s3, sums);
    vg_add_up(s4, s5, s6, s7, sums + 4);
    for (int r = whole; r < n; r++)
        for (int k = 0; k < 8; k++) sums[k] += a[r] * b[k][r];
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
#if defined(VG_FOUR)
    vg_four s0 = {0.0}, s1 = {0.0}, s2 = {0.0}, t0 = {0.0}, t1 = {0.0}, t2 = {0.0};
    vg_four u0 = {0.0}, u1 = {0.0}, u2 = {0.0}, v0 = {0.0}, v1 = {0.0}, v2 = {0.0};
    int whole = n & ~3;
    const double *a0 = a[0], *a1 = a[1], *a2 = a[2], *a3 = a[3], *b0 = b[0], *b1 = b[1], *b2 = b[2];
    for (int r = 0; r < whole; r += 4) {
        vg_four y0 = VG_FOUR(b0 + r), y1 = VG_FOUR(b1 + r), y2 = VG_FOUR(b2 + r);
        vg_four x = VG_FOUR(a0 + r);
        s0 += x * y0, s1 += x * y1, s2 += x * y2;
        x = VG_FOUR(a1 + r);
        t0 += x * y0, t1 += x * y1, t2 += x * y2;
        x = VG_FOUR(a2 + r);
        u0 += x * y0, u1 += x * y1, u2 += x * y2;
        x = VG_FOUR(a3 + r);
        v0 += x * y0, v1 += x * y1, v2 += x * y2;
    }
    vg_add_up(s0, s1, s2, t0, sums);
    vg_add_up(t1, t2, u0, u1, sums + 4);
    vg_add_up(u2, v0, v1, v2, sums + 8);
#else
    int whole = 0;
    for (int k = 0; k < 12; k++) sums[k] = 0.0;
#endif
    for (int r = whole; r < n; r++)
        for (int k = 0; k < 12; k++) sums[k] += a[k / 3][r] * b[k % 3][r];
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
    double spread[9 * VG_WIDTH];
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
    double spread[3 * VG_WIDTH];
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
VM_CLONES static int vg_block(vg_code code, int count, const double *m, double *registers, unsigned char *strays,
                              double *totals) {
    int n = (count + VG_LANES - 1) / VG_LANES * VG_LANES;
    double spread[3 * VG_WIDTH];
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
            vg_block_dots(n, p, m, registers);
            p += 9 + 3 * p[5];
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

ptrdiff_t vg_rows_fast(const vg_program *program, const double *memory, const vg_data *data, ptrdiff_t begin,
                       ptrdiff_t end, double *registers) {
    ptrdiff_t good = 0;
    for (ptrdiff_t row = begin; row < end; row += VG_WIDTH) {
        int n = end - row < VG_WIDTH ? (int)(end - row) : VG_WIDTH;
        ptrdiff_t rows[VG_WIDTH];
        int lanes[VG_WIDTH]; /* where in the registers each of the rows is */
        unsigned char strays[VG_WIDTH] = {0};
        for (int r = 0; r < n; r++) rows[r] = row + r, lanes[r] = r;
        vg_load(program, data, rows, n, registers);
        if (vg_block(program->row, n, memory, registers, strays, data->totals)) {
            int kept = 0;
            for (int r = 0; r < n; r++) {
                if (strays[r]) data->strays[row + r] = 1;
                else rows[kept] = row + r, lanes[kept++] = r;
            }
            n = kept;
            if (n > 0 && data->totals) { /* once more, without the strays, for sums are those of all lanes */
                vg_load(program, data, rows, n, registers);
                vg_block(program->row, n, memory, registers, strays, data->totals);
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
