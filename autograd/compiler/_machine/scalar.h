/* The evaluator for one row, where every register is one number. exact.c and fast.c include it. */

/* Unrolled, the sums stay in registers: GCC would not do so by itself with -O2. */
#define EACH_SUM _Pragma("GCC unroll 4") for (int k = 0; k < count; k++)

/* One instruction VG_DOTS. All results are stored last, because a result may lie at the address of an operand. */
static inline void vg_scalar_dots(int count, vg_dots x, double *m) {
    const int *factors = x.factors;
    double sums[4];
    EACH_SUM sums[k] = m[x.starts[k]];
    for (int i = 0; i < x.n; i++, factors += count) {
        double a = m[x.inputs[i]];
        EACH_SUM sums[k] += a * m[factors[k]];
    }
    EACH_SUM sums[k] = vg_afterwards(x.after, sums[k], m[x.gates[k]]);
    EACH_SUM m[x.outs[k]] = sums[k];
}

static int vg_scalar(vg_code code, double *m) {
    const int *p = code.begin;
    while (p < code.end) {
        switch (p[0]) {
/* An operation, and all that follow if they are the same one. */
#define RUN(number, size, value) \
        case number: \
            do m[p[1]] = value, p += size; \
            while (p < code.end && p[0] == number); \
            break;
#define X1(number, name) RUN(number, 3, name##_value(m[p[2]], 0.0, 0.0))
#define X2(number, name) RUN(number, 4, name##_value(m[p[2]], m[p[3]], 0.0))
#define X3(number, name) RUN(number, 5, name##_value(m[p[2]], m[p[3]], m[p[4]]))
            VG_EACH_OPERATION(X1, X2, X3)
#undef X1
#undef X2
#undef X3
#undef RUN
        case VG_DOT: {
            vg_dot x = vg_dot_at(p);
            double sum = m[x.start];
            for (const int *pair = x.pairs; pair < x.end; pair += 2) sum += m[pair[0]] * m[pair[1]];
            m[x.out] = x.after ? vg_afterwards(x.after, sum, m[x.gate]) : sum;
            p = x.end;
            break;
        }
        case VG_DOTS: {
            vg_dots x = vg_dots_at(p);
            if (x.count == 4) vg_scalar_dots(4, x, m);
            else vg_scalar_dots(2, x, m);
            p = x.end;
            break;
        }
        case VG_TANH_AND_SLOPE: {
            vg_tanh_and_slope x = vg_tanh_and_slope_at(p);
            double a = m[x.a];
            m[x.out] = tanh_value(a, 0.0, 0.0);
            m[x.slope] = sech_squared_value(a, 0.0, 0.0);
            p = x.end;
            break;
        }
        case VG_SCALE: {
            vg_scale x = vg_scale_at(p);
            double a = m[x.a];
            for (const int *pair = x.pairs; pair < x.end; pair += 2) m[pair[0]] = a * m[pair[1]];
            p = x.end;
            break;
        }
        case VG_GATE: {
            vg_gate x = vg_gate_at(p);
            m[x.out] = m[x.a] * m[x.c] * vg_step(m[x.b]);
            p = x.end;
            break;
        }
        case VG_CALL: {
            vg_call x = vg_call_at(p);
            const double *operands[3];
            unsigned char failed = 0;
            for (int i = 0; i < x.n; i++) operands[i] = m + x.operands[i];
            vg_python(x.function, x.n, 1, operands, m + x.out, &failed);
            if (failed) return 1;
            p = x.end;
            break;
        }
        case VG_EXACT: {
            vg_exact x = vg_exact_at(p);
            vg_run_operation(p + 2, m); /* its number, and then its addresses */
            p = x.end;
            break;
        }
        case VG_GUARD: {
            vg_guard x = vg_guard_at(p);
            if (vg_compare(x.comparison, m[x.a], m[x.b]) != x.holds) return 1;
            p = x.end;
            break;
        }
        }
    }
    return 0;
}
