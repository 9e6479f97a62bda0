# How an operation becomes a node; a part of engine.pyx.

cdef list _operations = []  # the operations of the table, by their numbers in the kernels
cdef list _names = []  # their names, by the same numbers
cdef list _formulas = []  # their partials: the position of an operand, a float, or the text of another formula
cdef dict _SIMPLE = {"a": 0, "b": 1, "1.0": 1.0, "-1.0": -1.0}

# A hash table from operations to their numbers, because a lookup in a dict takes as long as recording a node.
cdef struct Numbered:
    PyObject *operation
    int number

cdef enum:
    HASHED = 256  # a power of two

cdef Numbered _hashed[HASHED]


cdef inline int _number_of(PyObject *operation) noexcept:
    """The number of an operation in the kernels, or FOREIGN."""
    cdef size_t i = _hash(operation)
    while _hashed[i].operation != NULL:
        if _hashed[i].operation == operation:
            return _hashed[i].number
        i = (i + 1) % HASHED
    return FOREIGN


cdef inline size_t _hash(PyObject *operation) noexcept:
    return (<size_t>operation >> 4) % HASHED


cdef int _number(object operation, int number) except -1:
    """Give the operation this number. The operation must never be freed."""
    cdef size_t i = _hash(<PyObject *>operation)
    while _hashed[i].operation != NULL and _hashed[i].operation != <PyObject *>operation:
        i = (i + 1) % HASHED
    _hashed[i].operation = <PyObject *>operation
    _hashed[i].number = number
    return 0


cdef inline object unary(int operation, object a):
    cdef PyObject *operands[1]
    operands[0] = <PyObject *>a
    return owned(_recorded(operation, 1, operands, NULL))


cdef inline object binary(int operation, object a, object b):
    """The node of an operator; NotImplemented if an operand defers() to the other one, such as an array."""
    cdef PyObject *operands[2]
    operands[0] = <PyObject *>a
    operands[1] = <PyObject *>b
    return owned(_recorded(operation, 2, operands, NULL))


cdef object unary_method(int operation, object a):
    """The same as unary(), not inlined."""
    cdef PyObject *operands[1]
    operands[0] = <PyObject *>a
    return owned(_recorded_out_of_line(operation, 1, operands))


cdef object binary_method(int operation, object a, object b):
    cdef PyObject *operands[2]
    operands[0] = <PyObject *>a
    operands[1] = <PyObject *>b
    return owned(_applied(operation, 2, operands))


cdef PyObject *_applied(int operation, int arity, PyObject **operands) except NULL:
    """The node of an operation that is no operator; of arrays, an array of nodes."""
    cdef PyObject *node = _recorded_out_of_line(operation, arity, operands)
    if node != <PyObject *>NotImplemented:
        return node
    Py_DECREF(node)
    result = elementwise(_operations[operation], tuple([<object>operands[i] for i in range(arity)]))
    Py_XINCREF(<PyObject *>result)
    return <PyObject *>result


cdef PyObject *_recorded_out_of_line(int operation, int arity, PyObject **operands) except NULL:
    """The same as _recorded(), not inlined: it would take long to compile in many places."""
    return _recorded(operation, arity, operands, NULL)


cdef inline PyObject *_recorded(int operation, int arity, PyObject **operands, Modes *modes) except NULL:
    """The node of an operation on Values and constants: its number, and the partial derivatives by the Values.

    NotImplemented if an operand is an array, or has such operators of its own; then Python asks the operand.
    The modes may be given only if all operands are Values or floats: to convert another number may run any code.
    """
    cdef const vg_operation *facts = &vg_operations[operation]
    cdef double[3] numbers
    numbers[0] = numbers[1] = numbers[2] = 0.0
    cdef unsigned flows = 0
    cdef int i
    for i in range(arity):
        if Py_TYPE(operands[i]) == _type:
            numbers[i] = (<Value>operands[i]).number
            flows |= 1 << i
        elif Py_TYPE(operands[i]) == <PyTypeObject *>float:
            numbers[i] = PyFloat_AS_DOUBLE(operands[i])
        elif _is_deferred(<object>operands[i], facts.name, &numbers[i]):
            Py_XINCREF(<PyObject *>NotImplemented)
            return <PyObject *>NotImplemented
    flows &= facts.flows
    cdef double y = vg_value(operation, numbers[0], numbers[1], numbers[2])
    cdef double[3] slopes
    slopes[0] = slopes[1] = slopes[2] = 0.0
    vg_slopes(operation, y, numbers[0], numbers[1], numbers[2], flows, slopes)
    if modes == NULL:
        modes = _modes()
    if operation == VG_WHERE and _chooses(modes):  # the branch that is not taken gets no gradient at all
        for i in range(1, 3):
            if flows >> i & 1 and slopes[i] == 0.0:
                flows ^= 1 << i
    cdef PyObject *node = _node(operation, arity, operands, numbers, y, slopes, flows, modes)
    return node if modes.watch == NULL else _watched(node, modes)


