/* Nanoseconds for each number of elementary functions, with AVX2: ours, those of SLEEF and of glibc's libmvec.
   elementary.py compiles and runs this. It prints a line for each function: a name, ours, SLEEF, libmvec; 0 for none. */

#include <immintrin.h>
#include <sleef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "vector.h"

enum { NUMBERS = 1024, CALLS = 4, ROUNDS = 20000 };

typedef __m256d vector;

#define DECLARE(name) vector _ZGVdN4v_##name(vector);
DECLARE(exp) DECLARE(expm1) DECLARE(log) DECLARE(log1p) DECLARE(tanh) DECLARE(sin) DECLARE(cos) DECLARE(erf) DECLARE(erfc)
vector _ZGVdN4vv_pow(vector, vector);

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
#define EACH(f) for (int i = 0; i < NUMBERS; i += 4) _mm256_store_pd(out + i, f(_mm256_load_pd(a + i)))
#define EACH_PAIR(f) \
    for (int i = 0; i < NUMBERS; i += 4) _mm256_store_pd(out + i, f(_mm256_load_pd(a + i), _mm256_load_pd(b + i)))

#define FUNCTION(name, low, high, f) \
    fill(a, low, high);              \
    COMPARE(name, vm_##name##_block(NUMBERS, a, out), EACH(f), EACH(_ZGVdN4v_##name))

/* The others have no normal_cdf; erfc of a rounded argument loses digits in the tail. */
static vector argument(vector x) {
    return _mm256_mul_pd(x, _mm256_set1_pd(-VG_ROOT_HALF));
}

static vector sleef_normal_cdf(vector x) {
    return _mm256_mul_pd(_mm256_set1_pd(0.5), Sleef_erfcd4_u15avx2(argument(x)));
}

static vector glibc_normal_cdf(vector x) {
    return _mm256_mul_pd(_mm256_set1_pd(0.5), _ZGVdN4v_erfc(argument(x)));
}

int main(void) {
    FUNCTION(exp, -10.0, 10.0, Sleef_expd4_u10avx2)
    FUNCTION(expm1, -3.0, 3.0, Sleef_expm1d4_u10avx2)
    FUNCTION(log, 0.01, 100.0, Sleef_logd4_u35avx2)
    FUNCTION(log1p, -0.9, 3.0, Sleef_log1pd4_u10avx2)
    FUNCTION(tanh, -3.0, 3.0, Sleef_tanhd4_u35avx2)
    FUNCTION(sin, -6.0, 6.0, Sleef_sind4_u35avx2)
    FUNCTION(cos, -6.0, 6.0, Sleef_cosd4_u35avx2)
    FUNCTION(erf, -3.0, 3.0, Sleef_erfd4_u10avx2)
    FUNCTION(erfc, -3.0, 3.0, Sleef_erfcd4_u15avx2)
    fill(a, -3.0, 3.0);
    COMPARE(normal_cdf, vm_normal_cdf_block(NUMBERS, a, out), EACH(sleef_normal_cdf), EACH(glibc_normal_cdf))
    fill(a, 0.1, 10.0);
    fill(b, -3.0, 3.0);
    COMPARE(pow, vm_pow_block(NUMBERS, a, b, out), EACH_PAIR(Sleef_powd4_u10avx2), EACH_PAIR(_ZGVdN4vv_pow))
    COMPARE(sqrt, vm_sqrt_block(NUMBERS, a, out), EACH(_mm256_sqrt_pd), NONE)
    COMPARE(divide, for (int i = 0; i < NUMBERS; i++) out[i] = a[i] / b[i], EACH_PAIR(_mm256_div_pd), NONE)
    return 0;
}
