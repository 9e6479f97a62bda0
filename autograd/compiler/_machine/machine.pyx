# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: cdivision=True, binding=False, always_allow_keywords=True
"""Machine: a compiled program that is ready to run on machine.h. See autograd/compiler/assembler.py for its code.

This file holds the class and includes four more: `values.pxi` (Values to arrays), `functions.pxi` (calls of Python),
`arrays.pxi` (what an array holds), and `runners.pxi` (one row from array to array).
"""

import sys
from _thread import get_ident
from array import array

from cpython.object cimport PyObject
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

from autograd.engine._native import engine
from autograd.operations.operation import real

cdef extern from "machine.h":
    enum: VG_WIDTH
    ctypedef struct vg_code:
        const int *begin
        const int *end
    ctypedef int (*vg_own_uniform)(double *) noexcept nogil
    ctypedef int (*vg_own_row)(double *, double *) noexcept nogil
    ctypedef int (*vg_own_rows)(int, const double *, const double *const *, double *const *, double *) noexcept nogil
    ctypedef struct vg_program
    ctypedef struct vg_data
    ctypedef ptrdiff_t (*vg_run)(
        const vg_program *, const double *, const vg_data *, ptrdiff_t, ptrdiff_t, double *
    ) noexcept nogil
    ctypedef struct vg_program:
        vg_code uniform, row, sums, flat, packed
        int n_inputs, n_outputs, n_registers, is_rounded
        const int *outputs
        vg_own_uniform own_uniform
        vg_own_row own_row
        vg_own_rows own_rows
        vg_run rows
    ctypedef struct vg_data:
        const char **inputs
        char **outputs
        ptrdiff_t *input_strides
        ptrdiff_t *output_strides
        unsigned char *is_single
        unsigned char *failed
        double *totals
    int vg_uniform_exact(const vg_program *, double *) noexcept nogil
    int vg_uniform_fast(const vg_program *, double *) noexcept nogil
    int vg_row_exact(const vg_program *, double *, double *) noexcept nogil
    int vg_row_fast(const vg_program *, double *, double *) noexcept nogil
    vg_run vg_rows_exact, vg_rows_own
    vg_run vg_rows_fast(int numbers)
    vg_own_rows vg_prebuilt_rows(const vg_program *, vg_run rows) noexcept nogil
    void vg_add_flat(const vg_program *, const double *, double rows, double *) noexcept nogil
    void vg_copy_backwards(int n, const double *from_, double *last) noexcept nogil
    void vg_copy_scaled(int n, const double *from_, double factor, double *to) noexcept nogil
    ctypedef void (*vg_python_caller)(int, int, int, const double **, double *, unsigned char *) noexcept
    vg_python_caller vg_python
    const unsigned vg_fingerprint
    const unsigned vg_instructions
    const int vg_n_operations
    const char *const vg_operation_names[]

cdef extern from "Python.h":
    ctypedef struct Py_buffer:
        void *buf
        Py_ssize_t len
        Py_ssize_t itemsize
        int readonly
        int ndim
        char *format
        Py_ssize_t *shape
        Py_ssize_t *strides
    int PyObject_GetBuffer(object, Py_buffer *, int flags) except -1
    void PyBuffer_Release(Py_buffer *) noexcept
    int PyBuffer_IsContiguous(const Py_buffer *, char order) noexcept
    enum: PyBUF_RECORDS_RO, PyBUF_RECORDS, PyBUF_STRIDED_RO, PyBUF_STRIDED
    double PyLong_AsDouble(object) noexcept
    PyObject *PyErr_Occurred()
    void PyErr_Clear()
    char *PyByteArray_AS_STRING(object)
    PyObject *PyList_GET_ITEM(object, Py_ssize_t) noexcept
    ctypedef struct PyTypeObject
    PyTypeObject *Py_TYPE(PyObject *) noexcept