cdef PyObject *_foreign(object operation, tuple operands) except NULL:
    """The node of an operation that the kernels do not have, computed by its Python functions."""
    if len(operands) > 3 or len(operands) != len(operation.formulas):
        raise ValueError(
            f"{operation.name} has {len(operation.formulas)} formulas, got {len(operands)} arguments; "
            "give one argument for each formula, three at most"
        )
    cdef list numbers
    try:
        numbers = [(<Value>x).number if type(x) is Value else real(x, operation.name) for x in operands]
    except TypeError:
        if not any([defers(x) for x in operands]):
            raise
        result = elementwise(operation, operands)
        Py_XINCREF(<PyObject *>result)
        return <PyObject *>result
    cdef double y = operation.function(*numbers)
    cdef PyObject *pointers[3]
    cdef double doubles[3]
    cdef double slopes[3]
    slopes[0] = slopes[1] = slopes[2] = 0.0
    cdef unsigned flows = 0
    partials = (None,) * len(numbers) if _modes().paused else operation.slopes(y, *numbers)
    for i, (x, number, slope) in enumerate(zip(operands, numbers, partials)):
        pointers[i] = <PyObject *>x
        doubles[i] = number
        if type(x) is Value and slope is not None:
            slopes[i] = slope
            flows |= 1 << i
    cdef PyObject *node = _node(FOREIGN, len(numbers), pointers, doubles, y, slopes, flows, _modes())
    if (<Value>node).operation == FOREIGN:
        Py_INCREF(operation)
        _rare(node).operation = <PyObject *>operation
    return _watched(node, _modes())


cdef PyObject *_watched(PyObject *node, const Modes *modes) except NULL:
    """Tell the watch, if there is one, of a new node."""
    cdef object owner = owned(node)
    if modes.watch != NULL and (<Value>node).operation != LEAF:
        (<object>modes.watch).recorded(owner)
    Py_XINCREF(node)
    return node


cdef inline PyObject *_node(
    int operation, int arity, PyObject **operands, double *numbers, double y, double *slopes, unsigned flows,
    const Modes *modes
) except NULL:
    cdef Rare *rare
    cdef int i
    cdef PyObject *node = _allocate()
    (<Value>node).number = y
    Py_XINCREF(modes.names)
    (<Value>node).names = modes.names
    if modes.paused:
        (<Value>node).flows = UNRECORDED
        return node
    (<Value>node).operation = operation
    for i in range(arity):
        if Py_TYPE(operands[i]) == _type and not flows >> i & 1:
            flows |= BLOCKED
    (<Value>node).flows = flows
    for i in range(arity if arity < 2 else 2):
        (<Value>node).slope[i] = slopes[i] if flows >> i & 1 else numbers[i]
        if Py_TYPE(operands[i]) == _type:
            Py_XINCREF(operands[i])
            (<Value>node).operand[i] = operands[i]
    if arity == 3:
        try:
            rare = _rare(node)
        except MemoryError:
            Py_DECREF(node)
            raise
        rare.slope = slopes[2] if flows >> 2 & 1 else numbers[2]
        if Py_TYPE(operands[2]) == _type:
            Py_XINCREF(operands[2])
            rare.operand = operands[2]
    return node


cdef object _record(object operation, tuple operands):
    """The node of an operation that was called with a Value."""
    cdef int number = _number_of(<PyObject *>operation)
    if number == FOREIGN:
        return owned(_foreign(operation, operands))
    if len(operands) != vg_operations[number].arity:
        raise TypeError(f"{operation.name}() takes {vg_operations[number].arity} arguments, got {len(operands)}")
    return owned(_applied(number, len(operands), PySequence_Fast_ITEMS(<PyObject *>operands)))


