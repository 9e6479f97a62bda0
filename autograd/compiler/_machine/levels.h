/* The processors that rows.h is compiled for: the baseline, which every processor of the platform runs, and levels of
   x86-64. fast.c chooses one at run time; all are compiled with -ffp-contract=fast, so sums may skip the rounding of
   each product. */

#ifndef VALUEGRAD_LEVELS_H
#define VALUEGRAD_LEVELS_H

#include "machine.h"

/* The names of the levels need gcc 12 or clang 17. */
#if defined(__x86_64__) && defined(__linux__) && \
    ((defined(__clang__) && __clang_major__ >= 17) || (!defined(__clang__) && defined(__GNUC__) && __GNUC__ >= 12))
#define VG_HAS_LEVELS
#endif

#if defined(__x86_64__) && !defined(__AVX__)
#define VG_BASELINE_NUMBERS 2 /* in a vector of SSE2 */
#else
#define VG_BASELINE_NUMBERS 4
#endif

ptrdiff_t vg_rows_baseline(const vg_program *, const double *, const vg_data *, ptrdiff_t, ptrdiff_t, double *);
ptrdiff_t vg_rows_avx2(const vg_program *, const double *, const vg_data *, ptrdiff_t, ptrdiff_t, double *);
ptrdiff_t vg_rows_avx512(const vg_program *, const double *, const vg_data *, ptrdiff_t, ptrdiff_t, double *);

#endif
