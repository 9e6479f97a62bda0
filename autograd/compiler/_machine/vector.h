/* Elementary functions without a branch or a call, for loops over blocks of numbers.

   gcc and clang turn `for (i = 0; i < n; i++) out[i] = vm_exp(a[i]);` into vector instructions: 2 numbers at a time
   with SSE2, 4 with AVX2. Flags: -O3 -fno-math-errno -fno-trapping-math; -ffp-contract=fast is allowed. Where the
   rounding error of a product matters, its factors have 26 bits: then the product is exact, whether the compiler
   rounds it before the sum or not. (Veltkamp's splitting and Dekker's products would break: if a*b + c is rounded
   only once, the upper half of a is a itself.)

   erf, erfc and normal_cdf read tables; gcc makes vectors of such loops since version 12.

   vm_exp(a) ... are for one number, vm_exp_block(n, a, out) ... for n; `out` is `a` itself, or does not overlap it.
   Results are within 2.6 ulp of the exact ones, subnormal ones too. Measured: exp, gaussian, log and log1p 1.0, sigmoid
   and sech_squared 2.3, sin and cos 2.5, the others 2.1. For nan, infinities and zeros they are equal to those of floats.h.
   vm_sin, vm_cos and vm_pow take only the arguments in their comments; their block functions take any, and call libm
   for the others. The block functions of exp, log, sin and cos leave special cases to a second loop, which runs only if
   there are any.

   Methods: Muller et al., Handbook of Floating-Point Arithmetic; reduction and scaling after Cody and Waite,
   Software Manual for the Elementary Functions (1980); the series in f / (2 + f) of log and log1p, and pow by a
   logarithm in two parts, as in Sun's fdlibm (1993); erf by a table and a polynomial of the difference, as in Tang,
   Table-lookup algorithms for elementary functions (1991). Polynomials: minimax by Remez' exchange in 60 digits, then
   rounded. Polynomials and reductions are exact to 2**-56, those of pow to 2**-65. */

#ifndef VALUEGRAD_VECTOR_H
#define VALUEGRAD_VECTOR_H

#include <float.h>
#include <stdint.h>
#include <string.h>

#include "erf_table.h"
#include "floats.h"

#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0
#error "vector.h needs doubles rounded to 53 bits; compile with -msse2 -mfpmath=sse"
#endif

/* Define VM_TARGET before the #include to compile the block functions for processors with more instructions. */
#ifndef VM_TARGET
#define VM_TARGET
#endif

/* VM_INLINE: inlined into functions of any target. VM_INDEPENDENT: no iteration reads what another one writes. */
#if defined(__clang__)
#define VM_INLINE static inline __attribute__((always_inline))
#define VM_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define VM_INLINE static inline __attribute__((always_inline))
#define VM_INDEPENDENT _Pragma("GCC ivdep")
#elif defined(_MSC_VER)
#define VM_INLINE static __forceinline
#define VM_INDEPENDENT __pragma(loop(ivdep))
#else
#define VM_INLINE static inline
#define VM_INDEPENDENT
#endif

#define VM_LOG2_E 1.4426950408889634
#define VM_LN2_HIGH 0.6931471805598903 /* 42 bits, so its product with an exponent is exact */
#define VM_LN2_LOW 5.497923018708371e-14
#define VM_SHIFTER 6755399441055744.0 /* 1.5 * 2**52; x + VM_SHIFTER has x, rounded to a whole number, in its low bits */
#define VM_BIAS 1023.0
#define VM_ROOT_TWO_PI_INVERSE 0.3989422804014327
#define VM_SIGN 0x8000000000000000u
#define VM_FRACTION 0x000fffffffffffffu
#define VM_ONE 0x3ff0000000000000u
#define VM_TWO 0x4000000000000000u
#define VM_SQRT_HALF 0x3fe6a09e667f3bcdu
#define VM_SMALLEST 0x0010000000000000u /* the smallest normal number; below, the largest */
#define VM_LARGEST 0x7fefffffffffffffu

/* ------------------------------------------------------------------------- bits */

VM_INLINE uint64_t vm_bits(double a) {
    uint64_t bits;
    memcpy(&bits, &a, sizeof bits);
    return bits;
}

VM_INLINE double vm_from_bits(uint64_t bits) {
    double a;
    memcpy(&a, &bits, sizeof a);
    return a;
}

VM_INLINE double vm_abs(double a) {
    return vm_from_bits(vm_bits(a) & ~VM_SIGN);
}

VM_INLINE double vm_with_sign(double magnitude, double a) {
    return vm_from_bits(vm_bits(magnitude) | (vm_bits(a) & VM_SIGN));
}

