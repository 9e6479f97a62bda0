/* Nanoseconds for each number of elementary functions, with AVX2 or AVX-512: ours, those of SLEEF and of glibc's libmvec.
   elementary.py compiles and runs this. It prints a line for each function: a name, ours, SLEEF, libmvec; 0 for none. */

#include <immintrin.h>
#include <sleef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "vector.h"

enum { NUMBERS = 1024, CALLS = 4, ROUNDS = 20000 };

#if defined(__AVX512F__)
typedef __m512d vector;
#define SQUARE_ROOT _mm512_sqrt_pd
#define GLIBC(name) _ZGVeN8v_##name
#define GLIBC_POW _ZGVeN8vv_pow
#define SLEEF(name, ulp) Sleef_##name##d8_u##ulp##avx512f
#else
typedef __m256d vector;
#define SQUARE_ROOT _mm256_sqrt_pd
#define GLIBC(name) _ZGVdN4v_##name
#define GLIBC_POW _ZGVdN4vv_pow
#define SLEEF(name, ulp) Sleef_##name##d4_u##ulp##avx2
#endif
enum { LANES = sizeof(vector) / sizeof(double) };

#define DECLARE(name) vector GLIBC(name)(vector);
DECLARE(exp) DECLARE(expm1) DECLARE(log) DECLARE(log1p) DECLARE(tanh) DECLARE(sin) DECLARE(cos) DECLARE(erf) DECLARE(erfc)
vector GLIBC_POW(vector, vector);

static double a[NUMBERS] __attribute__((aligned(64)));
static double b[NUMBERS] __attribute__((aligned(64)));
static double out[NUMBERS] __attribute__((aligned(64)));

static double seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void fill(double *x, double low, double high) {
    for (int i = 0; i < NUMBERS; i++) x[i] = low + (high - low) * rand() / RAND_MAX;
}

/* The shortest time of many short rounds: other programs can only lengthen it. */
#define MEASURE(result, statement)                                 \
    {                                                              \
        double start = seconds();                                  \
        for (int call = 0; call < CALLS; call++) {                 \
            statement;                                             \
            __asm__ volatile("" ::: "memory");                     \
        }                                                          \
        double time = (seconds() - start) / CALLS / NUMBERS * 1e9; \
        if (time < result) result = time;                          \
    }

/* Ours and theirs take turns, because the speed of the processor changes. */
#define COMPARE(name, our_statement, sleef_statement, glibc_statement) \
    {                                                                  \
        double ours = 1e9, sleef = 1e9, glibc = 1e9;                   \
        for (int round = 0; round < ROUNDS; round++) {                 \
            MEASURE(ours, our_statement)                               \
            MEASURE(sleef, sleef_statement)                            \
            MEASURE(glibc, glibc_statement)                            \
        }                                                              \
        printf("%s %f %f %f\n", #name, ours, sleef, glibc);            \
    }

#define NONE glibc = 0.0
#define AT(x) (*(vector *)(x + i))
#define EACH(f) for (int i = 0; i < NUMBERS; i += LANES) AT(out) = f(AT(a))
#define EACH_PAIR(f) for (int i = 0; i < NUMBERS; i += LANES) AT(out) = f(AT(a), AT(b))

#define FUNCTION(name, low, high, f) \
    fill(a, low, high);              \
    COMPARE(name, vm_##name##_block(NUMBERS, a, out), EACH(f), EACH(GLIBC(name)))

/* The others have no normal_cdf; erfc of a rounded argument loses digits in the tail. */
static vector sleef_normal_cdf(vector x) {
    return 0.5 * SLEEF(erfc, 15)(-VG_ROOT_HALF * x);
}

static vector glibc_normal_cdf(vector x) {
    return 0.5 * GLIBC(erfc)(-VG_ROOT_HALF * x);
}

static vector quotient(vector x, vector y) {
    return x / y;
}

int main(void) {
    FUNCTION(exp, -10.0, 10.0, SLEEF(exp, 10))
    FUNCTION(expm1, -3.0, 3.0, SLEEF(expm1, 10))
    FUNCTION(log, 0.01, 100.0, SLEEF(log, 35))
    FUNCTION(log1p, -0.9, 3.0, SLEEF(log1p, 10))
    FUNCTION(tanh, -3.0, 3.0, SLEEF(tanh, 35))
    FUNCTION(sin, -6.0, 6.0, SLEEF(sin, 35))
    FUNCTION(cos, -6.0, 6.0, SLEEF(cos, 35))
    FUNCTION(erf, -3.0, 3.0, SLEEF(erf, 10))
    FUNCTION(erfc, -3.0, 3.0, SLEEF(erfc, 15))
    fill(a, -3.0, 3.0);
    COMPARE(normal_cdf, vm_normal_cdf_block(NUMBERS, a, out), EACH(sleef_normal_cdf), EACH(glibc_normal_cdf))
    fill(a, 0.1, 10.0);
    fill(b, -3.0, 3.0);
    COMPARE(pow, vm_pow_block(NUMBERS, a, b, out), EACH_PAIR(SLEEF(pow, 10)), EACH_PAIR(GLIBC_POW))
    COMPARE(sqrt, vm_sqrt_block(NUMBERS, a, out), EACH(SQUARE_ROOT), NONE)
    COMPARE(divide, for (int i = 0; i < NUMBERS; i++) out[i] = a[i] / b[i], EACH_PAIR(quotient), NONE)
    return 0;
}
