/* The evaluator for one row of data, every register a number; included by exact.c and fast.c, which define
   VG_DOT_PRODUCT, how a sum of products is added up. */

/* One instruction VG_DOTS, of so many sums; all are there before the first result, which may lie where an operand does. */
static inline void vg_scalar_dots(int count, const int *p, double *m) {
    int n = p[2];
    const int *outs = p + 5, *starts = outs + count, *gates = starts + count, *inputs = gates + count;
    const int *numbers = inputs + n;
    double sums[4], others[4] = {0.0, 0.0, 0.0, 0.0}; /* two chains of each, as in vg_dot_product */
    for (int k = 0; k < count; k++) sums[k] = m[starts[k]];
    int i = 0;
    for (; i + 1 < n; i += 2, numbers += 2 * count) {
        double x = m[inputs[i]], y = m[inputs[i + 1]];
        for (int k = 0; k < count; k++) sums[k] += x * m[numbers[k]];
        for (int k = 0; k < count; k++) others[k] += y * m[numbers[count + k]];
    }
    for (int k = 0; i < n && k < count; k++) sums[k] += m[inputs[i]] * m[numbers[k]];
    for (int k = 0; k < count; k++) sums[k] = vg_afterwards(p[3], sums[k] + others[k], m[gates[k]]);
    for (int k = 0; k < count; k++) m[outs[k]] = sums[k];
}

static int vg_scalar(vg_code code, double *m) {
    const int *p = code.begin;
    while (p < code.end) {
        switch (p[0]) {
#define X1(number, name) case number: m[p[1]] = name##_value(m[p[2]], 0.0, 0.0); p += 3; break;
#define X2(number, name) case number: m[p[1]] = name##_value(m[p[2]], m[p[3]], 0.0); p += 4; break;
#define X3(number, name) case number: m[p[1]] = name##_value(m[p[2]], m[p[3]], m[p[4]]); p += 5; break;
            VG_EACH_ROW(X1, X2, X3)
#undef X1
#undef X2
#undef X3
        case VG_DOT: {
            int n = p[3] + p[4];
            m[p[1]] = vg_afterwards(p[5], VG_DOT_PRODUCT(m, m[p[2]], p + 7, n), m[p[6]]);
            p += 7 + 2 * n;
            break;
        }
        case VG_DOTS:
            if (p[1] == 4) vg_scalar_dots(4, p, m);
            else vg_scalar_dots(2, p, m);
            p += 5 + 3 * p[1] + (1 + p[1]) * p[2];
            break;
        case VG_TANH_AND_SLOPE: {
            double a = m[p[3]];
            m[p[1]] = tanh_value(a, 0.0, 0.0);
            m[p[2]] = sech_squared_value(a, 0.0, 0.0);
            p += 4;
            break;
        }
        case VG_SCALE: {
            double a = m[p[1]];
            const int *pair = p + 3;
            for (const int *end = pair + 2 * p[2]; pair < end; pair += 2) m[pair[0]] = a * m[pair[1]];
            p = pair;
            break;
        }
        case VG_GATE:
            m[p[1]] = m[p[2]] * m[p[4]] * vg_step(m[p[3]]);
            p += 5;
            break;
        case VG_GUARD:
            if (vg_compare(p[1], m[p[2]], m[p[3]]) != p[4]) return 1;
            p += 5;
            break;
        }
    }
    return 0;
}
