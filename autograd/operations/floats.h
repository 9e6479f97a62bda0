/* The functions of floats.py, powers.py, gamma.py, tails.py, quotients.py and normal.py that libm lacks, with the same arithmetic, step by step.

   Compiled with -O2 -ffp-contract=off -fno-builtin they give the same bits as Python, provided both use the same
   libm. -ffp-contract=off forbids to round a*b + c only once, the default of gcc and clang on some machines.
   -fno-builtin is needed for constants: without it, gcc replaces pow(x, -1.0) by 1/x, which differs for one x in
   1300, and evaluates exp(1.5) itself, with less error than libm. -ffast-math breaks nan, inf and every exact split.

   For comments and sources of the formulas see these files. */

#ifndef VALUEGRAD_FLOATS_H
#define VALUEGRAD_FLOATS_H

#ifdef __FAST_MATH__
#error "floats.h needs IEEE-754 arithmetic; compile without -ffast-math and -Ofast"
#endif

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Inlined into each caller, and so compiled for the caller's processor. */
#if defined(__GNUC__) || defined(__clang__)
#define VG_INLINE static inline __attribute__((always_inline, unused))
#else
#define VG_INLINE static inline
#endif

#define VG_PI 3.141592653589793
#define VG_ROOT_HALF 0.7071067811865476
#define VG_ROOT_PI 1.772453850905516
#define VG_ROOT_TWO_PI 2.5066282746310007
#define VG_ORDERS 100 /* the size of buffers, and the highest order of a derivative; beyond it is nan */

/* ------------------------------------------------------------------------- powers and roots */

static inline double vg_power(double a, double b) {
    return b == 2.0 ? a * a : pow(a, b);
}

static inline double vg_shifted_power(double a, double b, double n) {
    double e = b - n;
    double y = vg_power(a, e);
    if (y == 0.0 || !isfinite(y) || !isfinite(e)) return y;
    double back = e - b;
    double lost = (b - (e - back)) - (n + back);
    return lost != 0.0 ? y + y * (lost * log(fabs(a))) : y;
}

static inline double vg_power_slope(double a, double b) {
    if (b == 0.0) return 0.0;
    if (b == 2.0) return a + a;
    double y = vg_shifted_power(a, b, 1.0);
    if ((1e-290 < fabs(y) && fabs(y) < INFINITY) || y != y) return b * y;
    double half = vg_shifted_power(fabs(a), 0.5 * b, 0.5);
    return b * half * half * copysign(1.0, y);
}

static inline double vg_falling_factorial(double a, double n, double order) {
    if (!(0.0 <= n && n <= VG_ORDERS && 0.0 <= order && order <= VG_ORDERS)) return NAN;
    if (n != floor(n) || order != floor(order)) return NAN;
    int count = (int)n;
    int last = (int)order;
    double derivatives[VG_ORDERS + 1] = {1.0};
    for (int k = 0; k < count; k++) {
        for (int j = last; j > 0; j--) derivatives[j] = derivatives[j] * (a - k) + j * derivatives[j - 1];
        derivatives[0] *= a - k;
    }
    return derivatives[last];
}

static inline double vg_power_derivative(double a, double b, double n) {
    double factor = vg_falling_factorial(b, n, 0.0);
    if (factor == 0.0) return 0.0;
    if (b - n == 1.0) return factor * a;
    double y = vg_shifted_power(a, b, n);
    if ((1e-290 < fabs(y) && fabs(y) < INFINITY) || y != y) return factor * y;
    double half = vg_shifted_power(fabs(a), 0.5 * b, 0.5 * n);
    return factor * half * half * copysign(1.0, y);
}

static inline double vg_divide_by_exp(double a, double b, double c) {
    return a == log(fabs(c)) || c != c ? b / c : b * exp(-a) * copysign(1.0, c);
}

static inline double vg_times(double a, double b) {
    return a != 0.0 ? a * b : 0.0;
}

