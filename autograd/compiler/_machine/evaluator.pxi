# Compiled programs run on machine.h; a part of engine.pyx. See autograd/compiler/program.py and autograd/compiler/assembler.py.

cdef extern from "machine.h":
    enum: VG_WIDTH
    ctypedef struct vg_code:
        const int *begin
        const int *end
    ctypedef struct vg_program:
        vg_code uniform, row, sums, flat, packed
        int n_inputs, n_outputs, n_registers
        const int *outputs
    ctypedef struct vg_data:
        const char **inputs
        const ptrdiff_t *strides
        double **outputs
        const ptrdiff_t *spacings
        unsigned char *strays
        double *totals
    int vg_uniform_exact(const vg_program *, double *) noexcept nogil
    int vg_uniform_fast(const vg_program *, double *) noexcept nogil
    int vg_row_exact(const vg_program *, double *) noexcept nogil
    int vg_row_fast(const vg_program *, double *) noexcept nogil
    ptrdiff_t vg_rows_exact(const vg_program *, const double *, const vg_data *, ptrdiff_t, ptrdiff_t, double *) noexcept nogil
    ptrdiff_t vg_rows_fast(const vg_program *, const double *, const vg_data *, ptrdiff_t, ptrdiff_t, double *) noexcept nogil
    ptrdiff_t vg_rows_wide(const vg_program *, const double *, const vg_data *, ptrdiff_t, ptrdiff_t, double *) noexcept nogil
    bint vg_can_be_wide()
    bint vg_is_better_wide()
    void vg_add_flat(const vg_program *, const double *, double rows, double *) noexcept nogil

cdef extern from "Python.h":
    ctypedef struct Py_buffer:
        void *buf
        Py_ssize_t len
        Py_ssize_t itemsize
        int ndim
        char *format
        Py_ssize_t *shape
        Py_ssize_t *strides
    int PyObject_GetBuffer(object, Py_buffer *, int flags) except -1
    void PyBuffer_Release(Py_buffer *) noexcept
    int PyBuffer_IsContiguous(const Py_buffer *, char order) noexcept
    enum: PyBUF_RECORDS_RO, PyBUF_RECORDS, PyBUF_STRIDED_RO, PyBUF_STRIDED

cdef enum:
    CACHE_LINE = 64


def row_numbers():
    """The numbers of the rows of the table in the code of a program."""
    return {vg_rows[i].name.decode(): i for i in range(VG_ROWS)}


_array = _float64 = _numpy_empty = None  # of NumPy, once it is imported


cdef int _meet_numpy(numpy) except -1:
    global _array, _float64, _numpy_empty
    try:
        _array, _float64, _numpy_empty = numpy.ndarray, numpy.dtype("float64"), numpy.empty
    except AttributeError:  # another thread is about to import it, or somebody has forbidden that by a None
        pass
    return 0


cdef object _empty(tuple shape):
    if _numpy_empty is None:
        import numpy  # lazy: who has arrays has it

        _meet_numpy(numpy)
    return _numpy_empty(shape)


cdef bint _is_doubles(object x, Py_buffer *view, tuple shape) except -1:
    """Whether x is an array of float64 of this shape, where None stands for any number; its memory, if it is."""
    cdef int axis
    if isinstance(x, (float, int, list, tuple)):
        return False
    if _array is None and "numpy" in sys.modules:
        _meet_numpy(sys.modules["numpy"])
    cdef bint is_known = type(x) is _array and x.dtype is _float64  # the other way takes as long as 500 additions
    try:
        PyObject_GetBuffer(x, view, PyBUF_STRIDED_RO if is_known else PyBUF_RECORDS_RO)
    except (TypeError, BufferError, ValueError):  # of arrays that have no such memory: of objects, of dates
        return False
    cdef bint fits = is_known or (view.format != NULL and view.format[0] == c"d" and view.format[1] == 0)
    fits = fits and view.ndim == len(shape) and <size_t>view.buf % sizeof(double) == 0
    if fits:
        for axis in range(view.ndim):
            if view.strides[axis] % <Py_ssize_t>sizeof(double):
                fits = False
                break
            if shape[axis] is not None and <Py_ssize_t>shape[axis] != view.shape[axis]:
                fits = False
                break
    if not fits:
        PyBuffer_Release(view)
    return fits


ctypedef ptrdiff_t (*Rows)(const vg_program *, const double *, const vg_data *, ptrdiff_t, ptrdiff_t, double *) noexcept nogil
cdef Rows _rows_at_speed = vg_rows_wide if vg_is_better_wide() else vg_rows_fast