/* The upper 26 bits of a, truncated: the product of two such numbers is exact. */
VM_INLINE double vm_high_half(double a) {
    return vm_from_bits(vm_bits(a) & 0xfffffffff8000000u);
}

VM_INLINE double vm_round(double a) {
    return (a + VM_SHIFTER) - VM_SHIFTER;
}

/* 2**k for whole -1022 <= k <= 1023. */
VM_INLINE double vm_power_of_two(double k) {
    return vm_from_bits(vm_bits(k + (VM_SHIFTER + VM_BIAS)) << 52);
}

/* y * 2**k in two steps, because 2**k may be infinite or subnormal. */
VM_INLINE double vm_scaled(double y, double k) {
    double half = vm_round(0.5 * k);
    return y * vm_power_of_two(half) * vm_power_of_two(k - half);
}

/* ------------------------------------------------------------------------- exponentials */

/* exp(r) - 1 - r for |r| <= log(2)/2. */
VM_INLINE double vm_exp_tail(double r) {
    double r2 = r * r;
    double r4 = r2 * r2;
    double low = (0.16666666666666669 + 0.04166666666666668 * r)
               + (0.008333333333327756 + 0.0013888888888876792 * r) * r2;
    double middle = (0.00019841269871155023 + 2.480158734346405e-05 * r)
                  + (2.7557258702233115e-06 + 2.7557255669008074e-07 * r) * r2;
    double high = 2.510418234247671e-08 + 2.0920870175323605e-09 * r;
    return r2 * (0.5 + r * (low + r4 * (middle + r4 * high)));
}

/* For |k| < 2000, a number whose low bits are k + 2046: the sum of the biased exponents of two factors of 2**k. There
   are two because 2**k may be infinite or subnormal. */
VM_INLINE double vm_exponents(double k) {
    return k + (VM_SHIFTER + 2.0 * VM_BIAS);
}

/* y * 2**k, given vm_exponents(k). */
VM_INLINE double vm_scaled_by(double y, double exponents) {
    uint64_t both = vm_bits(exponents), first = both >> 1;
    return y * vm_from_bits(first << 52) * vm_from_bits((both - first) << 52);
}

/* exp(high + low) for |high + low| < 1380; beyond, the result may be any number. */
VM_INLINE double vm_exp_sum(double high, double low) {
    double exponents = vm_exponents((high + low) * VM_LOG2_E);
    double k = exponents - (VM_SHIFTER + 2.0 * VM_BIAS);
    double r = (high - k * VM_LN2_HIGH) + (low - k * VM_LN2_LOW);
    return vm_scaled_by(1.0 + (r + vm_exp_tail(r)), exponents);
}

/* Here and below, the results for very large and very small arguments are selected last. If the argument is clamped
   first, gcc makes a separate path for each end. */
VM_INLINE double vm_exp(double a) {
    double exponents = vm_exponents(a * VM_LOG2_E);
    double k = exponents - (VM_SHIFTER + 2.0 * VM_BIAS);
    double r = (a - k * VM_LN2_HIGH) - k * VM_LN2_LOW;
    double y = vm_scaled_by(1.0 + (r + vm_exp_tail(r)), exponents);
    y = a < -746.0 ? 0.0 : y;
    return a > 710.0 ? INFINITY : y;
}

/* exp(a) where it is surely normal: 2**k is added to its exponent. A function with this argument sets its sign bit for
   numbers that it cannot compute. */
VM_INLINE double vm_exp_normal(double a, uint64_t *rare) {
    double shifted = a * VM_LOG2_E + VM_SHIFTER;
    double k = shifted - VM_SHIFTER;
    double r = (a - k * VM_LN2_HIGH) - k * VM_LN2_LOW;
    double y = 1.0 + (r + vm_exp_tail(r));
    *rare |= vm_bits(708.0) - vm_bits(vm_abs(a));
    return vm_from_bits(vm_bits(y) + (vm_bits(shifted) << 52));
}

/* 2**k * (exp(r) - 1) + (2**k - 1), computed as twice its half because k may be 1024. */
VM_INLINE double vm_expm1(double a) {
    double k = vm_round(a * VM_LOG2_E);
    double high = a - k * VM_LN2_HIGH;
    double r = high - k * VM_LN2_LOW;
    double lost = (high - r) - k * VM_LN2_LOW;
    double scale = vm_power_of_two(k - 1.0);
    double y = 2.0 * (((scale - 0.5) + scale * r) + scale * (vm_exp_tail(r) + lost));
    y = vm_abs(a) < 1e-17 ? a : y; /* the half of a subnormal number is rounded, -0 + 0 is 0 */
    y = a < -40.0 ? -1.0 : y;
    return a > 710.0 ? INFINITY : y;
}