cdef PyObject *(*_call_in_python)(PyObject *, PyObject *, PyObject *) except NULL
_call_in_python = (<PyTypeObject *>Unary).tp_call


cdef PyObject *_call_operation(PyObject *operation, PyObject *operands, PyObject *names) except NULL:
    """Call an operation: in C if an operand is a Value, otherwise in Python."""
    cdef int number = _number_of(operation)
    cdef Py_ssize_t count = PyTuple_GET_SIZE(operands)
    cdef int i
    if number != FOREIGN and names == NULL and count == vg_operations[number].arity:
        for i in range(count):
            if Py_TYPE(PyTuple_GET_ITEM(operands, i)) == _type:
                return _applied(number, count, PySequence_Fast_ITEMS(operands))
    return _call_in_python(operation, operands, names)


_reduce, _map = Binary.reduce, Binary.map


@cython.binding(True)  # it becomes a method
def reduce(self, values):
    """The left fold of an operation over at least one number or Value."""
    cdef int operation = _number_of(<PyObject *>self)
    cdef tuple items = tuple(values) if type(values) is list else listed(values, f"{self.name}.reduce")
    if operation == FOREIGN or not items:
        return _reduce(self, items)
    cdef Py_ssize_t i
    result = items[0]
    if not hasattr(type(result), "_record"):
        result = like(as_number(<PyObject *>result, vg_operations[operation].name), [result])
    for i in range(1, len(items)):
        result = _pair(operation, result, items[i])
        if i % PATIENCE == 0:
            _check_signals()
    return result


@cython.binding(True)  # it becomes a method
def map(self, xs, ys):
    """The operation on each pair, to the end of the shorter: multiply.map([x, y], [z, w]) is [x * z, y * w]."""
    cdef int operation = _number_of(<PyObject *>self)
    if operation == FOREIGN:
        return _map(self, xs, ys)
    for side in (xs, ys):
        if type(side) is not list:
            check_listed(side, f"{self.name}.map", "two lists of numbers")
    cdef list results = []
    for x, y in zip(xs, ys):
        results.append(_pair(operation, x, y))
        if len(results) % PATIENCE == 0:
            _check_signals()
    return results


cdef object _pair(int operation, object a, object b):
    """The operation on two numbers: a Value if one of them is."""
    cdef PyObject *operands[2]
    if type(a) is Value or type(b) is Value:
        operands[0], operands[1] = <PyObject *>a, <PyObject *>b
        return owned(_applied(operation, 2, operands))
    return _operations[operation](a, b)


# --------------------------------------------------------------------------- dot products

cdef object _dot = None  # the operation


cdef PyObject *(*_call_vectors_in_python)(PyObject *, PyObject *, PyObject *) except NULL
_call_vectors_in_python = (<PyTypeObject *>VectorBinary).tp_call


cdef PyObject *_call_vectors(PyObject *operation, PyObject *vectors, PyObject *names) except NULL:
    """Call dot(): in C for lists and tuples of Values and floats; otherwise in Python, which makes such tuples."""
    cdef PyObject *a
    cdef PyObject *b
    if operation == <PyObject *>_dot and names == NULL and PyTuple_GET_SIZE(vectors) == 2:
        a = PyTuple_GET_ITEM(vectors, 0)
        b = PyTuple_GET_ITEM(vectors, 1)
        if _are_plain(a, b):
            return _dot_product(a, b)
    return _call_vectors_in_python(operation, vectors, names)


cdef bint _are_plain(PyObject *a, PyObject *b) noexcept:
    """Whether these are equally long lists or tuples of Values and floats, too short to need checks for signals."""
    if not _is_list(a) or not _is_list(b):
        return False
    cdef Py_ssize_t i, count = PySequence_Fast_GET_SIZE(<object>a)
    cdef PyObject **x = PySequence_Fast_ITEMS(a)
    cdef PyObject **y = PySequence_Fast_ITEMS(b)
    cdef bint is_recorded = False
    if count > PATIENCE or count != PySequence_Fast_GET_SIZE(<object>b):
        return False
    for i in range(count):
        if Py_TYPE(x[i]) == _type or Py_TYPE(y[i]) == _type:
            is_recorded = True
        if Py_TYPE(x[i]) != _type and Py_TYPE(x[i]) != <PyTypeObject *>float:
            return False
        if Py_TYPE(y[i]) != _type and Py_TYPE(y[i]) != <PyTypeObject *>float:
            return False
    return is_recorded