def numbers_at_a_time(wanted=None):
    """How many rows a sum of products takes at a time, 4 or 8. To choose one of these is for tests.

    Raises:
        ValueError: the processor, or the compiler, has no vectors of so many.
    """
    global _rows_at_speed
    if wanted not in (None, 4, 8) or wanted == 8 and not vg_can_be_wide():
        raise ValueError(f"there are no vectors of {wanted} numbers here; take 4")
    if wanted is not None:
        _rows_at_speed = vg_rows_wide if wanted == 8 else vg_rows_fast
    return 8 if _rows_at_speed == vg_rows_wide else 4


cdef class Machine:
    """A compiled program, ready to run: the code of an Assembly, and the Values that are its parameters.

    Methods that run it give None, or mark the row, where a comparison gave something else than when it was traced.
    """

    cdef vg_program program
    cdef bint exact
    cdef int n_uniform, n_parameters
    cdef list parameters
    cdef list code  # which the program points into
    cdef double *block  # the memory: what is the same for all rows, then the registers of one row
    cdef double *middle

    def __init__(self, assembly, n_inputs, parameters, exact, n_totals=0):
        cdef Py_ssize_t i
        self.exact = exact
        self.parameters = list(parameters)
        for x in self.parameters:
            if type(x) is not Value:
                raise TypeError(f"a parameter of a program is a Value, got {type(x).__name__}")
        self.n_parameters = len(self.parameters)
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
        cdef size_t size = self.n_uniform + assembly.n_registers + 1
        self.block = <double *>calloc(size, sizeof(double))
        if self.block == NULL:
            raise MemoryError
        self.middle = self.block + self.n_uniform
        for i, x in enumerate(assembly.constants):
            self.middle[-1 - self.n_parameters - i] = x

    def __dealloc__(self):
        free(self.block)

    cdef vg_code _take(self, object code) except *:
        """The numbers of an array, which is kept."""
        cdef vg_code taken
        cdef bytes copy = code.tobytes()
        self.code.append(copy)
        taken.begin = <const int *><const char *>copy
        taken.end = taken.begin + len(code)
        return taken

    cdef bint _prepare(self):
        """Compute what is the same for all rows; False if a comparison gave something else."""
        cdef int k
        cdef PyObject *parameters = <PyObject *>self.parameters
        cdef PyObject *parameter
        for k in range(self.n_parameters):
            parameter = PyList_GET_ITEM(parameters, k)
            self.middle[-1 - k] = (<Value>parameter).number
        if self.exact:
            return vg_uniform_exact(&self.program, self.middle) == 0
        return vg_uniform_fast(&self.program, self.middle) == 0

    def call(self, list numbers):
        """The results for one row of numbers, in a list."""
        cdef int k
        for k in range(self.program.n_inputs):
            self.middle[k] = numbers[k]
        if not self._run():
            return None
        return [self.middle[self.program.outputs[k]] for k in range(self.program.n_outputs)]

    def call_with(self, tuple args, signature, output):
        """The results for one row of arguments, nested as output says; None also if the arguments are nested otherwise.

        Args:
            signature, output: the trees of the arguments and of the results, see autograd/pytree.py. Dicts among the
                arguments are not taken here.
        """
        cdef int k = 0
        if not self._collect(args, signature, &k) or not self._run():
            return None
        k = 0
        return self._built(output, &k)

    cdef bint _run(self):
        """Compute the row in the registers; False if it goes another way."""
        if not self._prepare():
            return False
        if self.exact:
            return vg_row_exact(&self.program, self.middle) == 0
        return vg_row_fast(&self.program, self.middle) == 0

    cdef bint _collect(self, object x, object tree, int *k) except -1:
        """Put the numbers of an argument into the registers; False if it is nested otherwise."""
        cdef Py_ssize_t i
        cdef Py_buffer view
        cdef bint fits
        kind = (<tuple>tree)[0]  # of a leaf its shape
        if len(<tuple>tree) == 1:
            if kind is None:
                if not isinstance(x, float):
                    if type(x) is not int:
                        return False
                    x = as_number(<PyObject *>x, "compile")
                self.middle[k[0]] = x
                k[0] += 1
                return True
            if not _is_doubles(x, &view, kind):
                return False
            fits = PyBuffer_IsContiguous(&view, c"C")
            if fits:
                memcpy(self.middle + k[0], view.buf, view.len)
                k[0] += view.len // sizeof(double)
            PyBuffer_Release(&view)
            return fits
        children = <tuple>(<tuple>tree)[2]
        if type(x) is not kind or kind is dict or len(x) != len(children):
            return False
        for i in range(len(children)):
            if not self._collect(x[i], children[i], k):
                return False
        return True

    cdef object _built(self, object tree, int *k):
        """The results from the k-th on, nested as the tree says."""
        cdef Py_buffer view
        cdef double *numbers
        cdef const double *middle
        cdef const int *outputs
        cdef Py_ssize_t i, count
        if len(<tuple>tree) == 1:
            shape = (<tuple>tree)[0]
            if shape is None:
                k[0] += 1
                return self.middle[self.program.outputs[k[0] - 1]]
            array = _empty(shape)
            PyObject_GetBuffer(array, &view, PyBUF_STRIDED)
            numbers = <double *>view.buf
            outputs = self.program.outputs + k[0]
            middle = self.middle
            count = view.len // <Py_ssize_t>sizeof(double)
            for i in range(count):
                numbers[i] = middle[outputs[i]]
            k[0] += count
            PyBuffer_Release(&view)
            return array
        kind, keys, children = <tuple>tree
        built = [self._built(child, k) for child in <tuple>children]
        if kind is list:
            return built
        if kind is tuple:
            return tuple(built)
        if kind is dict:
            return dict(zip(keys, built))
        return kind(*built) if hasattr(kind, "_fields") else kind(built)

    def backward(self, tuple arrays, signature, bint is_mean):
        """Add the gradients of the mean or the sum over rows to the parameters', and give it, as Program.backward().

        None, and nothing is changed, if this takes more than running through the rows: arguments that are no arrays
        of float64, or whose rows have other shapes than in the signature; or a guard that fails.
        """
        cdef Py_buffer views[8]
        cdef int held = 0, k = 0
        cdef Py_ssize_t count = 1
        cdef tuple arguments = signature[2]
        cdef bint fits = len(arrays) == len(arguments) and len(arrays) <= 8
        try:
            for x, tree in zip(arrays, arguments):
                if not fits or len(<tuple>tree) != 1 or not _is_doubles(x, &views[held], (None, *(tree[0] or ()))):
                    return None
                held += 1
                fits = held == 1 or views[held - 1].shape[0] == count
                count = views[held - 1].shape[0]
            if not fits or count == 0 or not self._prepare():
                return None
            return self._backward(views, held, count, is_mean)
        finally:
            for k in range(held):
                PyBuffer_Release(&views[k])

    cdef size_t _scratch(self) noexcept:
        """How much memory the rows take: blocks of registers, and the packed numbers."""
        cdef size_t packed = self.program.packed.end - self.program.packed.begin
        return (<size_t>self.program.n_registers * VG_WIDTH + packed) * sizeof(double)

    cdef object _backward(self, Py_buffer *views, int held, Py_ssize_t count, bint is_mean):
        cdef vg_data data
        cdef int n = self.program.n_inputs, k, column = 0
        cdef size_t columns = n * (sizeof(char *) + sizeof(ptrdiff_t)), totals = (self.n_parameters + 1) * sizeof(double)
        cdef size_t uniform = self.n_uniform * sizeof(double)
        cdef size_t scratch = self._scratch()
        cdef char *memory = <char *>malloc(columns + totals + uniform + scratch + 2 * CACHE_LINE + count)
        if memory == NULL:
            raise MemoryError
        data.inputs = <const char **>memory
        data.strides = <ptrdiff_t *>(memory + n * sizeof(char *))
        data.totals = <double *>(memory + columns)
        data.outputs = NULL
        cdef double *middle = <double *>(<size_t>(memory + columns + totals + uniform + CACHE_LINE) & ~<size_t>(CACHE_LINE - 1))
        data.strays = <unsigned char *>middle + scratch
        memset(data.totals, 0, totals)
        memset(data.strays, 0, count)
        memcpy(middle - self.n_uniform, self.block, uniform)
        for k in range(held):
            column = self._lay_out(&views[k], <char **>data.inputs, <ptrdiff_t *>data.strides, column)
        cdef ptrdiff_t good
        cdef double factor, total
        cdef PyObject *parameter
        with nogil:
            if self.exact:
                good = vg_rows_exact(&self.program, middle, &data, 0, count, NULL)
            else:
                good = _rows_at_speed(&self.program, middle, &data, 0, count, middle)
            vg_add_flat(&self.program, middle, good, data.totals)
        factor = 1.0 / count if is_mean else 1.0
        if good == count:
            for k in range(self.n_parameters):
                parameter = PyList_GET_ITEM(<PyObject *>self.parameters, k)  # a leaf
                (<Value>parameter).gradient += factor * data.totals[k + 1]
        total = factor * data.totals[0]
        free(memory)
        return total if good == count else None

    def rows(self, list inputs, list outputs, strays, ptrdiff_t begin, ptrdiff_t end, totals=None):
        """Compute the rows from begin to end; how many were no strays, or None if all are.

        Args:
            inputs: arrays of float64, of which the first axis is the rows; their numbers are the inputs, in order.
            outputs: such arrays for the results; None if they are wanted as sums.
            strays: an array of a byte for each row, in which rows that go another way are marked.
            totals: an array of float64, to which the sums over rows are added.
        """
        cdef Py_buffer views[64]
        cdef Py_buffer stray_view
        cdef Py_buffer total_view
        cdef int held = 0, n = self.program.n_inputs, m = self.program.n_outputs, k = 0
        cdef size_t room = n * (sizeof(char *) + sizeof(ptrdiff_t)) + m * (sizeof(double *) + sizeof(ptrdiff_t)) + 64
        cdef size_t scratch = self._scratch() + 2 * CACHE_LINE
        cdef size_t uniform = self.n_uniform * sizeof(double)
        cdef char *memory
        cdef vg_data data
        cdef ptrdiff_t good
        cdef double *middle
        if len(inputs) + len(outputs or ()) > 64:
            raise ValueError("too many arrays")
        if not self._prepare():
            return None
        memory = <char *>malloc(room + scratch + uniform + CACHE_LINE + self.program.n_registers * sizeof(double))
        if memory == NULL:
            raise MemoryError
        data.inputs = <const char **>memory
        data.strides = <ptrdiff_t *>(memory + n * sizeof(char *))
        data.outputs = <double **>(memory + n * (sizeof(char *) + sizeof(ptrdiff_t)))
        data.spacings = <ptrdiff_t *>(data.outputs + m)
        try:
            PyObject_GetBuffer(strays, &stray_view, PyBUF_RECORDS)
            try:
                data.strays = <unsigned char *>stray_view.buf
                data.totals = NULL
                for x in inputs:
                    PyObject_GetBuffer(x, &views[held], PyBUF_RECORDS_RO)
                    held += 1
                    k = self._lay_out(&views[held - 1], <char **>data.inputs, <ptrdiff_t *>data.strides, k)
                k = 0
                if outputs is None:
                    data.outputs = NULL
                else:
                    for x in outputs:
                        PyObject_GetBuffer(x, &views[held], PyBUF_RECORDS)
                        held += 1
                        k = self._lay_out(&views[held - 1], <char **>data.outputs, <ptrdiff_t *>data.spacings, k)
                    for k in range(m):
                        (<ptrdiff_t *>data.spacings)[k] //= sizeof(double)
                if totals is not None:
                    PyObject_GetBuffer(totals, &total_view, PyBUF_RECORDS)
                    data.totals = <double *>total_view.buf
                try:
                    middle = <double *>(<size_t>(memory + room + uniform + CACHE_LINE) & ~<size_t>(CACHE_LINE - 1))
                    memcpy(middle - self.n_uniform, self.block, uniform)
                    with nogil:
                        if self.exact:
                            good = vg_rows_exact(&self.program, middle, &data, begin, end, NULL)
                        else:
                            good = _rows_at_speed(&self.program, middle, &data, begin, end, middle)
                        if data.totals != NULL:
                            vg_add_flat(&self.program, middle, good, data.totals)
                    return good
                finally:
                    if totals is not None:
                        PyBuffer_Release(&total_view)
            finally:
                for k in range(held):
                    PyBuffer_Release(&views[k])
                PyBuffer_Release(&stray_view)
        finally:
            free(memory)

    cdef int _lay_out(self, Py_buffer *view, char **first, ptrdiff_t *strides, int k) except -1:
        """Where the columns of an array begin, and how far their rows are apart."""
        cdef Py_ssize_t count = 1, i, rest, offset
        cdef int axis
        for axis in range(1, view.ndim):
            count *= view.shape[axis]
        for i in range(count):
            rest, offset = i, 0
            for axis in range(view.ndim - 1, 0, -1):
                offset += rest % view.shape[axis] * view.strides[axis]
                rest //= view.shape[axis]
            first[k] = <char *>view.buf + offset
            strides[k] = view.strides[0]
            k += 1
        return k

    def add_gradients(self, list gradients, double factor):
        """Add so many times these to the gradients of the parameters."""
        for x, gradient in zip(self.parameters, gradients):
            (<Value>x).gradient += factor * <double>gradient
