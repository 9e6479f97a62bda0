/* A block of rows, and where the operands of its instructions lie. */

#ifndef VALUEGRAD_BLOCK_H
#define VALUEGRAD_BLOCK_H

#include "machine.h"

/* Inputs that lie side by side in each row of float64. */
typedef struct {
    int first, end;   /* which inputs; none if both are 0 */
    const char *from; /* where the first of them lies in the first row */
    ptrdiff_t stride; /* from one row to the next, in bytes */
} vg_neighbours;

/* A block of rows while its instructions run. */
typedef struct {
    int count, n;         /* how many rows it has; how many are computed: the next multiple of VG_LANES */
    const double *m;      /* the middle of the memory: uniform numbers lie below */
    const double *packed; /* the factors of all VG_DOTS */
    double *registers;    /* width numbers for each */
    int width;            /* at most VG_WIDTH; less for few rows, so that their registers lie close together */
    int is_rounded;       /* whether each product in a sum is rounded, as in the engine */
    unsigned char *failed;
    double *totals;
    vg_neighbours neighbours;
} vg_block;

/* How many rows are computed. The mask tells the compiler that this is a multiple of VG_LANES: so loops over vectors
   need no code for a rest, which would be half of all code. */
VG_INLINE int vg_lanes(const vg_block *b) {
    return b->n & -VG_LANES;
}

VG_INLINE double *vg_register(int address, const vg_block *b) {
    return b->registers + (ptrdiff_t)address * b->width;
}

/* The numbers at an address; a uniform number is spread over a block. */
VG_INLINE const double *vg_place(int address, const vg_block *b, double *spread) {
    if (address >= 0) return vg_register(address, b);
    double x = b->m[address];
    int n = vg_lanes(b);
    for (int r = 0; r < n; r++) spread[r] = x;
    return spread;
}

/* Any operation with the bits of the engine, number by number. */
const int *vg_block_operation(const int *p, vg_block b);

/* A Python function. */
const int *vg_block_call(const int *p, vg_block b);

#define VG_OPERAND(i, b) vg_place(p[i], b, spread + (i - 2) * VG_WIDTH)

#endif