static inline double vg_cbrt(double a) {
    if (a == 0.0 || !isfinite(a)) return a;
    int exponent;
    double fraction = frexp(fabs(a), &exponent);
    int rest = (exponent % 3 + 3) % 3;
    int shift = rest ? rest - 3 : 0;
    double root = pow(ldexp(fraction, shift), 1.0 / 3.0);
    return copysign(ldexp(root, (exponent - shift) / 3), a);
}

static inline double vg_hypot(double a, double b) {
    a = fabs(a);
    b = fabs(b);
    if (a == INFINITY || b == INFINITY) return INFINITY;
    double m = a > b ? a : b;
    if (1e-140 < m && m < 1e140) return sqrt(a * a + b * b);
    if (m == 0.0 || a != a || b != b) return a + b;
    int exponent;
    frexp(m, &exponent);
    a = ldexp(a, -exponent);
    b = ldexp(b, -exponent);
    return ldexp(sqrt(a * a + b * b), exponent);
}

static inline double vg_direction(double a, double b) {
    if (a == 0.0 && b == 0.0) return 0.0;
    if (a != a || b != b || (fabs(a) == INFINITY && fabs(b) == INFINITY)) return NAN;
    if (fabs(a) == INFINITY) return copysign(1.0, a);
    if (fabs(b) == INFINITY) return copysign(0.0, a);
    double m = fabs(b) > fabs(a) ? fabs(b) : fabs(a);
    if (1e-140 < m && m < 1e140) return a / sqrt(a * a + b * b);
    int exponent;
    frexp(m, &exponent);
    a = ldexp(a, -exponent);
    b = ldexp(b, -exponent);
    return a / sqrt(a * a + b * b);
}

static inline double vg_maximum_magnitude(double a, double b) {
    return fabs(b) > fabs(a) ? b : a;
}

static inline double vg_minimum_magnitude(double a, double b) {
    return fabs(b) > fabs(a) ? a : b;
}

static inline double vg_semicircle(double a) {
    return sqrt((1.0 - a) * (1.0 + a));
}

/* ------------------------------------------------------------------------- hyperbolic, error function */

static inline double vg_sech_squared(double a) {
    double e = exp(-2.0 * fabs(a));
    return 4.0 * e / ((1.0 + e) * (1.0 + e));
}

static inline double vg_high_half(double a) {
    double c = 134217729.0 * a;
    return c - (c - a);
}

static inline double vg_gaussian(double a) {
    if (fabs(a) > 30.0) return 0.0;
    double high = vg_high_half(a);
    return exp(-high * high) * exp(-(a - high) * (a + high));
}

/* ------------------------------------------------------------------------- learning */

static inline double vg_sigmoid(double a) {
    if (a < 0.0) {
        double e = exp(a);
        return e / (1.0 + e);
    }
    return 1.0 / (1.0 + exp(-a));
}

static inline double vg_softplus(double a) {
    double e = log1p(exp(-fabs(a)));
    return a > 0.0 ? a + e : e;
}

static inline double vg_relu(double a) {
    return a <= 0.0 ? 0.0 : a;
}

/* ------------------------------------------------------------------------- steps and choices */

static inline double vg_step(double a) {
    double y = a > 0.0 ? 1.0 : 0.0; /* nan apart: a processor compares and selects in one step */
    return a == a ? y : NAN;
}

static inline double vg_sign(double a) {
    return a > 0.0 ? 1.0 : a < 0.0 ? -1.0 : a;
}

static inline double vg_remainder(double a, double b) {
    double y = fmod(a, b);
    if (y == 0.0) return copysign(0.0, b);
    return (y < 0.0) != (b < 0.0) ? y + b : y;
}

