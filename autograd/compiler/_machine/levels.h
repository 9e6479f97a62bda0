/* The code for rows, compiled for each processor of processor.h. All of it is compiled with -ffp-contract=fast, so sums
   may skip the rounding of each product. */

#ifndef VALUEGRAD_LEVELS_H
#define VALUEGRAD_LEVELS_H

#include "machine.h"
#include "processor.h"

#if defined(__x86_64__) && !defined(__AVX__)
#define VG_BASELINE_NUMBERS 2 /* in a vector of SSE2 */
#else
#define VG_BASELINE_NUMBERS 4
#endif

ptrdiff_t vg_rows_baseline(const vg_program *, const double *, const vg_data *, ptrdiff_t, ptrdiff_t, double *);
ptrdiff_t vg_rows_avx2(const vg_program *, const double *, const vg_data *, ptrdiff_t, ptrdiff_t, double *);
ptrdiff_t vg_rows_avx512(const vg_program *, const double *, const vg_data *, ptrdiff_t, ptrdiff_t, double *);

vg_own_rows vg_prebuilt_baseline(const vg_program *);
vg_own_rows vg_prebuilt_avx2(const vg_program *);
vg_own_rows vg_prebuilt_avx512(const vg_program *);

#endif