/* -t / (2 + t) with t = expm1(-2|a|); t_low and d_low are the rounding errors of t and of d = 2 + t. */
VM_INLINE double vm_tanh(double a) {
    double x = -2.0 * vm_abs(a);
    double k = vm_round(x * VM_LOG2_E);
    double high = x - k * VM_LN2_HIGH;
    double r = high - k * VM_LN2_LOW;
    double lost = (high - r) - k * VM_LN2_LOW;
    double scale = vm_power_of_two(k);
    double whole = scale - 1.0;
    double first = whole + scale * r;
    double second = ((whole - first) + scale * r) + scale * (vm_exp_tail(r) + lost);
    double t = first + second;
    double t_low = second - (t - first);
    double d = 2.0 + t;
    double d_low = (t - (d - 2.0)) + t_low;
    double y = t / d;
    y = y + (t_low - y * d_low) * (0.5 - 0.5 * y); /* 1 / d is (1 - y) / 2 */
    y = x < -40.0 ? 1.0 : y;
    return vm_with_sign(vm_abs(y), a);
}

/* 4 e / (1 + e)**2 with e = exp(-2|a|), scaled last: e may be subnormal although the result is not. */
VM_INLINE double vm_sech_squared(double a) {
    double x = -2.0 * vm_abs(a);
    double k = vm_round(x * VM_LOG2_E);
    double r = (x - k * VM_LN2_HIGH) - k * VM_LN2_LOW;
    double fraction = 1.0 + (r + vm_exp_tail(r));
    double e = vm_scaled(fraction, k);
    double y = vm_scaled(fraction / (1.0 + e * (2.0 + e)), k + 2.0);
    return x < -750.0 ? 0.0 : y;
}

VM_INLINE double vm_gaussian(double a) {
    double high = vm_high_half(a);
    double y = vm_exp_sum(-high * high, -(a - high) * (a + high));
    return vm_abs(a) > 30.0 ? 0.0 : y;
}

VM_INLINE double vm_normal_pdf(double a) {
    double high = vm_high_half(a);
    double y = vm_exp_sum(-0.5 * high * high, -0.5 * (a - high) * (a + high));
    return vm_abs(a) > 40.0 ? 0.0 : y * VM_ROOT_TWO_PI_INVERSE;
}

/* exp(-|a|) */
VM_INLINE double vm_exp_negative(double a) {
    double x = -vm_abs(a);
    double y = vm_exp_sum(x, 0.0);
    return x < -746.0 ? 0.0 : y;
}

VM_INLINE double vm_sigmoid(double a) {
    double e = vm_exp_negative(a);
    return (a < 0.0 ? e : 1.0) / (1.0 + e);
}

/* ------------------------------------------------------------------------- the normal distribution */

#define VM_STEP_SHIFTER 105553116266496.0 /* 1.5 * 2**46; x + it has 64 x, rounded to a whole number, in its low bits */
#define VM_NORMAL_UNSCALED 2.938735877055719e-39 /* 2**-128 */
#define VM_ROOT_TWO 1.4142135623730951
#define VM_ROOT_HALF_HIGH 0.7071067811862122 /* 41 bits */
#define VM_ROOT_HALF_LOW 3.3535003927269253e-13

/* erf(r + d) is erf(r) plus the slope at r times the integral of exp(-2rt - t**2) for t from 0 to d. With t = d/2 + s,
   that is exp(-v) times the integral of cosh(2ms/d) exp(-s**2) for s from -d/2 to d/2, where v = rd + d**2/4 and
   m = rd + d**2/2. So it is d (1 + e) (1 + c), e = exp(-v) - 1, c a polynomial of q = m**2 and g = d**2/4.

   The integral for 0 <= r <= 5.9375, |d| <= 1/128. */
VM_INLINE double vm_erf_integral(double r, double d) {
    double half = 0.5 * d;
    double g = half * half;
    double v = r * d + g;
    double m = v + g;
    double v2 = v * v;
    double q = m * m;
    double even = 0.5 + 0.041666666666666664 * v2;
    double odd = 0.16666666666666666 + 0.008333333333333333 * v2;
    double e = v2 * (even - v * odd) - v;
    double c = q * (0.16666666666666666 + 0.008333333333333333 * q)
             - g * ((0.3333333333333333 + 0.1 * q) - 0.09999967 * g);
    double y = d + d * e;
    return y + y * c;
}

VM_INLINE double vm_erf(double a) {
    double x = vm_abs(a);
    double shifted = x + VM_STEP_SHIFTER;
    double r = shifted - VM_STEP_SHIFTER;
    int64_t i = (int64_t)(vm_bits(shifted) & 511);
    double y = vm_erf_at[i] + vm_erf_slope_at[i] * vm_erf_integral(r, x - r);
    y = x > 5.9375 ? 1.0 : y;
    return vm_with_sign(y, a);
}