static inline double vg_floor_divide(double a, double b) {
    if (b == 0.0) return a / b;
    double rest = fmod(a, b);
    double y = (a - rest) / b;
    if (rest != 0.0 && (rest < 0.0) != (b < 0.0)) y -= 1.0;
    if (y == 0.0) return copysign(0.0, a / b);
    double whole = floor(y);
    return y - whole > 0.5 ? whole + 1.0 : whole;
}

static inline double vg_round_before_point(double a, int zeros) {
    char text[512];
    double magnitude = trunc(fabs(a));
    int digits = snprintf(text, sizeof text, "%.0f", magnitude);
    if (digits > zeros) {
        snprintf(text, sizeof text, "%.*e", digits - zeros - 1, a);
        return strtod(text, NULL);
    }
    if (digits < zeros || text[0] < '5') return 0.0 * a;
    int is_above = text[0] > '5' || magnitude != fabs(a);
    for (int i = 1; i < digits; i++) is_above |= text[i] != '0';
    snprintf(text, sizeof text, "1e%d", digits);
    return is_above ? copysign(strtod(text, NULL), a) : 0.0 * a;
}

static inline double vg_round_digits(double a, double b) {
    char text[768];
    if (b != b || !isfinite(a)) return b != b ? NAN : a;
    if (b <= -1.0) return b > -309.0 ? vg_round_before_point(a, (int)-b) : 0.0 * a;
    if (b >= 324.0) return a;
    snprintf(text, sizeof text, "%.*f", (int)b, a);
    return strtod(text, NULL);
}

static inline double vg_with_sign(double a, double b) {
    return b == b ? copysign(a, b) : NAN;
}

static inline double vg_maximum(double a, double b) {
    return a > b || a != a ? a : b;
}

static inline double vg_minimum(double a, double b) {
    return a < b || a != a ? a : b;
}

static inline double vg_exceeds(double a, double b) {
    return a > b ? 1.0 : a < b ? 0.0 : a == b ? 0.5 : NAN;
}

/* ------------------------------------------------------------------------- exponentials of differences */

static inline double vg_exp_difference(double a, double b) {
    double d = a - b;
    double y = exp(d);
    if (!(0.0 < y && y < INFINITY)) return y;
    double back = d - a;
    double lost = (a - (d - back)) - (b + back);
    return y + y * lost;
}

static inline double vg_share(double a, double b) {
    if (a < b) {
        double e = vg_exp_difference(a, b);
        return e / (1.0 + e);
    }
    return 1.0 / (1.0 + vg_exp_difference(b, a));
}

static inline double vg_logaddexp(double a, double b) {
    if (a == b) return a + 0.6931471805599453;
    return a < b ? b + log1p(vg_exp_difference(a, b)) : a + log1p(vg_exp_difference(b, a));
}

static inline double vg_log_fraction(double a, double b, double c) {
    if (c == 0.0) return -0.0;
    double ratio = c * vg_exp_difference(b, a);
    return ratio < INFINITY ? -log1p(ratio) : (a - b) - log(c);
}

static inline double vg_add_fraction(double a, double b) {
    return isfinite(b) ? a + (b - floor(b)) : NAN;
}

/* ------------------------------------------------------------------------- entropies */

static inline double vg_xlogy(double a, double b) {
    return a != 0.0 || b != b ? a * log(b) : 0.0;
}

static inline double vg_xlog1py(double a, double b) {
    return a != 0.0 || b != b ? a * log1p(b) : 0.0;
}

static inline double vg_entr(double a) {
    if (a > 0.0) return -a * log(a);
    return a == 0.0 ? 0.0 : a < 0.0 ? -INFINITY : NAN;
}

/* From here on the compiler inlines only what is small: to inline everything everywhere takes long to compile. */
#if defined(VG_COMPACT) && (defined(__GNUC__) || defined(__clang__))
#define inline __attribute__((unused))
#endif

/* ------------------------------------------------------------------------- gamma functions */

static inline int vg_is_order(double n) {
    return 1.0 <= n && n <= VG_ORDERS && n == floor(n);
}

