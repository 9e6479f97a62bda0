# The numbers and gradients of many Values as an array, and back; a part of machine.pyx.

# the machine reads and writes two numbers of a node in place: a Python call would take ten times as long
cdef object _Value = engine.Value
cdef PyTypeObject *_kind = <PyTypeObject *><PyObject *>_Value
cdef Py_ssize_t _NUMBER, _GRADIENT  # where they are in a node
_NUMBER, _GRADIENT = engine.layout()


def read(list values, out, bint is_gradient):
    """Copy the numbers or gradients of Values to a contiguous array of float64 of their length.

    Gives None, or the class of the first item that is not a Value.
    """
    cdef Py_buffer view
    cdef Py_ssize_t k, place = _GRADIENT if is_gradient else _NUMBER
    cdef PyObject *node = NULL
    PyObject_GetBuffer(out, &view, PyBUF_STRIDED)
    for k in range(len(values)):
        node = PyList_GET_ITEM(values, k)
        if Py_TYPE(node) != _kind:
            break
        (<double *>view.buf)[k] = (<double *>(<char *>node + place))[0]
        node = NULL
    PyBuffer_Release(&view)
    return None if node == NULL else type(<object>node)


def write(list values, vector, bint is_gradient):
    """Copy a contiguous array of float64 to the numbers or gradients of Values.

    Gives None, or the class of the first item that is not a Value; then nothing is copied.
    """
    cdef Py_buffer view
    cdef Py_ssize_t k, place = _GRADIENT if is_gradient else _NUMBER
    for k in range(len(values)):
        if Py_TYPE(PyList_GET_ITEM(values, k)) != _kind:
            return type(values[k])
    PyObject_GetBuffer(vector, &view, PyBUF_STRIDED_RO)
    for k in range(len(values)):
        (<double *>(<char *>PyList_GET_ITEM(values, k) + place))[0] = (<double *>view.buf)[k]
    PyBuffer_Release(&view)
    return None


cdef double _double_of(object x) except? -1.0:
    """The float of an int: infinite if it is too large."""
    cdef double number = PyLong_AsDouble(x)
    if number != -1.0 or PyErr_Occurred() == NULL:
        return number
    PyErr_Clear()
    return real(x, "compile")