/* The upper tail of the normal distribution at r + d is that at r minus the density at r times the integral of
   exp(-rt - t**2/2) for t from 0 to d. With h = d/2, t = h + hz and m = (r + h) h, that is d exp(-m) times the mean of
   cosh(mz) exp(g (1 - z**2) / 2) for z from -1 to 1, where g = h**2. This mean is sinh(m) / m plus a polynomial of g and
   q = m**2. And the density at r + d is that at r times exp(-m)**2.

   sinh(m) / m - 1 for |m| <= 0.151 */
VM_INLINE double vm_normal_odd(double q) {
    double high = 0.0001984126721182956 + 2.7571067677586128e-06 * q;
    return q * (0.16666666666666619 + q * (0.008333333333534235 + q * high));
}

/* exp(-m) - 1, given that */
VM_INLINE double vm_normal_less(double m, double odd) {
    double q = m * m;
    double high = 0.0013888886027556412 + 2.4816634043304555e-05 * q;
    double even = q * (0.49999999999999484 + q * (0.04166666666883824 + q * high));
    return even - (m + m * odd);
}

/* 2**128 times the upper tail at r + d, if the low bits of `shifted` are 64 r. */
VM_INLINE double vm_normal_tail(double shifted, double r, double d) {
    int64_t i = (int64_t)(vm_bits(shifted) & 4095);
    double h = 0.5 * d;
    double m = (r + h) * h;
    double g = h * h;
    double q = m * m;
    double odd = vm_normal_odd(q);
    double high = 0.0011904760327671546 + 2.205688902840423e-05 * q;
    double first = 0.3333333333333328 + q * (0.03333333333406814 + q * high);
    double second = 0.0666667307512062 + 0.004764921618925961 * q;
    double mean = odd + g * (first + g * second);
    double y = d + d * vm_normal_less(m, odd);
    return vm_normal_tail_at[i] - vm_normal_density_at[i] * (y + y * mean);
}

VM_INLINE double vm_normal_cdf(double a) {
    double x = vm_abs(a);
    double shifted = x + VM_STEP_SHIFTER;
    double r = shifted - VM_STEP_SHIFTER;
    double y = VM_NORMAL_UNSCALED * vm_normal_tail(shifted, r, x - r);
    y = x > 38.5 ? 0.0 : y;
    return a > 0.0 ? 1.0 - y : y;
}

/* The density where vm_normal_cdf of the same number is computed too. Alone, vm_normal_pdf is faster. */
VM_INLINE double vm_shared_normal_pdf(double a) {
    double x = vm_abs(a);
    double shifted = x + VM_STEP_SHIFTER;
    double r = shifted - VM_STEP_SHIFTER;
    double h = 0.5 * (x - r);
    double m = (r + h) * h;
    double e = vm_normal_less(m, vm_normal_odd(m * m));
    double density = vm_normal_density_at[(int64_t)(vm_bits(shifted) & 4095)];
    double y = VM_NORMAL_UNSCALED * (density + density * (e * (2.0 + e)));
    return x > 38.6 ? 0.0 : y;
}

/* Twice the upper tail at |a| sqrt(2). As r has 12 bits, its product with 41 bits of sqrt(1/2) is exact. */
VM_INLINE double vm_erfc(double a) {
    double x = vm_abs(a);
    double shifted = VM_ROOT_TWO * x + VM_STEP_SHIFTER;
    double r = shifted - VM_STEP_SHIFTER;
    double d = VM_ROOT_TWO * ((x - r * VM_ROOT_HALF_HIGH) - r * VM_ROOT_HALF_LOW);
    double y = 2.0 * VM_NORMAL_UNSCALED * vm_normal_tail(shifted, r, d);
    y = x > 27.25 ? 0.0 : y;
    return a < 0.0 ? 2.0 - y : y;
}

/* ------------------------------------------------------------------------- logarithms and roots */

/* log(1 + f) - f with s = f / (2 + f), for 1/sqrt(2) <= 1 + f <= sqrt(2). */
VM_INLINE double vm_log_tail(double f, double s) {
    double z = s * s;
    double z2 = z * z;
    double odd = 0.39999999999433467 + z2 * (0.2222219886213837 + z2 * 0.15314332708860665);
    double even = 0.6666666666666731 + z2 * (0.285714287390155 + z2 * (0.1818355153371632 + z2 * 0.14793499048231196));
    double half_square = 0.5 * f * f;
    return s * (half_square + z * (even + z * odd)) - half_square;
}

