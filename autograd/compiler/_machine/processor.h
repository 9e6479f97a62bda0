/* The processors that rows.h is compiled for: the baseline, which every processor of the platform runs, and levels of
   x86-64. setup.py chooses the level to build, and fast.c the level to run. */

#ifndef VALUEGRAD_PROCESSOR_H
#define VALUEGRAD_PROCESSOR_H

/* The names of the levels need gcc 12 or clang 17. */
#if defined(__x86_64__) && defined(__linux__) && \
    ((defined(__clang__) && __clang_major__ >= 17) || (!defined(__clang__) && defined(__GNUC__) && __GNUC__ >= 12))
#define VG_HAS_LEVELS

static inline int vg_has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}

static inline int vg_has_avx512(void) {
    return vg_has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}

/* Whether AVX-512 is faster than AVX2. Measured: two thirds of the time on an AMD EPYC (Zen 5), more time on an Intel
   Xeon (2.8 GHz). */
static inline int vg_prefers_avx512(void) {
    return vg_has_avx512() && __builtin_cpu_is("amd");
}
#endif

#endif