static inline double vg_bernoulli(int k) {
    static const double numbers[] = {
        1.0 / 6.0, -1.0 / 30.0,     1.0 / 42.0, -1.0 / 30.0,      5.0 / 66.0,
        -691.0 / 2730.0, 7.0 / 6.0, -3617.0 / 510.0, 43867.0 / 798.0, -174611.0 / 330.0,
    };
    return numbers[k - 1];
}

static inline double vg_polynomial(const double *coefficients, int count, double z) {
    double y = 0.0;
    for (int k = 0; k < count; k++) y = y * z + coefficients[k];
    return y;
}

static inline double vg_lgamma_polynomial(double z) {
    static const double coefficients[] = {
        -5.0333679908980265e-08, 9.11277895517167e-08, 1.8847734392676648e-08, -3.336913537804954e-08,
        -2.386040832536453e-07, 4.346200532078776e-07, -5.128211509102332e-07, 9.424957587698116e-07,
        -1.9066804238023735e-06, 3.516434844428187e-06, -6.434822788014993e-06, 1.194597872164936e-05,
        -2.228191217665965e-05, 4.170624738675929e-05, -7.846167352252309e-05, 0.00014851664114522942,
        -0.0002831906297104388, 0.0005448970025495887, -0.0010605660749412342, 0.0020955338792364464,
        -0.004226194125928346, 0.008776370425277888, -0.019053957830247412, 0.04452044719850941,
        -0.11948158662524275, 0.4501393121092563,
    };
    return vg_polynomial(coefficients, (int)(sizeof coefficients / sizeof coefficients[0]), z);
}

static inline double vg_digamma_polynomial(double z) {
    static const double coefficients[] = {
        -4.279624085203948e-07, 7.489345618425701e-07, 3.744655461967921e-07, -6.553134477930105e-07,
        -1.8152982571215072e-06, 3.176783869523677e-06, -2.493637963206625e-06, 4.363954155587837e-06,
        -9.711942635667115e-06, 1.699656557302208e-05, -2.8781726259309088e-05, 5.037306922478186e-05,
        -8.848107178256062e-05, 0.00015488023513747138, -0.00027107414127335234, 0.0004746724618090757,
        -0.0008314991405858443, 0.0014573755956349848, -0.002556686367507804, 0.00449181364672186,
        -0.007910468781929783, 0.01398578618617086, -0.024890048488912565, 0.04479965445273985,
        -0.08228558635577836, 0.15712011335204287, -0.3262546278681057, 0.8581832171262995,
    };
    return vg_polynomial(coefficients, (int)(sizeof coefficients / sizeof coefficients[0]), z);
}

static inline double vg_sin_pi(double a) {
    a = fmod(a, 2.0);
    int nearest = (int)rint(2.0 * a);
    double rest = VG_PI * (a - 0.5 * nearest);
    int quarter = (nearest + 4) % 4;
    double y = quarter % 2 ? cos(rest) : sin(rest);
    return quarter >= 2 ? -y : y;
}

static inline double vg_cos_pi(double a) {
    return fabs(a) >= 0.25 ? vg_sin_pi(0.5 - fmod(a, 2.0)) : cos(VG_PI * a);
}

static inline double vg_factorial(double n) {
    double y = 1.0;
    while (n > 1.0 && y != INFINITY) {
        y *= n;
        n -= 1.0;
    }
    return y;
}

static inline double vg_series(double a) {
    double series = 0.0;
    double square = a * a;
    for (int k = 8; k > 0; k--) series = series / square + vg_bernoulli(k) / (2 * k * (2 * k - 1));
    return series / a;
}

static inline double vg_stirling(double a) {
    double y = 2.5066282746310007 * exp(-a);
    return y + y * expm1(vg_series(a) + -7.312045493924426e-17);
}

static inline double vg_root(double a) {
    return vg_power(a, 0.5 * a - 0.25);
}

