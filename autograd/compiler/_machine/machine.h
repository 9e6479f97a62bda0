/* The evaluator of compiled programs: a switch over instructions.

   An instruction is the number of a row of the table, or one of those below, then where the result goes, then the
   operands. Numbers that are the same for all rows of data lie below the middle of the memory, -1, -2, ...; what differs
   from row to row lies in registers, 0, 1, ...: each a number, or a block of VG_WIDTH of them, one for each row of data. */

#ifndef VALUEGRAD_MACHINE_H
#define VALUEGRAD_MACHINE_H

#include <stddef.h>

#include "floats.h"

enum {
    VG_WIDTH = 128,     /* rows of data in a block: what an instruction costs once is spread over these, and the 70
                           registers of a small network are still fed in time by the second-level cache */
    VG_LANES = 8,       /* blocks are filled up to a multiple of this, by rows that are computed and not used */
    VG_DOT = 240,       /* out, start, n, m, a vg_after, a register for that, then n pairs of a register and a number for
                           all rows, m pairs of any */
    VG_DOTS = 243,      /* some such sums of the same registers, four or two: how many, n, a vg_after, the first of their
                           packed numbers; then outs, starts, and registers for the vg_after, one for each sum; then n
                           registers, and for each register the numbers, one for each sum */
    VG_TANH_AND_SLOPE = 244, /* out, out of sech_squared, a */
    VG_SCALE = 245,          /* a, n, then n pairs of out and b: the products of a and each b */
    VG_GATE = 246,           /* out, a, b, c: a * c * step(b), where c is the same for all rows */
    VG_GUARD = 241,     /* which comparison, a, b, what it must give */
    VG_SUM_SHARED = 242, /* a, n, then n pairs of a total and b: adds the sums over rows of a * b to the totals; among
                            the instructions of rows only if none of them is a guard */
    VG_SUM_PRODUCTS = 247 /* m, n, then m registers a, up to four, n of b, and for each a the totals of n products: the
                             same of several a with the same b, but not in exact programs */
};

/* What becomes of a sum of products: nothing, its relu, or its product with the step of a register. */
enum { VG_NOTHING_AFTER, VG_RELU_AFTER, VG_GATE_AFTER };

typedef struct {
    const int *begin, *end;
} vg_code;

typedef struct {
    vg_code uniform, row, sums, flat; /* flat: sums of what is the same for all rows */
    vg_code packed;                   /* the numbers of all VG_DOTS, to be laid one behind the other */
    int n_inputs, n_outputs, n_registers;
    const int *outputs; /* operands */
} vg_program;

typedef struct {
    const char **inputs;       /* of each the first number, */
    const ptrdiff_t *strides;  /* and the bytes from one row to the next */
    double **outputs;          /* of each where the first row goes, or NULL if they are wanted as sums alone */
    const ptrdiff_t *spacings; /* in numbers */
    unsigned char *strays;     /* a byte for each row: 1 if it goes another way than the program, else left alone */
    double *totals;
} vg_data;

/* What is the same for all rows; 0, or 1 if a comparison gave something else. */
int vg_uniform_exact(const vg_program *program, double *memory);
int vg_uniform_fast(const vg_program *program, double *memory);

/* The rows from begin to end; how many of them were no strays. The exact one computes as the engine does. The scratch
   is a block for each register, at a multiple of 64 bytes, and behind them the packed numbers. */
ptrdiff_t vg_rows_exact(const vg_program *, const double *memory, const vg_data *, ptrdiff_t begin, ptrdiff_t end,
                        double *scratch);
ptrdiff_t vg_rows_fast(const vg_program *, const double *memory, const vg_data *, ptrdiff_t begin, ptrdiff_t end,
                       double *scratch);
ptrdiff_t vg_rows_wide(const vg_program *, const double *memory, const vg_data *, ptrdiff_t begin, ptrdiff_t end,
                       double *scratch);

/* Whether the wide ones, of vectors of eight numbers, run on this processor, and whether they are faster there. */
int vg_can_be_wide(void);
int vg_is_better_wide(void);

/* The one row that lies in the registers; 0, or 1 if it is a stray. */
int vg_row_exact(const vg_program *program, double *memory);
int vg_row_fast(const vg_program *program, double *memory);

/* Add the flat sums over so many rows. */
void vg_add_flat(const vg_program *program, const double *memory, double rows, double *totals);

static inline double vg_afterwards(int after, double sum, double gate) {
    return after == VG_RELU_AFTER ? vg_relu(sum) : after == VG_GATE_AFTER ? sum * vg_step(gate) : sum;
}

static inline int vg_compare(int operator, double a, double b) {
    switch (operator) {
    case 0: return a < b;
    case 1: return a <= b;
    case 2: return a == b;
    case 3: return a != b;
    case 4: return a > b;
    default: return a >= b;
    }
}

#endif