/* a = 2**k * fraction, fraction between 1/sqrt(2) and sqrt(2); a is positive and normal. */
VM_INLINE double vm_fraction(double a) {
    return vm_from_bits(((vm_bits(a) + (VM_ONE - VM_SQRT_HALF)) & VM_FRACTION) + VM_SQRT_HALF);
}

VM_INLINE double vm_exponent(double a, double bias) {
    uint64_t biased = (vm_bits(a) + (VM_ONE - VM_SQRT_HALF)) >> 52;
    return vm_from_bits(biased | 0x4330000000000000u) - (4503599627370496.0 + bias); /* 2**52 + biased - ... */
}

VM_INLINE double vm_log_normal(double a, uint64_t *rare) {
    double k = vm_exponent(a, VM_BIAS);
    double f = vm_fraction(a) - 1.0;
    *rare |= (vm_bits(a) - VM_SMALLEST) | (VM_LARGEST - vm_bits(a));
    return k * VM_LN2_HIGH + (f + (vm_log_tail(f, f / (2.0 + f)) + k * VM_LN2_LOW));
}

VM_INLINE double vm_log(double a) {
    double x = a < DBL_MIN ? a * 18014398509481984.0 : a; /* 2**54, for the subnormal */
    double k = vm_exponent(x, a < DBL_MIN ? VM_BIAS + 54.0 : VM_BIAS);
    double f = vm_fraction(x) - 1.0;
    double y = k * VM_LN2_HIGH + (f + (vm_log_tail(f, f / (2.0 + f)) + k * VM_LN2_LOW));
    y = a < INFINITY ? y : a;
    y = a == 0.0 ? -INFINITY : y;
    return a < 0.0 ? NAN : y;
}

/* log(1 + a): log(u) for the rounded u = 1 + a, plus a correction for the rounding error; a is finite, above -1. */
VM_INLINE double vm_log1p_middle(double a) {
    double u = 1.0 + a;
    double back = u - 1.0;
    double lost = (1.0 - (u - back)) + (a - back);
    double k = vm_exponent(u, VM_BIAS);
    double m = vm_fraction(u);
    double f = m - 1.0;
    double f_low = 0.5 * lost * vm_from_bits(vm_bits(m) - vm_bits(u) + VM_TWO); /* times 2**(1 - k), k up to 1024 */
    double s = f / (2.0 + f);
    double share = f_low - f_low * (2.0 * s * (1.0 - s)); /* f_low / (1 + f) to within s**3 */
    return k * VM_LN2_HIGH + (f + (vm_log_tail(f, s) + (k * VM_LN2_LOW + share)));
}

VM_INLINE double vm_log1p(double a) {
    double y = vm_log1p_middle(a);
    y = vm_abs(a) < 1e-17 ? a : y; /* -0 + 0 is 0 */
    y = a < INFINITY ? y : a;
    y = a == -1.0 ? -INFINITY : y;
    return a < -1.0 ? NAN : y;
}

/* softplus of a, given exp(-|a|). */
VM_INLINE double vm_softplus_of_exp(double a, double e) {
    return vm_log1p_middle(e) + (a > 0.0 ? a : 0.0);
}

VM_INLINE double vm_softplus(double a) {
    return vm_softplus_of_exp(a, vm_exp_negative(a));
}

/* With -fno-math-errno it is one instruction. */
VM_INLINE double vm_sqrt(double a) {
    return sqrt(a);
}

/* ------------------------------------------------------------------------- trigonometric */

#define VM_FAR 100000.0 /* the reduction below is good for |a| up to here */

/* a - n * pi for |n| < 2**16 with at most one bit after the point, pi in 35 + 35 + 53 bits. */
VM_INLINE double vm_rest(double a, double n) {
    double r = a - n * 3.1415926535846666;
    r = r - n * 5.1266883031679116e-12;
    return r - n * 2.1125998133974856e-23;
}

/* sin(r) for |r| <= pi/2, with another sign if the lowest bit of `flip` is set. By rounding it may be beyond 1. */
VM_INLINE double vm_sin_half(double r, uint64_t flip) {
    double z = r * r;
    double z2 = z * z;
    double even = ((-7.643969663988074e-13 * z2 + -2.505210761669045e-08) * z2 + -0.00019841269841254966) * z2
                + -0.16666666666666666;
    double odd = ((2.7314368769379893e-15 * z2 + 1.6058977292642743e-10) * z2 + 2.7557319219160833e-06) * z2
               + 0.008333333333333316;
    double y = r + r * (z * (even + z * odd) + 0.0); /* with -0, the sine of -0 would be 0 */
    return vm_from_bits(vm_bits(y) ^ (flip << 63));
}

VM_INLINE double vm_within_one(double y) {
    return vm_abs(y) > 1.0 ? vm_with_sign(1.0, y) : y;
}