static inline double vg_gamma_of_positive(double a) {
    if (a < 1.0) return exp(a * (a - 1.0) * vg_lgamma_polynomial(a - 0.75)) / a;
    if (a < 10.0) {
        double product = 1.0;
        while (a > 2.5) {
            a -= 1.0;
            product *= a;
        }
        return product * exp((a - 1.0) * (a - 2.0) * vg_lgamma_polynomial(a - 1.75));
    }
    if (a <= 23.0 && a == floor(a)) return vg_factorial(a - 1.0);
    return a < 200.0 ? vg_stirling(a) * vg_root(a) * vg_root(a) : INFINITY;
}

static inline double vg_gamma(double a) {
    if (a != a || fabs(a) == INFINITY) return a == INFINITY ? INFINITY : NAN;
    if (a > 0.0) return vg_gamma_of_positive(a);
    if (a == 0.0) return 1.0 / a;
    if (a == floor(a)) return NAN;
    if (a > -1e-17) return 1.0 / a;
    double y = -VG_PI / (a * vg_sin_pi(a));
    if (a > -10.0) return y / vg_gamma_of_positive(-a);
    return a > -200.0 ? y / vg_stirling(-a) / vg_root(-a) / vg_root(-a) : copysign(0.0, y);
}

static inline double vg_lgamma(double a) {
    if (a != a || fabs(a) == INFINITY) return fabs(a);
    if (a <= 0.0) {
        if (a == floor(a)) return INFINITY;
        if (a > -1e-17) return -log(-a);
        return 1.1447298858494002 - log(fabs(a * vg_sin_pi(a))) - vg_lgamma(-a);
    }
    if (a < 1.0) return a * (a - 1.0) * vg_lgamma_polynomial(a - 0.75) - log(a);
    if (a <= 2.5) return (a - 1.0) * (a - 2.0) * vg_lgamma_polynomial(a - 1.75);
    if (a < 10.0) {
        double product = 1.0;
        while (a > 2.5) {
            a -= 1.0;
            product *= a;
        }
        return (a - 1.0) * (a - 2.0) * vg_lgamma_polynomial(a - 1.75) + log(product);
    }
    return (a - 0.5) * (log(a) - 1.0) + ((0.9189385332046728 - 0.5) + vg_series(a));
}

static inline double vg_digamma(double a) {
    const double root = 1.4616321449683622;
    const double root_rest = 9.549995429965697e-17;
    if (a <= 0.0) {
        if (a == 0.0) return -1.0 / a;
        if (a == -INFINITY || a == floor(a)) return NAN;
        return vg_digamma(1.0 - a) - VG_PI * (vg_cos_pi(a) / vg_sin_pi(a));
    }
    if (a < 1.0) return (a - (root - 1.0) - root_rest) * vg_digamma_polynomial(a - 0.75) - 1.0 / a;
    if (a <= 2.5) return (a - root - root_rest) * vg_digamma_polynomial(a - 1.75);
    if (a < 10.0) {
        double total = 0.0;
        while (a > 2.5) {
            a -= 1.0;
            total += 1.0 / a;
        }
        return (a - root - root_rest) * vg_digamma_polynomial(a - 1.75) + total;
    }
    double series = 0.0;
    double square = a * a;
    for (int k = 8; k > 0; k--) series = series / square + vg_bernoulli(k) / (2 * k);
    return log(a) - (0.5 / a + series / square);
}

static inline double vg_cot_pi_derivative(int n, double a) {
    double c = vg_cos_pi(a) / vg_sin_pi(a);
    double coefficients[VG_ORDERS + 2] = {0.0, 1.0};
    double slopes[VG_ORDERS];
    for (int degree = 1; degree <= n; degree++) {
        for (int k = 0; k < degree; k++) slopes[k] = (k + 1) * coefficients[k + 1];
        for (int k = 0; k < degree + 2; k++) coefficients[k] = 0.0;
        for (int k = 0; k < degree; k++) {
            coefficients[k] -= slopes[k] * VG_PI;
            coefficients[k + 2] -= slopes[k] * VG_PI;
        }
    }
    double y = 0.0;
    for (int k = n + 1; k >= 0; k--) y = y * c + coefficients[k];
    return VG_PI * y;
}