cdef enum:
    CACHE_LINE = 64
    MOST_ARRAYS = 66  # that rows() takes: 64 for inputs and outputs, one for the failed rows, one for the totals

cdef struct Buffers:
    Py_buffer view[MOST_ARRAYS]
    int count

cdef struct Work:  # the memory of one run over rows
    char *memory
    vg_data data
    double *middle  # where the registers begin: uniform numbers lie below


def fingerprint():
    """The fingerprint of the operations that the machine was built for."""
    return vg_fingerprint


def instructions():
    """The fingerprint of the instructions that the machine was built for."""
    return vg_instructions


def operation_numbers():
    """The number of each operation in the code of a program, by name."""
    return {vg_operation_names[i].decode(): i for i in range(vg_n_operations)}


include "values.pxi"
include "functions.pxi"
include "arrays.pxi"

# --------------------------------------------------------------------------- programs

cdef vg_run _rows_fast = vg_rows_fast(0)  # NULL if no code for blocks of rows was built that runs here


def vectors():
    """The lengths of the vectors that were built and run here: 2, 4 or 8 numbers; 1 for rows one by one."""
    return [1, *[numbers for numbers in (2, 4, 8) if vg_rows_fast(numbers) != NULL]]


def numbers_at_a_time(int wanted=0):
    """The length of the vectors in sums of products over rows, one of vectors(). Only tests choose it.

    It holds for machines made from now on. If it is 1, they must be exact.

    Raises:
        ValueError: there are no such vectors.
    """
    global _rows_fast
    if wanted:
        if wanted not in vectors():
            raise ValueError(f"there are no vectors of {wanted} numbers here; take one of {vectors()}")
        _rows_fast = vg_rows_fast(wanted)
    return [numbers for numbers in vectors() if vg_rows_fast(numbers) == _rows_fast][0]


