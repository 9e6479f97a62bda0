/* The evaluator for one row of data, every register a number; included by exact.c and fast.c, which define
   VG_DOT_PRODUCT, how a sum of products is added up. */

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
        case VG_DOTS: {
            int n = p[5];
            double a = m[p[3]], b = m[p[4]], c = 0.0, d = 0.0; /* two chains of each, as in vg_dot_product */
            const int *triple = p + 9;
            for (; n >= 2; n -= 2, triple += 6) {
                a += m[triple[0]] * m[triple[1]];
                b += m[triple[0]] * m[triple[2]];
                c += m[triple[3]] * m[triple[4]];
                d += m[triple[3]] * m[triple[5]];
            }
            for (; n > 0; n--, triple += 3) {
                a += m[triple[0]] * m[triple[1]];
                b += m[triple[0]] * m[triple[2]];
            }
            a = vg_afterwards(p[6], a + c, m[p[7]]); /* both before the results, which may lie in the same places */
            b = vg_afterwards(p[6], b + d, m[p[8]]);
            m[p[1]] = a;
            m[p[2]] = b;
            p = triple;
            break;
        }
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