static inline double vg_polygamma(double n, double a) {
    if (!vg_is_order(n) || a != a || a == -INFINITY) return NAN;
    double sign = fmod(n, 2.0) == 0.0 ? -1.0 : 1.0;
    if (a == INFINITY) return 0.0 * sign;
    if (a <= 0.0) {
        if (a == floor(a)) return sign > 0.0 ? INFINITY : vg_digamma(a);
        if (a > -1e-17) return vg_factorial(n) * pow(-a, -n - 1.0);
        return -sign * vg_polygamma(n, 1.0 - a) - vg_cot_pi_derivative((int)n, a);
    }
    double distance = ceil(10.0 + n - a);
    int steps = distance > 0.0 ? (int)distance : 0;
    double far = a + steps;
    double total = 0.0;
    double coefficient = 1.0;
    for (int k = 1; k <= 10; k++) {
        coefficient *= (n + (2 * k - 2)) * (n + (2 * k - 1)) / ((2 * k - 1) * (2 * k)) / far / far;
        total += vg_bernoulli(k) * coefficient;
    }
    total = 1.0 + (0.5 * n / far + total);
    if (!steps) {
        double half = pow(far, -0.5 * n);
        return sign * (vg_factorial(n - 1.0) * half) * total * half;
    }
    total *= pow(far, -n);
    for (int k = steps - 1; k >= 0; k--) total += n * pow(a + k, -n - 1.0);
    return sign * vg_factorial(n - 1.0) * total;
}

/* ------------------------------------------------------------------------- quotients that are 0/0 at 0 */

static inline double vg_sinc(double a) {
    if (a == 0.0 || a != a) return 1.0 + a;
    return fabs(a) != INFINITY ? vg_sin_pi(a) / (VG_PI * a) : 0.0;
}

static inline double vg_turned(int k, double a) {
    double y = k % 2 ? vg_cos_pi(a) : vg_sin_pi(a);
    return k % 4 >= 2 ? -y : y;
}

static inline double vg_sinc_series(int order, double z) {
    int first = (order + 1) / 2;
    double power = order % 2 ? z : 1.0;
    double y = 0.0, before = NAN;
    double sign = first % 2 ? -1.0 : 1.0;
    for (int k = 2 * first; y != before; k += 2) {
        before = y;
        y += sign * power / (k + 1);
        power *= z / (k - order + 1) * (z / (k - order + 2));
        sign = -sign;
    }
    return y;
}

static inline double vg_sinc_downwards(int order, double a) {
    double z = VG_PI * a;
    double y = 0.0;
    for (int k = order + 60 + (int)sqrt(80.0 * order); k > order; k--) y = (vg_turned(k, a) - z * y) / k;
    return y;
}

static inline double vg_sinc_derivative(double n, double a) {
    if (!vg_is_order(n) || a != a) return NAN;
    int order = (int)n;
    if (fabs(a) == INFINITY) return 0.0;
    double z = VG_PI * fabs(a);
    double y;
    if (z < 3.0) {
        y = vg_sinc_series(order, z);
    } else if (z < n) {
        y = vg_sinc_downwards(order, fabs(a));
    } else {
        y = vg_sinc(a);
        for (int k = 1; k <= order; k++) y = (vg_turned(k, fabs(a)) - k * y) / z;
    }
    for (int k = 0; k < order; k++) y *= VG_PI;
    return a < 0.0 && order % 2 ? -y : y;
}