cdef class Machine:
    """The code of an Assembly, and the Values that are its parameters.

    If a guard fails, methods that run it return None or mark the row as failed. A guard fails if a comparison gives
    another result than in the trace.
    """

    cdef vg_program program
    cdef bint exact, is_total
    cdef vg_run run  # the code for many rows
    cdef int n_uniform, n_parameters
    cdef list parameters
    cdef list code  # the program points into it
    cdef object library  # of machine code, where the program points too
    cdef bytearray places  # the next two point into it
    cdef double **numbers  # of the parameters: where their numbers are
    cdef double **gradients
    cdef double *block  # uniform numbers, then the registers of one row, then its results
    cdef double *middle  # of the block, where the registers begin
    cdef double *outputs  # of the block, where the results begin
    cdef vg_code varied  # if most results are the constant 0, the positions of the others; else NULL

    def __init__(self, assembly, n_inputs, parameters, exact, is_rounded=False, is_total=False):
        """A machine.

        Args:
            exact: give the bits of the engine.
            is_rounded: IEEE 754 prescribes every bit of the row code, so blocks of rows have the bits of the engine.
            is_total: if one row fails, all do.
        """
        cdef Py_ssize_t i
        self.exact = exact
        self.is_total = is_total
        self.program.is_rounded = is_rounded
        self.run = _rows_fast if is_rounded or not exact else vg_rows_exact
        if self.run == NULL:
            self.run = vg_rows_exact
        self.parameters = list(parameters)
        for x in self.parameters:
            if type(x) is not _Value:
                raise TypeError(f"a parameter of a program is a Value, got {type(x).__name__}; pass Value(x)")
        self.n_parameters = len(self.parameters)
        self.places = bytearray(2 * self.n_parameters * sizeof(double *))
        self.numbers = <double **>PyByteArray_AS_STRING(self.places)
        self.gradients = self.numbers + self.n_parameters
        for i, x in enumerate(self.parameters):
            self.numbers[i] = <double *>(<char *><PyObject *>x + _NUMBER)
            self.gradients[i] = <double *>(<char *><PyObject *>x + _GRADIENT)
        self.n_uniform = assembly.n_uniform
        self.code = []
        self.program.uniform = self._take(assembly.uniform)
        self.program.row = self._take(assembly.row)
        self.program.sums = self._take(assembly.sums)
        self.program.flat = self._take(assembly.flat)
        self.program.packed = self._take(assembly.packed)
        cdef vg_code outputs = self._take(assembly.outputs)
        self.program.outputs = outputs.begin
        self.program.n_outputs = outputs.end - outputs.begin
        self.program.n_inputs = n_inputs
        self.program.n_registers = assembly.n_registers
        self.block = <double *>calloc(self._size(), sizeof(double))
        if self.block == NULL:
            raise MemoryError
        self._divide()
        cdef int zero = 0  # the address of the constant 0
        for i, x in enumerate(assembly.constants):
            self.middle[-1 - self.n_parameters - i] = x
            if repr(x) == "0.0":
                zero = -1 - self.n_parameters - i
        varied = array("i", [i for i, k in enumerate(assembly.outputs) if k != zero]) if zero else assembly.outputs
        if 2 * len(varied) < self.program.n_outputs:
            self.varied = self._take(varied)
        if exact and is_rounded:
            self._use_rows(vg_prebuilt_rows(&self.program, self.run))

    def __dealloc__(self):
        free(self.block)

    def use(self, library, size_t uniform, size_t row, size_t rows):
        """Run machine code of the program's own, see autograd/compiler/own_code.py.

        Args:
            library: an object that keeps the machine code in memory.
            uniform, row, rows: the addresses of functions for the uniform numbers, one row and many rows; 0 for none.
        """
        self.library = library
        self.program.own_uniform, self.program.own_row = <vg_own_uniform>uniform, <vg_own_row>row
        self._use_rows(<vg_own_rows>rows)

    cdef void _use_rows(self, vg_own_rows rows) noexcept:
        if rows == NULL:
            return
        if self.program.own_rows == NULL:
            self.program.rows = self.run
        self.program.own_rows = rows
        self.run = vg_rows_own

    @property
    def is_in_blocks(self):
        """Whether rows run in blocks, and not one by one."""
        return self.run != vg_rows_exact

    @property
    def is_machine_code(self):
        """Whether rows run by machine code of the program's own."""
        return self.program.own_rows != NULL

    def copy(self):
        """The same program with memory of its own: other threads may use this memory while a Python function runs."""
        cdef Machine other = Machine.__new__(Machine)
        other.program, other.exact, other.run, other.is_total = self.program, self.exact, self.run, self.is_total
        other.n_uniform, other.n_parameters = self.n_uniform, self.n_parameters
        other.parameters, other.code, other.places = self.parameters, self.code, self.places
        other.library = self.library
        other.numbers, other.gradients, other.varied = self.numbers, self.gradients, self.varied
        other.block = <double *>malloc(self._size() * sizeof(double))
        if other.block == NULL:
            raise MemoryError
        memcpy(other.block, self.block, self._size() * sizeof(double))
        other._divide()
        return other

    cdef size_t _size(self) noexcept:
        """How many numbers the block has, one at least."""
        return self.n_uniform + self.program.n_registers + self.program.n_outputs + 1

    cdef void _divide(self) noexcept:
        self.middle = self.block + self.n_uniform
        self.outputs = self.middle + self.program.n_registers

    cdef vg_code _take(self, object code) except *:
        """The integers of an array, in a copy that the machine keeps."""
        cdef vg_code taken
        cdef bytes copy = code.tobytes()
        self.code.append(copy)
        taken.begin = <const int *><const char *>copy
        taken.end = taken.begin + len(code)
        return taken

    cdef bint _prepare_from(self, Work *work, parameters) except -1:
        """Compute the uniform numbers from those of the parameters in an array; if it is None, from those of Values."""
        cdef Py_buffer view
        if parameters is None:
            return self._prepare(work.middle)
        PyObject_GetBuffer(parameters, &view, PyBUF_RECORDS_RO)
        try:
            return self._prepare(work.middle, <const double *>view.buf)
        finally:
            PyBuffer_Release(&view)

    cdef bint _prepare(self, double *middle, const double *parameters=NULL) except -1:
        """Compute the uniform numbers of a memory; False if a guard fails."""
        cdef int k, n = self.n_parameters
        cdef double *last = middle - 1
        if parameters == NULL:
            for k in range(n):
                last[-k] = self.numbers[k][0]
        else:
            vg_copy_backwards(n, parameters, last)
        cdef int failed
        if self.exact:
            failed = vg_uniform_exact(&self.program, middle)
        else:
            failed = vg_uniform_fast(&self.program, middle)
        if failed:
            _check_interrupt()
        return not failed

    cdef inline double _output(self, Py_ssize_t k) noexcept:
        """A result of the row that was computed last."""
        return self.outputs[k] if self.program.own_row != NULL else self.middle[self.program.outputs[k]]

    cdef void _copy_outputs(self, Py_ssize_t first, Py_ssize_t count, double *to) noexcept:
        cdef const int *places = self.program.outputs + first
        cdef const double *middle = self.middle
        cdef Py_ssize_t i
        if self.program.own_row != NULL:
            memcpy(to, self.outputs + first, count * sizeof(double))
            return
        if self.varied.begin != NULL and count == self.program.n_outputs:
            memset(to, 0, count * sizeof(double))
            for i in range(self.varied.end - self.varied.begin):
                to[self.varied.begin[i]] = middle[places[self.varied.begin[i]]]
            return
        for i in range(count):
            to[i] = middle[places[i]]

    cdef bint _run(self, double *outputs) except -1:
        """Compute the row that is in the registers; False if a guard fails. For the results see _output()."""
        if not self._prepare(self.middle):
            return False
        cdef int failed
        if self.exact:
            failed = vg_row_exact(&self.program, self.middle, outputs)
        else:
            failed = vg_row_fast(&self.program, self.middle, outputs)
        if failed:
            _check_interrupt()
        return not failed

    # ----------------------------------------------------------------------- one row

    def call(self, list numbers):
        """The results for one row of numbers, in a list."""
        cdef int k
        for k in range(self.program.n_inputs):
            self.middle[k] = numbers[k]
        if not self._run(self.outputs):
            return None
        return [self._output(k) for k in range(self.program.n_outputs)]

    def call_with(self, tuple args, signature, output):
        """The results for one row of arguments, nested like output; None also if the arguments are nested differently.

        Args:
            signature, output: the trees of the arguments and of the results, see autograd/pytree.py. If the arguments
                have a dict, the result is None.
        """
        cdef int k = 0
        if not self._collect(args, signature, &k) or not self._run(self.outputs):
            return None
        k = 0
        return self._built(output, &k)

    cdef bint _collect(self, object x, object tree, int *k) except -1:
        """Put the numbers of an argument into the registers from the k-th on; False if it is nested differently."""
        cdef Py_ssize_t i
        kind = (<tuple>tree)[0]  # the shape of a leaf, the class of a branch
        if len(<tuple>tree) == 1:
            if kind is not None:
                return self._collect_array(x, kind, k)
            if isinstance(x, float):
                self.middle[k[0]] = x
            elif type(x) is int:
                self.middle[k[0]] = _double_of(x)
            else:
                return False
            k[0] += 1
            return True
        children = <tuple>(<tuple>tree)[2]
        if type(x) is not kind or (<tuple>tree)[1] is not None or len(x) != len(children):
            return False
        for i in range(len(children)):
            if not self._collect(x[i], children[i], k):
                return False
        return True

    cdef bint _collect_array(self, object x, tuple shape, int *k) except -1:
        cdef Py_buffer view
        if not _is_floats(x, &view, shape):
            return False
        cdef bint fits = PyBuffer_IsContiguous(&view, c"C")
        if fits:
            memcpy(self.middle + k[0], view.buf, view.len)
            k[0] += view.len // sizeof(double)
        PyBuffer_Release(&view)
        return fits

    cdef object _built(self, object tree, int *k):
        """The results from the k-th on, nested like the tree."""
        if len(<tuple>tree) == 1:
            shape = (<tuple>tree)[0]
            if shape is not None:
                return self._built_array(shape, k)
            k[0] += 1
            return self._output(k[0] - 1)
        kind, keys, children, default = <tuple>tree
        built = [self._built(child, k) for child in <tuple>children]
        if kind is list:
            return built
        if kind is tuple:
            return tuple(built)
        if keys is not None:
            known = kind() if default is None else kind(default)
            known.update(zip(keys, built))
            return known
        return kind(*built) if hasattr(kind, "_fields") else kind(built)

    cdef object _built_array(self, tuple shape, int *k):
        cdef Py_buffer view
        array = _empty(shape)
        PyObject_GetBuffer(array, &view, PyBUF_STRIDED)
        cdef Py_ssize_t count = view.len // <Py_ssize_t>sizeof(double)
        self._copy_outputs(k[0], count, <double *>view.buf)
        PyBuffer_Release(&view)
        k[0] += count
        return array

    # ----------------------------------------------------------------------- many rows

    def backward(self, tuple arrays, signature, bint is_mean, parameters=None, gradients=None):
        """Add the gradients of the mean or sum over rows to those of the parameters; return this mean or sum.

        With the numbers of the parameters in a contiguous array of float64, the gradients are written to another one.
        If an argument is not a plain array of floats with rows of the shape in the signature, if these two are not such
        arrays, or if a guard fails, it returns None and changes nothing.
        """
        cdef Buffers buffers
        cdef Py_ssize_t count = 1, i
        cdef tuple arguments = signature[2]
        cdef const double *numbers = NULL
        cdef double *into = NULL
        if len(arrays) != len(arguments) or len(arrays) > MOST_ARRAYS - 2:
            return None
        buffers.count = 0
        try:
            for i in range(len(arguments)):
                if not _hold_rows(&buffers, arrays[i], arguments[i]):
                    return None
                if i > 0 and buffers.view[i].shape[0] != count:
                    return None
                count = buffers.view[i].shape[0]
            if gradients is not None:
                numbers = self._hold_vector(&buffers, parameters)
                into = self._hold_vector(&buffers, gradients)
                if numbers == NULL or into == NULL or buffers.view[buffers.count - 1].readonly:
                    return None
            if count == 0:
                return None
            return self._backward(&buffers, len(arguments), count, is_mean, numbers, into)
        finally:
            _release(&buffers)

    cdef double *_hold_vector(self, Buffers *buffers, x) except? NULL:
        """Where the numbers of an array begin that has one for each parameter; NULL for another array."""
        cdef Py_buffer *view = &buffers.view[buffers.count]
        if not _is_floats(x, view, (self.n_parameters,)):
            return NULL
        buffers.count += 1
        return <double *>view.buf if view.strides[0] == sizeof(double) else NULL

    cdef object _backward(
        self, Buffers *buffers, int n_arrays, Py_ssize_t count, bint is_mean, const double *numbers, double *into
    ):
        cdef Work work
        cdef int k, column = 0, n = self.n_parameters
        cdef double *totals
        cdef double factor = 1.0 / count if is_mean else 1.0
        self._begin(&work, count, self.n_parameters + 1)
        for k in range(n_arrays):
            column = self._place_inputs(&work, &buffers.view[k], column)
        work.data.outputs = NULL
        try:
            if not self._prepare(work.middle, numbers) or self._compute(&work, 0, count) < count:
                return None
            totals = work.data.totals + 1
            if into == NULL:
                for k in range(n):
                    self.gradients[k][0] += factor * totals[k]
            else:
                vg_copy_scaled(n, totals, factor, into)
            return factor * work.data.totals[0]
        finally:
            free(work.memory)

    def map(self, tuple arrays, signature, out, output):
        """Write the results for many rows to arrays, which may be those of the arguments; return whether it was done.

        If an argument is not a plain array of floats with rows of the shape in the signature, or a row could fail, or a
        result is not such an array, it returns False and changes nothing. So it does if a result lies across an argument.

        Args:
            out: the arrays for the results, in nested tuples and lists.
            output: the tree of `out`.
        """
        cdef Buffers buffers
        cdef Work work
        cdef Py_ssize_t count
        buffers.count = 0
        work.memory = NULL
        try:
            count = self._hold_map(&buffers, &work, arrays, signature, out, output)
            return count > 0 and self._map(&work, count)
        finally:
            free(work.memory)
            _release(&buffers)

    cdef bint _map(self, Work *work, Py_ssize_t count) except -1:
        """Write the results for the rows; False if a guard fails for all of them."""
        if not self._prepare(work.middle):
            return False
        self._compute(work, 0, count)
        return True

    cdef Py_ssize_t _hold_map(
        self, Buffers *buffers, Work *work, tuple arrays, signature, out, output
    ) except -1:
        """Hold the arrays of map() and lay out the memory for it; return how many rows there are, 0 if it is refused."""
        cdef Py_ssize_t count
        cdef int n_inputs = len(arrays), n_outputs, i, k, column = 0
        cdef tuple arguments = signature[2]
        cdef list trees = [], outs = []
        cdef Py_buffer *outputs[MOST_ARRAYS]
        if not self.is_total or n_inputs != len(arguments) or n_inputs == 0:
            return 0
        if not _flatten(out, output, outs, trees):
            return 0
        n_outputs = len(trees)
        if n_inputs + n_outputs > MOST_ARRAYS:
            return 0
        for i in range(n_inputs):
            if not _hold_rows(buffers, arrays[i], arguments[i]):
                return 0
        count = buffers.view[0].shape[0]
        for i in range(n_outputs):
            outputs[i] = NULL
            for k in range(n_inputs):
                if outs[i] is arrays[k] and trees[i] == arguments[k]:
                    outputs[i] = &buffers.view[k]
            if outputs[i] == NULL:
                outputs[i] = &buffers.view[buffers.count]
                if not _hold_rows(buffers, outs[i], trees[i]):
                    return 0
            if outputs[i].readonly or outputs[i].itemsize != sizeof(double):
                return 0
            for k in range(n_inputs):
                if not _is_apart(outputs[i], &buffers.view[k]):
                    return 0
        for i in range(buffers.count):
            if buffers.view[i].shape[0] != count:
                return 0
        self._begin(work, 0, 0)
        for k in range(n_inputs):
            column = self._place_inputs(work, &buffers.view[k], column)
        column = 0
        for k in range(n_outputs):
            column = _place_columns(outputs[k], work.data.outputs, work.data.output_strides, column)
        return count

    def rows(self, list inputs, list outputs, failed, ptrdiff_t begin, ptrdiff_t end, totals=None, parameters=None):
        """Compute the rows from begin to end; return the number of rows whose guards hold, None if one fails for all.

        Args:
            inputs: arrays of float64 or float32 with the rows along the first axis; their numbers are the inputs, in order.
            outputs: arrays of float64 like these for the results; None if only sums are needed.
            failed: an array of a byte for each row, which becomes 1 if a guard fails.
            totals: an array of float64, to which the sums over rows are added.
            parameters: the numbers of the parameters, a contiguous array of float64; None for those of the Values.
        """
        cdef Buffers buffers
        cdef Work work
        cdef int column = 0
        if len(inputs) + len(outputs or ()) + 2 > MOST_ARRAYS:
            raise ValueError("too many arrays")
        self._begin(&work, 0, 0)
        buffers.count = 0
        try:
            if not self._prepare_from(&work, parameters):
                return None
            work.data.failed = <unsigned char *>_hold(&buffers, failed, PyBUF_RECORDS).buf
            if totals is not None:
                work.data.totals = <double *>_hold(&buffers, totals, PyBUF_RECORDS).buf
            for x in inputs:
                column = self._place_inputs(&work, _hold(&buffers, x, PyBUF_RECORDS_RO), column)
            if outputs is None:
                work.data.outputs = NULL
            column = 0
            for x in outputs or ():
                column = _place_columns(
                    _hold(&buffers, x, PyBUF_RECORDS), work.data.outputs, work.data.output_strides, column
                )
            return self._compute(&work, begin, end)
        finally:
            _release(&buffers)
            free(work.memory)

    cdef int _place_inputs(self, Work *work, const Py_buffer *view, int k) noexcept:
        cdef vg_data *data = &work.data
        return _place_columns(view, <char **>data.inputs, data.input_strides, k, data.is_single)

    cdef int _begin(self, Work *work, size_t n_failed, size_t n_totals) except -1:
        """Allocate and lay out the memory of a run over rows. The numbers of the parameters are not in it yet.

        Args:
            n_failed, n_totals: how many bytes for failed rows, and how many totals, the memory has; all are 0 at first.
                If it has none, the pointer to them is NULL.
        """
        cdef size_t n_columns = self.program.n_inputs + self.program.n_outputs
        cdef size_t columns = n_columns * (sizeof(char *) + sizeof(ptrdiff_t))
        cdef size_t totals = n_totals * sizeof(double), uniform = self.n_uniform * sizeof(double)
        cdef size_t packed = self.program.packed.end - self.program.packed.begin
        cdef size_t numbers = <size_t>self.program.n_registers * VG_WIDTH + packed + self.program.n_outputs
        if self.program.own_rows != NULL:
            numbers += n_columns * (VG_WIDTH + 1)
        cdef size_t scratch = numbers * sizeof(double)
        # in this order: columns, totals, uniform numbers, then at the start of a cache line the scratch, and bytes
        work.memory = <char *>malloc(columns + totals + uniform + CACHE_LINE + scratch + n_failed + self.program.n_inputs)
        if work.memory == NULL:
            raise MemoryError
        work.data.inputs = <const char **>work.memory
        work.data.outputs = <char **>work.memory + self.program.n_inputs
        work.data.input_strides = <ptrdiff_t *>(work.data.outputs + self.program.n_outputs)
        work.data.output_strides = work.data.input_strides + self.program.n_inputs
        cdef char *end = work.memory + columns
        work.data.totals = <double *>end if n_totals else NULL
        memset(end, 0, totals)
        end += totals + uniform + CACHE_LINE - 1
        end -= <size_t>end % CACHE_LINE
        work.middle = <double *>end
        memcpy(end - uniform, self.block, uniform - self.n_parameters * sizeof(double))
        end += scratch
        work.data.failed = <unsigned char *>end if n_failed else NULL
        memset(end, 0, n_failed)
        work.data.is_single = <unsigned char *>end + n_failed
        return 0

    cdef ptrdiff_t _compute(self, Work *work, ptrdiff_t begin, ptrdiff_t end) except -1:
        """Run the rows from begin to end; return the number of rows whose guards hold."""
        cdef ptrdiff_t good
        with nogil:
            good = self.run(&self.program, work.middle, &work.data, begin, end, work.middle)
            if work.data.totals != NULL:
                vg_add_flat(&self.program, work.middle, good, work.data.totals)
        _check_interrupt()
        return good

    def add_gradients(self, list gradients, double factor):
        """Add the gradients times the factor to those of the parameters."""
        cdef int k
        for k in range(self.n_parameters):
            self.gradients[k][0] += factor * <double>gradients[k]


include "runners.pxi"