VM_INLINE uint64_t vm_is_beyond_one(double y) {
    return VM_ONE - vm_bits(vm_abs(y));
}

/* Whether |a| is more than VM_FAR, or nan. As above, the sign bit says so, because SSE2 cannot compare vectors of 64-bit
   integers. */
VM_INLINE uint64_t vm_is_far(double a) {
    return vm_bits(VM_FAR) - vm_bits(vm_abs(a));
}

/* The whole multiple of pi next to a is n. */
VM_INLINE double vm_sin_near_zero(double a, uint64_t *rare) {
    double shifted = a * (1.0 / VG_PI) + VM_SHIFTER;
    double y = vm_sin_half(vm_rest(a, shifted - VM_SHIFTER), vm_bits(shifted));
    *rare |= vm_is_far(a) | vm_is_beyond_one(y);
    return y;
}

/* The multiple of pi next to a that has a half is n + 1/2; there the cosine is 0. The shift by one more turns the sign. */
VM_INLINE double vm_cos_near_zero(double a, uint64_t *rare) {
    double shifted = (a * (1.0 / VG_PI) - 0.5) + (VM_SHIFTER + 1.0);
    double y = vm_sin_half(vm_rest(a, (shifted - (VM_SHIFTER + 1.0)) + 0.5), vm_bits(shifted));
    *rare |= vm_is_far(a) | vm_is_beyond_one(y);
    return y;
}

/* |a| <= VM_FAR, or nan. It is never beyond 1. */
VM_INLINE double vm_sin(double a) {
    uint64_t rare = 0;
    return vm_within_one(vm_sin_near_zero(a, &rare));
}

VM_INLINE double vm_cos(double a) {
    uint64_t rare = 0;
    return vm_within_one(vm_cos_near_zero(a, &rare));
}

/* Sine and cosine where both are needed: a compiler computes the common parts once. Alone, vm_sin and vm_cos are faster.

   sin(r) for |r| <= pi/4. */
VM_INLINE double vm_sin_near(double r) {
    double z = r * r;
    double z2 = z * z;
    double low = (-0.16666666666666632 + 0.008333333333322413 * z)
               + (-0.00019841269829807233 + 2.7557313691749774e-06 * z) * z2;
    double high = -2.505075809219581e-08 + 1.5896794452387364e-10 * z;
    return r * (1.0 + z * (low + z2 * z2 * high));
}

/* cos(r) for |r| <= pi/4. It is never more than 1. */
VM_INLINE double vm_cos_near(double r) {
    double z = r * r;
    double z2 = z * z;
    double low = (0.0416666666666666 + -0.0013888888888874125 * z)
               + (2.48015872894821e-05 + -2.755731435231158e-07 * z) * z2;
    double high = 2.087572327061931e-09 + -1.1359647678347866e-11 * z;
    return 1.0 + z * (-0.5 + z * (low + z2 * z2 * high));
}

/* sin(r + n * pi/2): the sine or the cosine of r, with another sign in two of four quarters. */
VM_INLINE double vm_sin_of_quarter(double r, uint64_t n) {
    uint64_t sine = vm_bits(vm_sin_near(r)), cosine = vm_bits(vm_cos_near(r));
    return vm_from_bits((sine ^ ((sine ^ cosine) & (0 - (n & 1)))) ^ (n >> 1 << 63));
}

/* |a| <= VM_FAR, or nan. The whole multiple of pi/2 next to a is n. */
VM_INLINE double vm_shared_sin(double a) {
    double shifted = a * (2.0 / VG_PI) + VM_SHIFTER;
    return vm_sin_of_quarter(vm_rest(a, 0.5 * (shifted - VM_SHIFTER)), vm_bits(shifted));
}

/* The same; it is the sine a quarter later. */
VM_INLINE double vm_shared_cos(double a) {
    double shifted = a * (2.0 / VG_PI) + VM_SHIFTER;
    return vm_sin_of_quarter(vm_rest(a, 0.5 * (shifted - VM_SHIFTER)), vm_bits(shifted) + 1);
}

/* ------------------------------------------------------------------------- powers */

#define VM_VAST 2251799813685247.0 /* 2**51 - 1, the largest exponent that vm_pow takes */

