# Python functions that a program calls; a part of machine.pyx.

cdef list _functions = []  # by number
cdef dict _function_numbers = {}
cdef double _NAN = float("nan")
cdef dict _interrupts = {}  # by thread: an exception that is to end the program


def function_number(function):
    """The number by which programs know a Python function of floats."""
    if function not in _function_numbers:
        _functions.append(function)
        _function_numbers[function] = len(_functions) - 1
    return _function_numbers[function]


cdef void _call_python(
    int number, int arity, int n, const double **operands, double *out, unsigned char *failed
) noexcept with gil:
    """Call a function for n rows. An exception marks the row, which then runs again in Python and raises there."""
    cdef int r
    if _interrupts and get_ident() in _interrupts:
        _fail(0, n, out, failed)
        return
    function = _functions[number]
    for r in range(n):
        try:
            if arity == 1:
                out[r] = function(operands[0][r])
            elif arity == 2:
                out[r] = function(operands[0][r], operands[1][r])
            else:
                out[r] = function(operands[0][r], operands[1][r], operands[2][r])
        except Exception:
            _fail(r, r + 1, out, failed)
        except BaseException as error:  # it may come from outside, as KeyboardInterrupt does: it must not be lost
            _interrupts[get_ident()] = error
            _fail(r, n, out, failed)
            return


cdef void _fail(int begin, int end, double *out, unsigned char *failed) noexcept:
    cdef int r
    for r in range(begin, end):
        out[r] = _NAN
        failed[r] = 1


cdef inline int _check_interrupt() except -1:
    """Raise what interrupted a Python function, once the program that called it in this thread has ended."""
    if _interrupts:
        error = _interrupts.pop(get_ident(), None)
        if error is not None:
            raise error
    return 0


vg_python = _call_python
