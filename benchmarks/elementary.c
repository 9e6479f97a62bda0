/* Nanoseconds for each number of elementary functions, with AVX2: ours, those of SLEEF and of glibc's libmvec.
   elementary.py compiles and runs this. It prints a line for each function: a name, ours, SLEEF, libmvec; 0 for none. */

#include <immintrin.h>
#include <sleef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "vector.h"

enum { NUMBERS = 1024, CALLS = 40, ROUNDS = 200 };

typedef __m256d vector;

#define DECLARE(name) vector _ZGVdN4v_##name(vector);
DECLARE(exp) DECLARE(expm1) DECLARE(log) DECLARE(log1p) DECLARE(tanh) DECLARE(sin) DECLARE(cos) DECLARE(erf) DECLARE(erfc)
vector _ZGVdN4vv_pow(vector, vector);

static double a[NUMBERS] __attribute__((aligned(64)));
static double b[NUMBERS] __attribute__((aligned(64)));
static double out[NUMBERS] __attribute__((aligned(64)));

static double seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void fill(double *x, double low, double high) {
    for (int i = 0; i < NUMBERS; i++) x[i] = low + (high - low) * rand() / RAND_MAX;
}

/* The shortest time of many rounds: other programs can only lengthen it. */
#define MEASURE(result, statement)                                                    \
    for (int round = 0; round < ROUNDS; round++) {                                    \
        double start = seconds();                                                     \
        for (int call = 0; call < CALLS; call++) {                                    \
            statement;                                                                \
            __asm__ volatile("" ::: "memory");                                        \
        }                                                                             \
        double time = (seconds() - start) / CALLS / NUMBERS * 1e9;                    \
        if (round == 0 || time < result) result = time;                               \
    }

#define EACH(f) for (int i = 0; i < NUMBERS; i += 4) _mm256_store_pd(out + i, f(_mm256_load_pd(a + i)))
#define EACH_PAIR(f) \
    for (int i = 0; i < NUMBERS; i += 4) _mm256_store_pd(out + i, f(_mm256_load_pd(a + i), _mm256_load_pd(b + i)))

#define FUNCTION(name, low, high, sleef)                       \
    {                                                          \
        double ours = 0.0, theirs = 0.0, glibc = 0.0;          \
        fill(a, low, high);                                    \
        MEASURE(ours, vm_##name##_block(NUMBERS, a, out))      \
        MEASURE(theirs, EACH(sleef))                           \
        MEASURE(glibc, EACH(_ZGVdN4v_##name))                  \
        printf("%s %f %f %f\n", #name, ours, theirs, glibc);   \
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
    double ours = 0.0, theirs = 0.0, glibc = 0.0;
    fill(a, 0.1, 10.0);
    fill(b, -3.0, 3.0);
    MEASURE(ours, vm_pow_block(NUMBERS, a, b, out))
    MEASURE(theirs, EACH_PAIR(Sleef_powd4_u10avx2))
    MEASURE(glibc, EACH_PAIR(_ZGVdN4vv_pow))
    printf("pow %f %f %f\n", ours, theirs, glibc);
    MEASURE(ours, vm_sqrt_block(NUMBERS, a, out))
    MEASURE(theirs, EACH(_mm256_sqrt_pd))
    printf("sqrt %f %f 0\n", ours, theirs);
    MEASURE(ours, for (int i = 0; i < NUMBERS; i++) out[i] = a[i] / b[i])
    MEASURE(theirs, EACH_PAIR(_mm256_div_pd))
    printf("divide %f %f 0\n", ours, theirs);
    return 0;
}