static inline double vg_exprel(double a) {
    if (a == 0.0) return 1.0;
    if (a > 700.0) {
        double half = exp(0.5 * a);
        return a < INFINITY ? half / a * half : INFINITY;
    }
    return expm1(a) / a;
}

static inline double vg_exprel_series(int order, double a) {
    double total = 0.0;
    if (a < 0.0) {
        for (int k = 30 + (int)sqrt(80.0 * order); k > 0; k--) total = -a / (order + 1 + k) * (1.0 + total);
        return exp(a) * (1.0 + total) / (order + 1);
    }
    double before = NAN;
    double power = 1.0;
    for (int k = 0; total != before;) {
        before = total;
        total += power / (k + order + 1);
        k += 1;
        power *= a / k;
    }
    return total;
}

static inline double vg_exprel_derivative(double n, double a) {
    if (!vg_is_order(n) || a != a) return NAN;
    if (a == INFINITY) return INFINITY;
    int order = (int)n;
    if (-(n + 1.0) <= a && a <= n + 2.0) return vg_exprel_series(order, a);
    double z = fabs(a);
    double last = 1.0 / z;
    for (int k = 1; k <= order; k++) last *= k / z;
    double term = 1.0, total = 1.0;
    if (a < 0.0) {
        if (a < -750.0) return last;
        for (int k = 1; k <= order; k++) {
            term *= z / k;
            total += term;
        }
        return last - last * exp(a) * total;
    }
    for (int k = 0; k < order; k++) {
        term *= -(order - k) / z;
        total += term;
    }
    last = order % 2 ? last : -last;
    if (a < 700.0) return exp(a) / a * total + last;
    double half = exp(0.5 * a);
    return half / a * total * half + last;
}

static inline double vg_log1prel(double a) {
    if (a == 0.0) return 1.0;
    return a != INFINITY ? log1p(a) / a : 0.0;
}

static inline double vg_log1prel_integral(int order, double a) {
    double w = a / (1.0 + a);
    double total = 0.0;
    if (-0.75 < a && a < 0.0) {
        for (int k = (int)(40.0 / (1.0 + a)) + 20 * order; k > 0; k--)
            total = -a * (order + k) / k * ((order + k) / (order + k + 1.0)) * (1.0 + total);
        return (1.0 + total) / (order + 1);
    }
    if (0.0 <= w && w < 1.0 - 1.0 / (2 * order + 4)) {
        for (int k = (int)(40.0 / (1.0 - w)) + order; k > order; k--) total = total * w + 1.0 / k;
        double above = 1.0 + a;
        total -= total * ((order + 1) * (a - (above - 1.0)) / above);
        for (int k = 0; k <= order; k++) total /= above;
        return total;
    }
    total = log1p(a);
    double power = 1.0;
    for (int k = 1; k <= order; k++) {
        power *= w;
        total -= power / k;
    }
    for (int k = 0; k <= order; k++) total /= a;
    return total;
}

static inline double vg_log1prel_derivative(double n, double a) {
    if (!vg_is_order(n) || !(a >= -1.0)) return NAN;
    int order = (int)n;
    double sign = order % 2 ? -1.0 : 1.0;
    if (a == -1.0 || a == INFINITY) return sign * (a < 0.0 ? INFINITY : 0.0);
    double y = vg_log1prel_integral(order, a);
    for (int k = 1; k <= order; k++) y *= k;
    return sign * y;
}

/* ------------------------------------------------------------------------- normal distribution */

static inline double vg_normal_pdf(double a) {
    if (fabs(a) > 40.0) return 0.0;
    double high = vg_high_half(a);
    return exp(-0.5 * high * high) * exp(-0.5 * (a - high) * (a + high)) / VG_ROOT_TWO_PI;
}

