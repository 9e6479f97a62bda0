# Arrays of numbers: what they hold, and where their columns lie; a part of machine.pyx.

_array = _float64 = _float32 = _numpy_empty = None  # of NumPy, once it is imported


cdef int _meet_numpy(numpy) except -1:
    global _array, _float64, _float32, _numpy_empty
    try:
        _array, _numpy_empty = numpy.ndarray, numpy.empty
        _float64, _float32 = numpy.dtype("float64"), numpy.dtype("float32")
    except AttributeError:  # another thread is importing it, or sys.modules has None to forbid that
        pass
    return 0


cdef object _empty(tuple shape):
    if _numpy_empty is None:
        import numpy  # lazy: only programs with arrays need it

        _meet_numpy(numpy)
    return _numpy_empty(shape)


cdef bint _is_floats(object x, Py_buffer *view, tuple shape, int n_axes_before=0) except -1:
    """Whether x is an array of float64 of this shape. If so, the view holds it.

    With axes before those of the shape, for rows, it may be an array of float32.
    """
    if isinstance(x, (float, int, list, tuple)):
        return False
    if _array is None and "numpy" in sys.modules:
        _meet_numpy(sys.modules["numpy"])
    cdef bint is_known = False  # asking for the format takes as long as 500 additions
    if type(x) is _array:
        kind = x.dtype
        is_known = kind is _float64 or (n_axes_before > 0 and kind is _float32)
    if not is_known and hasattr(x, "mask"):  # its memory does not show the gaps
        return False
    try:
        PyObject_GetBuffer(x, view, PyBUF_STRIDED_RO if is_known else PyBUF_RECORDS_RO)
    except (TypeError, BufferError, ValueError):  # arrays without such memory, for instance of objects or dates
        return False
    if (is_known or _has_doubles(view)) and _has_shape(view, shape, n_axes_before):
        return True
    PyBuffer_Release(view)
    return False


cdef bint _has_doubles(const Py_buffer *view) noexcept:
    return view.format != NULL and view.format[0] == c"d" and view.format[1] == 0


cdef bint _has_shape(const Py_buffer *view, tuple shape, int n_axes_before) except -1:
    """Whether the array has this shape after some axes, and all of its numbers are aligned."""
    cdef int axis
    cdef size_t offset = view.itemsize - 1  # its bits are those of an offset in an item: the size is 4 or 8
    if view.ndim != n_axes_before + len(shape) or <size_t>view.buf & offset:
        return False
    for axis in range(view.ndim):
        if view.strides[axis] & offset:
            return False
        if axis >= n_axes_before and <Py_ssize_t>shape[axis - n_axes_before] != view.shape[axis]:
            return False
    return True


cdef Py_buffer *_hold(Buffers *buffers, object array, int flags) except NULL:
    cdef Py_buffer *view = &buffers.view[buffers.count]
    PyObject_GetBuffer(array, view, flags)
    buffers.count += 1
    return view


cdef bint _hold_rows(Buffers *buffers, object x, object tree) except -1:
    """Hold a plain array of floats with rows of this shape; False for anything else."""
    if len(<tuple>tree) != 1:
        return False
    if not _is_floats(x, &buffers.view[buffers.count], (<tuple>tree)[0] or (), n_axes_before=1):
        return False
    buffers.count += 1
    return True


cdef bint _flatten(object x, object tree, list leaves, list trees) except -1:
    """List the leaves in nested tuples and lists, and the tree of each; False if they are nested otherwise."""
    cdef Py_ssize_t i
    if len(<tuple>tree) == 1:
        leaves.append(x)
        trees.append(tree)
        return True
    children = <tuple>(<tuple>tree)[2]
    if type(x) is not tuple and type(x) is not list or (<tuple>tree)[1] is not None or len(x) != len(children):
        return False
    for i in range(len(children)):
        if not _flatten(x[i], children[i], leaves, trees):
            return False
    return True


cdef void _release(Buffers *buffers) noexcept:
    cdef int k
    for k in range(buffers.count):
        PyBuffer_Release(&buffers.view[k])


cdef int _place_columns(
    const Py_buffer *view, char **first, ptrdiff_t *strides, int k, unsigned char *is_single=NULL
) noexcept:
    """Write where the columns of an array begin, and their strides, from the k-th on; return the next k."""
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
        if is_single != NULL:
            is_single[k] = view.itemsize == sizeof(float)
        k += 1
    return k


cdef bint _is_apart(const Py_buffer *a, const Py_buffer *b) noexcept:
    """Whether rows of one array can be written while the other is read: they share no memory.

    They may share all of it, because all inputs of some rows are read before a result of these rows is written. But then
    no two numbers of the array may share memory.
    """
    cdef int axis
    cdef bint is_same = a.buf == b.buf and a.ndim == b.ndim and a.itemsize == b.itemsize
    cdef char *begins[2]
    cdef char *ends[2]
    _find_ends(a, &begins[0], &ends[0])
    _find_ends(b, &begins[1], &ends[1])
    if ends[0] <= begins[1] or ends[1] <= begins[0]:
        return True
    for axis in range(a.ndim):
        is_same = is_same and a.strides[axis] == b.strides[axis] and a.shape[axis] == b.shape[axis]
    return is_same and _is_spread(a)


cdef bint _is_spread(const Py_buffer *view) noexcept:
    """Whether surely no two numbers of an array share memory: each stride is beyond all that smaller strides reach."""
    cdef int axis, k
    cdef Py_ssize_t stride, reach
    for axis in range(view.ndim):
        stride = abs(view.strides[axis])
        reach = view.itemsize
        for k in range(view.ndim):
            if k != axis and (abs(view.strides[k]) < stride or (abs(view.strides[k]) == stride and k > axis)):
                reach += (view.shape[k] - 1) * abs(view.strides[k])
        if view.shape[axis] > 1 and stride < reach:
            return False
    return True


cdef void _find_ends(const Py_buffer *view, char **begin, char **end) noexcept:
    """Where the memory of an array begins and ends."""
    cdef int axis
    begin[0] = <char *>view.buf
    end[0] = begin[0] + view.itemsize
    for axis in range(view.ndim):
        if view.strides[axis] < 0:
            begin[0] += (view.shape[axis] - 1) * view.strides[axis]
        else:
            end[0] += (view.shape[axis] - 1) * view.strides[axis]