/* log|a| for normal a to 65 bits: *high in 26, and *low. */
VM_INLINE void vm_log_pair(double a, double *high, double *low) {
    /* s = (m - 1) / (m + 1) */
    double x = vm_abs(a);
    double k = vm_exponent(x, VM_BIAS);
    double m = vm_fraction(x);
    double f = m - 1.0;
    double d = m + 1.0;
    double inverse = 1.0 / d;
    double s = f * inverse;
    double z = s * s;
    double s_high = vm_high_half(s);
    double d_high = vm_high_half(d);
    double s_low = inverse * ((f - s_high * d_high) - s_high * (m - (d_high - 1.0)));
    s = s_high + s_low;

    /* p = 3 + s**2 + 3/5 s**4 + 3/7 s**6 + ... = 3/2 log(m) / s */
    double square = s_high * s_high;
    double z2 = z * z;
    double z4 = z2 * z2;
    double first = (0.6 + 0.42857142857147834 * z)
                 + (0.33333333330867576 + 0.2727272777916523 * z) * z2;
    double second = (0.23076869012486168 + 0.20003257818824055 * z)
                  + (0.17535505083198194 + 0.1780064223567217 * z) * z2;
    double rest = z2 * (first + z4 * second) + s_low * (s_high + s);
    double p_high = vm_high_half(3.0 + square);
    double p_low = rest - ((p_high - 3.0) - square);

    /* q = s * p */
    double q = s_high * p_high;
    double q_low = s_low * p_high + s * p_low;
    double q_high = vm_high_half(q);
    q_low = q_low - (q_high - q);

    /* t = k * log(2) + 2/3 q, 2/3 in 26 bits and the rest */
    double whole = k * VM_LN2_HIGH;
    double part = 0.6666666567325592 * q_high;
    double t_low = (0.6666666567325592 * q_low + 9.934107462565104e-09 * (q_high + q_low)) + k * VM_LN2_LOW;
    *high = vm_high_half(whole + (part + t_low));
    *low = t_low - ((*high - whole) - part);
}

/* |a| ** b for normal a and |b| < 2**51, given log|a|; odd powers of negative numbers are negative. */
VM_INLINE double vm_pow_of_log(double a, double b, double log_high, double log_low) {
    double b_high = vm_high_half(b);
    double high = b_high * log_high;
    double low = (b - b_high) * log_high + b * log_low;
    double y = vm_exp_sum(high, low);
    y = high + low < -746.0 ? 0.0 : y;
    y = high + low > 710.0 ? INFINITY : y;
    double shifted = b + VM_SHIFTER;
    y = vm_from_bits(vm_bits(y) ^ (vm_bits(a) & (vm_bits(shifted) << 63)));
    y = a < 0.0 && shifted - VM_SHIFTER != b ? NAN : y;
    return b == 2.0 ? a * a : y;
}

/* a is normal, |b| < 2**51. */
VM_INLINE double vm_pow(double a, double b) {
    double high, low;
    vm_log_pair(a, &high, &low);
    return vm_pow_of_log(a, b, high, low);
}

/* ------------------------------------------------------------------------- blocks */

#define VM_BLOCK(name)                                                                    \
    VM_TARGET static inline void vm_##name##_block(int n, const double *a, double *out) { \
        VM_INDEPENDENT                                                                    \
        for (int i = 0; i < n; i++) out[i] = vm_##name(a[i]);                             \
    }

VM_BLOCK(expm1)
VM_BLOCK(log1p)
VM_BLOCK(sqrt)
VM_BLOCK(tanh)
VM_BLOCK(sech_squared)
VM_BLOCK(gaussian)
VM_BLOCK(normal_pdf)
VM_BLOCK(sigmoid)
VM_BLOCK(erf)
VM_BLOCK(erfc)
VM_BLOCK(normal_cdf)

/* exp(a - b), and what the rounding of the difference adds: see tails.py. */
VM_INLINE double vm_exp_difference(double a, double b) {
    double d = a - b, back = d - a, y = vm_exp(d);
    double more = y * ((a - (d - back)) - (b + back));
    return y < INFINITY && more == more ? y + more : y;
}

VM_TARGET static inline void vm_exp_difference_block(int n, const double *a, const double *b, double *out) {
    VM_INDEPENDENT
    for (int i = 0; i < n; i++) out[i] = vm_exp_difference(a[i], b[i]);
}

/* Long formulas are split into two loops, so that the processor works on several elements at once (pow: 11 -> 6 ns). */
#define VM_CHUNK 128

VM_TARGET static inline void vm_softplus_block(int n, const double *a, double *out) {
    double e[VM_CHUNK];
    for (int start = 0; start < n; start += VM_CHUNK) {
        int count = n - start < VM_CHUNK ? n - start : VM_CHUNK;
        for (int i = 0; i < count; i++) e[i] = vm_exp_negative(a[start + i]);
        VM_INDEPENDENT
        for (int i = 0; i < count; i++) out[start + i] = vm_softplus_of_exp(a[start + i], e[i]);
    }
}

/* c / exp(a - b), which must be finite for the next function. */
VM_INLINE double vm_ratio(double a, double b, double c) {
    return c * vm_exp_difference(b, a) + 0.0; /* not -0.0 */
}