static inline double vg_normal_cdf(double a) {
    double z = -VG_ROOT_HALF * a;
    double y = 0.5 * erfc(z);
    if (a > -1.0 || y == 0.0) return y;
    double high = vg_high_half(z), upper = vg_high_half(a);
    double lost = (high * high - 0.5 * upper * upper) + ((z - high) * (z + high) - 0.5 * (a - upper) * (a + upper));
    return y + y * lost;
}

static inline double vg_erfcx(double a) {
    if (a < 8.0) {
        if (a < -30.0) return INFINITY;
        double high = vg_high_half(a);
        return exp(high * high) * exp((a - high) * (a + high)) * erfc(a);
    }
    double half = 0.5 / a / a;
    double series = 1.0;
    for (int k = 16; k > 0; k--) series = 1.0 - (2 * k - 1) * half * series;
    return series / (a * VG_ROOT_PI);
}

static inline double vg_log_normal_cdf(double a) {
    if (a > 0.0) return log1p(-vg_normal_cdf(-a));
    if (a > -20.0) return log(vg_normal_cdf(a));
    return log(vg_erfcx(-VG_ROOT_HALF * a)) - 0.6931471805599453 - 0.5 * a * a;
}

static inline double vg_moments(int order, double t, double variance, double *moments) {
    double root = sqrt((double)order) + 20.0 * sqrt(variance) / t;
    double ratio = 0.0;
    for (int k = (int)(root * root) + 10 + order; k > 0; k--) {
        ratio = k * variance / (t + ratio);
        if (k <= order) moments[k] = ratio;
    }
    moments[0] = 1.0;
    for (int k = 1; k <= order; k++) moments[k] = moments[k - 1] * moments[k];
    return t + ratio;
}

static inline double vg_erfcx_derivative(double n, double a) {
    if (!vg_is_order(n) || a != a) return NAN;
    int order = (int)n;
    if (a < (order < 3 ? 0.5 : 0.3)) {
        double before = vg_erfcx(a);
        double y = 2.0 * a * before - 2.0 / VG_ROOT_PI;
        for (int k = 1; k < order; k++) {
            double next = 2.0 * (a * y + k * before);
            before = y;
            y = next;
        }
        return y;
    }
    double moments[VG_ORDERS + 1];
    double total = vg_moments(order, a, 0.5, moments);
    double y = moments[order] / total / VG_ROOT_PI;
    for (int k = 0; k < order; k++) y *= -2.0;
    return y;
}

static inline double vg_derivative_of_ratio(int order, double a) {
    if (a > 40.0) return 0.0;
    double series[VG_ORDERS];
    double factorial = 1.0;
    series[0] = vg_normal_pdf(a) / vg_normal_cdf(a);
    for (int k = 0; k < order - 1; k++) {
        double y = a * series[k] + (k ? series[k - 1] : 0.0);
        for (int j = 0; j <= k; j++) y += series[j] * series[k - j];
        series[k + 1] = -y / (k + 1);
        factorial *= k + 1;
    }
    return factorial * series[order - 1];
}

static inline double vg_log_normal_cdf_derivative(double n, double a) {
    if (!vg_is_order(n) || a != a) return NAN;
    int order = (int)n;
    if (order == 1 && a > -20.0) return vg_normal_pdf(a) / vg_normal_cdf(a);
    if (order == 1) return 2.0 / (VG_ROOT_TWO_PI * vg_erfcx(-VG_ROOT_HALF * a));
    if (a > -1.0) return vg_derivative_of_ratio(order, a);
    double moments[VG_ORDERS + 1], cumulants[VG_ORDERS + 1];
    vg_moments(order, -a, 1.0, moments);
    for (int k = 1; k <= order; k++) {
        double y = moments[k];
        double binomial = 1.0;
        for (int j = 1; j < k; j++) {
            y -= binomial * cumulants[j] * moments[k - j];
            binomial = binomial * (k - j) / j;
        }
        cumulants[k] = y;
    }
    return order == 2 ? cumulants[2] - 1.0 : cumulants[order];
}

#undef inline

#endif
