/* The evaluator of compiled programs: a switch over instructions.

   autograd/compiler/instructions.py says what an instruction is. The memory has a middle: uniform numbers, which are
   the same for all rows, lie below it, and registers lie above it. A register is a number, or a block of
   numbers, one for each row, VG_WIDTH at most. */

#ifndef VALUEGRAD_MACHINE_H
#define VALUEGRAD_MACHINE_H

#include <stddef.h>

#include "floats.h"
#include "instructions.h"

typedef struct {
    const int *begin, *end;
} vg_code;

/* Machine code of a program's own: for the uniform numbers or one row, which returns 1 if a guard fails; and for n rows,
   a multiple of VG_LANES and at most VG_WIDTH, which returns how many of them it has computed: it stops where a guard fails
   or a number is out of its range. */
typedef int (*vg_own_uniform)(double *memory);
typedef int (*vg_own_row)(double *memory, double *outputs);
typedef int (*vg_own_rows)(int n, const double *memory, const double *const *inputs, double *const *outputs,
                           double *registers);

typedef struct vg_program vg_program;
typedef struct vg_data vg_data;

/* Compute the rows from begin to end; return the number of rows whose guards hold. The scratch holds a block for each
   register, aligned to 64 bytes; the packed numbers; a number for each output; and what vg_rows_own() needs. */
typedef ptrdiff_t (*vg_run)(const vg_program *program, const double *memory, const vg_data *data, ptrdiff_t begin,
                            ptrdiff_t end, double *scratch);

struct vg_program {
    vg_code uniform, row; /* instructions that run once, and for each row */
    vg_code sums, flat;   /* sums over rows: of products that differ from row to row, and of uniform products */
    vg_code packed;       /* the addresses of the factors of all VG_DOTS, in their order */
    int n_inputs, n_outputs, n_registers;
    int is_rounded;     /* whether code for blocks of rows rounds each product in a sum */
    const int *outputs; /* addresses */
    vg_own_uniform own_uniform; /* NULL if there is none */
    vg_own_row own_row;
    vg_own_rows own_rows;
    vg_run rows; /* the code that computes what own_rows does not */
};

/* Machine code that was made with this library, and the program that it runs. */
typedef struct {
    vg_code row, outputs;
    int n_inputs, n_registers;
    vg_own_rows rows;
} vg_prebuilt;

/* The arrays of rows. A stride is the number of bytes from one row to the next. */
struct vg_data {
    const char **inputs; /* the first number of each input */
    char **outputs;      /* where the first row of each output goes; NULL if only sums are needed */
    ptrdiff_t *input_strides, *output_strides;
    unsigned char *is_single; /* for each input, whether its numbers are float32 */
    unsigned char *failed;    /* a byte for each row, which becomes 1 if a guard fails */
    double *totals;
};

static inline double vg_input(const vg_data *data, int j, ptrdiff_t row) {
    const char *x = data->inputs[j] + row * data->input_strides[j];
    return data->is_single[j] ? *(const float *)x : *(const double *)x;
}

/* The fingerprints of the operations and of the instructions, and the names of the operations by number. */
extern const unsigned vg_fingerprint, vg_instructions;
extern const int vg_n_operations;
extern const char *const vg_operation_names[];

/* Calls the Python function of this number for n rows; the arguments for row r are operands[i][r]. It marks a row in
   failed if the function raises an exception. */
typedef void (*vg_python_caller)(int function, int arity, int n, const double **operands, double *out,
                                 unsigned char *failed);
extern vg_python_caller vg_python;

/* Run one operation for one row, with the bits of the engine. */
void vg_run_operation(const int *p, double *memory);

/* Compute the uniform numbers; return 1 if a guard fails. */
int vg_uniform_exact(const vg_program *program, double *memory);
int vg_uniform_fast(const vg_program *program, double *memory);

/* Compute the row that lies in the registers; return 1 if a guard fails. Only machine code of the program's own writes the
   outputs; otherwise they stay in the registers. */
int vg_row_exact(const vg_program *program, double *memory, double *outputs);
int vg_row_fast(const vg_program *program, double *memory, double *outputs);

/* With the bits of the engine. */
ptrdiff_t vg_rows_exact(const vg_program *, const double *, const vg_data *, ptrdiff_t, ptrdiff_t, double *);
/* By machine code of the program's own, and by program->rows where that stops. */
ptrdiff_t vg_rows_own(const vg_program *, const double *, const vg_data *, ptrdiff_t, ptrdiff_t, double *);
/* The code with vectors of 2, 4 or 8 numbers, for 0 the fastest code; NULL if it was not built or cannot run here. */
vg_run vg_rows_fast(int numbers);
/* Machine code with the bits of the engine for the same vectors as `rows`; NULL if the program was not known then. */
vg_own_rows vg_prebuilt_rows(const vg_program *program, vg_run rows);

/* Add the uniform sums over this number of rows to the totals. */
void vg_add_flat(const vg_program *program, const double *memory, double rows, double *totals);

/* Copy n numbers: the first one to the last place, and so on; or times a factor. */
void vg_copy_backwards(int n, const double *from, double *last);
void vg_copy_scaled(int n, const double *from, double factor, double *to);

static inline double vg_afterwards(int after, double sum, double gate) {
    switch (after) {
    case VG_RELU_AFTER: return vg_relu(sum);
    case VG_GATE_AFTER: return sum * vg_step(gate);
    case VG_ADD_AFTER: return sum + gate;
    default: return sum;
    }
}

static inline int vg_compare(int comparison, double a, double b) {
    switch (comparison) {
#define X(number, operator) case number: return a operator b;
        VG_EACH_COMPARISON(X)
#undef X
    }
    return 0;
}

#endif