VM_INLINE double vm_log_fraction(double a, double b, double c) {
    return -vm_log1p(vm_ratio(a, b, c));
}

VM_INLINE uint64_t vm_is_vast(double a, double b, double c) {
    return VM_LARGEST - vm_bits(vm_abs(vm_ratio(a, b, c)));
}

/* Where the ratio is infinite or 0/0, the scalar function replaces the result. */
VM_TARGET static inline void vm_log_fraction_block(int n, const double *a, const double *b, const double *c,
                                                   double *out) {
    double y[VM_CHUNK];
    for (int start = 0; start < n; start += VM_CHUNK) {
        int count = n - start < VM_CHUNK ? n - start : VM_CHUNK;
        uint64_t rare = 0;
        for (int i = 0; i < count; i++) {
            rare |= vm_is_vast(a[start + i], b[start + i], c[start + i]);
            y[i] = vm_log_fraction(a[start + i], b[start + i], c[start + i]);
        }
        for (int i = 0; rare >> 63 && i < count; i++) {
            if (!isfinite(y[i])) y[i] = vg_log_fraction(a[start + i], b[start + i], c[start + i]);
        }
        memcpy(out + start, y, (size_t)count * sizeof *y);
    }
}

/* tanh and its derivative in one loop: the compiler finds their common exponential. */
VM_TARGET static inline void vm_tanh_and_slope_block(int n, const double *a, double *y, double *slope) {
    VM_INDEPENDENT
    for (int i = 0; i < n; i++) {
        double x = a[i];
        y[i] = vm_tanh(x);
        slope[i] = vm_sech_squared(x);
    }
}

VM_INLINE uint64_t vm_is_rare(double a, double b) {
    uint64_t x = vm_bits(vm_abs(a));
    return (x - VM_SMALLEST) | (VM_LARGEST - x) | (vm_bits(VM_VAST) - vm_bits(vm_abs(b)));
}

/* If `fast` sets the sign bit of `rare` for some x[i], the whole chunk becomes `safe`. Both give the same bits where `fast`
   does not set it: so no result depends on its neighbours. */
#define VM_GUARDED_BLOCK(name, fast, safe)                                                \
    VM_TARGET static inline void vm_##name##_block(int n, const double *a, double *out) { \
        double buffer[VM_CHUNK];                                                          \
        for (int start = 0; start < n; start += VM_CHUNK) {                               \
            int count = n - start < VM_CHUNK ? n - start : VM_CHUNK;                      \
            const double *x = a + start;                                                  \
            double *y = out == a ? buffer : out + start;                                  \
            uint64_t rare = 0;                                                            \
            VM_INDEPENDENT                                                                \
            for (int i = 0; i < count; i++) y[i] = fast;                                  \
            if (rare >> 63) {                                                             \
                VM_INDEPENDENT                                                            \
                for (int i = 0; i < count; i++) y[i] = safe;                              \
            }                                                                             \
            if (y == buffer) memcpy(out + start, y, (size_t)count * sizeof *y);           \
        }                                                                                 \
    }

VM_GUARDED_BLOCK(exp, vm_exp_normal(x[i], &rare), vm_exp(x[i]))
VM_GUARDED_BLOCK(log, vm_log_normal(x[i], &rare), vm_log(x[i]))
VM_GUARDED_BLOCK(sin, vm_sin_near_zero(x[i], &rare), vm_is_far(x[i]) >> 63 ? sin(x[i]) : vm_within_one(y[i]))
VM_GUARDED_BLOCK(cos, vm_cos_near_zero(x[i], &rare), vm_is_far(x[i]) >> 63 ? cos(x[i]) : vm_within_one(y[i]))

VM_TARGET static inline void vm_pow_block(int n, const double *a, const double *b, double *out) {
    double high[VM_CHUNK], low[VM_CHUNK], y[VM_CHUNK];
    for (int start = 0; start < n; start += VM_CHUNK) {
        int count = n - start < VM_CHUNK ? n - start : VM_CHUNK;
        uint64_t rare = 0;
        for (int i = 0; i < count; i++) vm_log_pair(a[start + i], &high[i], &low[i]);
        for (int i = 0; i < count; i++) {
            rare |= vm_is_rare(a[start + i], b[start + i]);
            y[i] = vm_pow_of_log(a[start + i], b[start + i], high[i], low[i]);
        }
        for (int i = 0; rare >> 63 && i < count; i++) {
            if (vm_is_rare(a[start + i], b[start + i]) >> 63) y[i] = vg_power(a[start + i], b[start + i]);
        }
        memcpy(out + start, y, (size_t)count * sizeof *y);
    }
}

#endif