cdef inline bint _is_list(PyObject *vector) noexcept:
    return Py_TYPE(vector) == <PyTypeObject *>list or Py_TYPE(vector) == <PyTypeObject *>tuple


cdef object _dotted(object operation, tuple a, tuple b):
    """The node of an operation of two vectors; at least one element is a Value."""
    if operation is not _dot:
        raise TypeError(
            f"the compiled engine has no operation of vectors but {_dot.name}, got {operation.name}; "
            "set VALUEGRAD_BACKEND=python"
        )
    cdef list x = _converted(a)
    cdef list y = _converted(b)
    return owned(_dot_product(<PyObject *>x, <PyObject *>y))


cdef list _converted(tuple vector):
    """The Values as they are, other numbers as floats."""
    cdef list result = []
    for x in vector:
        result.append(x if type(x) is Value else as_number(<PyObject *>x, "dot"))
        if len(result) % PATIENCE == 0:
            _check_signals()
    return result


cdef PyObject *_dot_product(PyObject *a, PyObject *b) except NULL:
    """The node of a dot product of two lists or tuples of Values and floats, of the same length.

    If they are longer than PATIENCE, other code must not have references to them.
    """
    cdef Py_ssize_t i, count = PySequence_Fast_GET_SIZE(<object>a)
    cdef PyObject **x = PySequence_Fast_ITEMS(a)
    cdef PyObject **y = PySequence_Fast_ITEMS(b)
    cdef Modes *modes
    cdef PyObject *node = _allocate()
    cdef Terms *terms
    cdef Term *term
    cdef double sum = 0.0, product
    try:
        terms = _allocate_terms(count)
        (<Value>node).rare = <Rare *>terms
        (<Value>node).operation = DOTTED
        for i in range(count):
            term = &terms.term[i]
            _take_operand(term, 0, x[i])
            _take_operand(term, 1, y[i])
            product = vg_value(VG_MULTIPLY, term.number[0], term.number[1], 0.0)
            sum = vg_value(VG_ADD, sum, product, 0.0) if i else product
            if (i + 1) % PATIENCE == 0:
                _check_signals()
    except BaseException:
        Py_DECREF(node)
        raise
    (<Value>node).number = sum
    modes = _modes()
    if modes.paused:
        _drop_terms(terms)
        (<Value>node).operation = LEAF
        (<Value>node).flows = UNRECORDED
        (<Value>node).rare = NULL
    Py_XINCREF(modes.names)
    (<Value>node).names = modes.names
    return node if modes.watch == NULL else _watched(node, modes)


cdef inline void _take_operand(Term *term, int i, PyObject *x) noexcept:
    if Py_TYPE(x) == _type:
        Py_XINCREF(x)
        term.operand[i] = x
        term.number[i] = (<Value>x).number
    else:
        term.operand[i] = NULL
        term.number[i] = PyFloat_AS_DOUBLE(x)


# --------------------------------------------------------------------------- numbers


cdef inline double as_number(PyObject *x, const char *caller) except? -1.0:
    """x as a double, if it is a real number. The error names the caller."""
    if Py_TYPE(x) == <PyTypeObject *>float:
        return PyFloat_AS_DOUBLE(x)
    return _as_number(<object>x, caller)


cdef double _as_number(object x, const char *caller) except? -1.0:
    cdef double number
    if type(x) is int:
        number = PyLong_AsDouble(<PyObject *>x)
        if number != -1.0 or not PyErr_Occurred():
            return number
        PyErr_Clear()  # too large for a double; real() makes it an infinity
    return real(x, caller.decode())


cdef bint _is_deferred(object x, const char *caller, double *number) except -1:
    """Store x as a double; True if it is no real number, and a Value leaves operators to it."""
    try:
        number[0] = _as_number(x, caller)
    except TypeError:
        if defers(x):
            return True
        raise
    return False


cdef double _checked(object data) except? -1.0:
    if type(data) is Value:
        raise TypeError("Value() takes a real number, got Value; use x itself, or x.detach() for a new leaf")
    return as_number(<PyObject *>data, "Value")
