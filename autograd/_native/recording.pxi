# How an operation becomes a node; a part of engine.pyx.

cdef list _rows = []  # the rows of the table, by their numbers in the kernels

# and the numbers by rows, in a table of twice the room: looking into a dict takes as long as recording a node
cdef struct Numbered:
    PyObject *row
    int number

cdef enum:
    HASHED = 256  # a power of two

cdef Numbered _hashed[HASHED]


cdef inline int _number_of(PyObject *row) noexcept:
    """The number of a row in the kernels, or FOREIGN."""
    cdef size_t i = _hash(row)
    while _hashed[i].row != NULL:
        if _hashed[i].row == row:
            return _hashed[i].number
        i = (i + 1) % HASHED
    return FOREIGN


cdef inline size_t _hash(PyObject *row) noexcept:
    return (<size_t>row >> 4) % HASHED


cdef int _number(object row, int number) except -1:
    """From now on the row has this number; it must not go away."""
    cdef size_t i = _hash(<PyObject *>row)
    while _hashed[i].row != NULL and _hashed[i].row != <PyObject *>row:
        i = (i + 1) % HASHED
    _hashed[i].row = <PyObject *>row
    _hashed[i].number = number
    return 0


cdef inline object unary(int operation, object a):
    cdef PyObject *operands[1]
    operands[0] = <PyObject *>a
    return owned(_recorded(operation, 1, operands, NULL))


cdef inline object binary(int operation, object a, object b):
    cdef PyObject *operands[2]
    operands[0] = <PyObject *>a
    operands[1] = <PyObject *>b
    return owned(_recorded(operation, 2, operands, NULL))


cdef inline PyObject *_recorded(int operation, int arity, PyObject **operands, Modes *modes) except NULL:
    """The node of an operation on Values and constants: its number, and the slopes by the Values.

    The modes are looked up if they are not given. To give them, all operands must be Values or floats: what
    converts another number may be anybody's code, and change them.
    """
    cdef const vg_row *row = &vg_rows[operation]
    cdef double[3] numbers
    numbers[0] = numbers[1] = numbers[2] = 0.0
    cdef unsigned flows = 0
    cdef int i
    for i in range(arity):
        if Py_TYPE(operands[i]) == _type:
            numbers[i] = (<Value>operands[i]).number
            flows |= 1 << i
        else:
            numbers[i] = as_number(operands[i], row.name)
    flows &= row.flows
    cdef double y = vg_value(operation, numbers[0], numbers[1], numbers[2])
    cdef double[3] slopes
    slopes[0] = slopes[1] = slopes[2] = 0.0
    vg_slopes(operation, y, numbers[0], numbers[1], numbers[2], flows, slopes)
    if modes == NULL:
        modes = _modes()
    if operation == VG_WHERE and not _is_traced(modes):  # the branch not taken is no input at all
        for i in range(1, 3):
            if flows >> i & 1 and slopes[i] == 0.0:
                flows ^= 1 << i
    cdef PyObject *node = _node(operation, arity, operands, numbers, y, slopes, flows, modes)
    return node if modes.watch == NULL else _watched(node, modes)


cdef PyObject *_foreign(object row, tuple operands) except NULL:
    """The node of a row that the kernels do not have, computed by its Python functions."""
    if len(operands) > 3 or len(operands) != len(row.formulas):
        raise ValueError(
            f"{row.name} has {len(row.formulas)} formulas, got {len(operands)} arguments; "
            "a row has one for each argument, and three at most"
        )
    cdef list numbers = [(<Value>x).number if type(x) is Value else real(x, row.name) for x in operands]
    cdef double y = row.function(*numbers)
    cdef PyObject *pointers[3]
    cdef double doubles[3]
    cdef double slopes[3]
    slopes[0] = slopes[1] = slopes[2] = 0.0
    cdef unsigned flows = 0
    for i, (x, number, slope) in enumerate(zip(operands, numbers, row.slopes(y, *numbers))):
        pointers[i] = <PyObject *>x
        doubles[i] = number
        if type(x) is Value and slope is not None:
            slopes[i] = slope
            flows |= 1 << i
    cdef PyObject *node = _node(FOREIGN, len(numbers), pointers, doubles, y, slopes, flows, _modes())
    if (<Value>node).operation == FOREIGN:
        Py_INCREF(row)
        _rare(node).operation = <PyObject *>row
    return _watched(node, _modes())


cdef PyObject *_watched(PyObject *node, const Modes *modes) except NULL:
    """Tell of a new node who watches."""
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


cdef object _record(object row, tuple operands):
    """What a row called with a Value gives."""
    cdef int number = _number_of(<PyObject *>row)
    if number == FOREIGN:
        return owned(_foreign(row, operands))
    if len(operands) != vg_rows[number].arity:
        raise TypeError(f"{row.name}() takes {vg_rows[number].arity} arguments, got {len(operands)}")
    return owned(_recorded(number, len(operands), PySequence_Fast_ITEMS(<PyObject *>operands), NULL))


cdef PyObject *(*_call_in_python)(PyObject *, PyObject *, PyObject *) except NULL
_call_in_python = (<PyTypeObject *>Unary).tp_call


cdef PyObject *_call_row(PyObject *row, PyObject *operands, PyObject *names) except NULL:
    """A row called with a Value; with anything else it gives what it gives without this engine."""
    cdef int number = _number_of(row)
    cdef Py_ssize_t count = PyTuple_GET_SIZE(operands)
    cdef int i
    if number != FOREIGN and names == NULL and count == vg_rows[number].arity:
        for i in range(count):
            if Py_TYPE(PyTuple_GET_ITEM(operands, i)) == _type:
                return _recorded(number, count, PySequence_Fast_ITEMS(operands), NULL)
    return _call_in_python(row, operands, names)


_reduce, _map = Binary.reduce, Binary.map


@cython.binding(True)  # it becomes a method
def reduce(self, values):
    """The left fold of a row of two arguments over at least one number or Value."""
    cdef int operation = _number_of(<PyObject *>self)
    cdef tuple items = tuple(values)
    if operation == FOREIGN or not items:
        return _reduce(self, items)
    cdef Py_ssize_t i
    result = items[0]
    if not hasattr(result, "_record"):
        result = as_number(<PyObject *>result, vg_rows[operation].name)
    for i in range(1, len(items)):
        result = _pair(operation, result, items[i])
        if i % PATIENCE == 0:
            _check_signals(NULL)
    return result


@cython.binding(True)  # it becomes a method
def map(self, xs, ys):
    """The row of each pair, as far as both go: multiply.map([x, y], [z, w]) is [multiply(x, z), multiply(y, w)]."""
    cdef int operation = _number_of(<PyObject *>self)
    if operation == FOREIGN:
        return _map(self, xs, ys)
    cdef list results = []
    for x, y in zip(xs, ys):
        results.append(_pair(operation, x, y))
        if len(results) % PATIENCE == 0:
            _check_signals(NULL)
    return results


cdef inline object _pair(int operation, object a, object b):
    """The row of two numbers, as a Value if one of them is."""
    if type(a) is Value or type(b) is Value:
        return binary(operation, a, b)
    return _rows[operation](a, b)


def dot(xs, ys):
    """Sum of the products of two sequences of the same length; 0.0 of empty ones.

    Raises ValueError if the lengths differ.

    >>> dot([1.0, 2.0], [3.0, 4.0])
    11.0
    """
    _check_list(xs)
    _check_list(ys)
    if len(xs) != len(ys):
        raise ValueError(
            f"dot() takes two sequences of the same length, got {len(xs)} and {len(ys)} numbers; give each its factor"
        )
    cdef Py_ssize_t i = 0
    xs = PySequence_Fast(xs, "dot() takes two sequences of numbers")
    ys = PySequence_Fast(ys, "dot() takes two sequences of numbers")
    cdef Modes *modes = _modes()  # now that no code of sequences runs any more
    if modes.watch == NULL and not modes.paused and _are_plain(<PyObject *>xs, <PyObject *>ys):
        return owned(_dotted(<PyObject *>xs, <PyObject *>ys, modes))
    result = 0.0
    while i < PySequence_Fast_GET_SIZE(xs) and i < PySequence_Fast_GET_SIZE(ys):
        product = _pair(VG_MULTIPLY, <object>PySequence_Fast_GET_ITEM(xs, i), <object>PySequence_Fast_GET_ITEM(ys, i))
        result = _pair(VG_ADD, result, product) if i else product
        i += 1
        if i % PATIENCE == 0:
            _check_signals(NULL)
    return result


cdef inline int _check_list(object xs) except -1:
    if type(xs) is not list and not hasattr(xs, "__len__"):
        raise TypeError(f"dot() takes two lists of numbers, got {type(xs).__name__}; write [x] for one, list(x)")
    return 0


# Nobody knows the products of dot() and their partial sums, so they become nodes when somebody looks at the operands
# of the last sum, and until then are one node, which holds a list of terms, of 32 bytes each where there
# would be two nodes.


cdef bint _are_plain(PyObject *xs, PyObject *ys) noexcept:
    """Whether there are at least two pairs, each of two Values or of a Value and a float, but not too many to wait for."""
    cdef Py_ssize_t i, count = PySequence_Fast_GET_SIZE(<object>xs)
    cdef PyObject **x = PySequence_Fast_ITEMS(xs)
    cdef PyObject **y = PySequence_Fast_ITEMS(ys)
    if not 2 <= count <= PATIENCE or count != PySequence_Fast_GET_SIZE(<object>ys):
        return False
    for i in range(count):
        if Py_TYPE(x[i]) == _type:
            if Py_TYPE(y[i]) != _type and Py_TYPE(y[i]) != <PyTypeObject *>float:
                return False
        elif Py_TYPE(y[i]) != _type or Py_TYPE(x[i]) != <PyTypeObject *>float:
            return False
    return True


cdef PyObject *_dotted(PyObject *xs, PyObject *ys, const Modes *modes) except NULL:
    """The node of a sum of products."""
    cdef Py_ssize_t i, count = PySequence_Fast_GET_SIZE(<object>xs)
    cdef PyObject **x = PySequence_Fast_ITEMS(xs)
    cdef PyObject **y = PySequence_Fast_ITEMS(ys)
    cdef Terms *terms = _allocate_terms(count)
    cdef PyObject *node
    cdef double sum = 0.0, product
    try:
        node = _allocate()
    except MemoryError:
        _free_terms(terms)
        raise
    for i in range(count):
        _take_operand(&terms.term[i], 0, x[i])
        _take_operand(&terms.term[i], 1, y[i])
        product = vg_value(VG_MULTIPLY, terms.term[i].number[0], terms.term[i].number[1], 0.0)
        sum = vg_value(VG_ADD, sum, product, 0.0) if i else product
    (<Value>node).operation = DOTTED
    (<Value>node).number = sum
    (<Value>node).rare = <Rare *>terms
    Py_XINCREF(modes.names)
    (<Value>node).names = modes.names
    return node


cdef inline void _take_operand(Term *term, int i, PyObject *x) noexcept:
    if Py_TYPE(x) == _type:
        Py_XINCREF(x)
        term.operand[i] = x
        term.number[i] = (<Value>x).number
    else:
        term.operand[i] = NULL
        term.number[i] = PyFloat_AS_DOUBLE(x)


cdef inline int _unfold(Value node) except -1:
    """Somebody looks: make each product and each partial sum a node of its own."""
    if node.operation == DOTTED:
        with _sweeping:
            _make_products(<PyObject *>node)
    return 0


cdef int _make_products(PyObject *node) except -1:
    global _unfoldings
    if (<Value>node).operation != DOTTED:  # another thread was faster
        return 0
    cdef Terms *terms = <Terms *>(<Value>node).rare
    cdef PyObject *sum = NULL
    cdef PyObject *product = NULL
    cdef PyObject *next
    cdef Py_ssize_t i
    cdef double[3] slopes
    vg_slopes(VG_ADD, (<Value>node).number, 0.0, 0.0, 0.0, 3, slopes)  # 1 and 1, of whatever numbers
    try:
        for i in range(terms.count):
            product = _product_of(&terms.term[i], node, slopes[1])
            if sum == NULL:
                sum, product = product, NULL
            elif i < terms.count - 1:
                next = _allocate()
                (<Value>next).number = vg_value(VG_ADD, (<Value>sum).number, (<Value>product).number, 0.0)
                (<Value>next).gradient = (<Value>node).gradient * slopes[0]
                Py_XINCREF((<Value>node).names)
                (<Value>next).names = (<Value>node).names
                _make_sum(next, sum, product, slopes)
                sum, product = next, NULL
    except MemoryError:  # the node stays as it is
        Py_XDECREF(sum)
        Py_XDECREF(product)
        raise
    (<Value>node).rare = NULL
    _make_sum(node, sum, product, slopes)
    for i in range(terms.count):
        Py_XDECREF(terms.term[i].operand[0])
        Py_XDECREF(terms.term[i].operand[1])
    _free_terms(terms)
    _unfoldings += 1
    return 0


cdef inline void _make_sum(PyObject *node, PyObject *a, PyObject *b, const double *slopes) noexcept:
    """Let the node be a + b, and own both."""
    (<Value>node).operation = VG_ADD
    (<Value>node).flows = 3
    (<Value>node).operand[0] = a
    (<Value>node).operand[1] = b
    (<Value>node).slope[0] = slopes[0]
    (<Value>node).slope[1] = slopes[1]


cdef PyObject *_product_of(Term *term, PyObject *node, double slope) except NULL:
    """A new node for a term of a DOTTED node, whose partial by it is the slope."""
    cdef PyObject *product = _allocate()
    cdef double[3] slopes
    cdef unsigned flows = (term.operand[0] != NULL) | (term.operand[1] != NULL) << 1
    cdef int i
    slopes[0] = slopes[1] = slopes[2] = 0.0
    (<Value>product).operation = VG_MULTIPLY
    (<Value>product).number = vg_value(VG_MULTIPLY, term.number[0], term.number[1], 0.0)
    (<Value>product).gradient = (<Value>node).gradient * slope  # what sweeps so far would have given it
    (<Value>product).flows = flows
    vg_slopes(VG_MULTIPLY, (<Value>product).number, term.number[0], term.number[1], 0.0, flows, slopes)
    for i in range(2):
        (<Value>product).slope[i] = slopes[i] if flows >> i & 1 else term.number[i]
        Py_XINCREF(term.operand[i])
        (<Value>product).operand[i] = term.operand[i]
    Py_XINCREF((<Value>node).names)
    (<Value>product).names = (<Value>node).names
    return product


# --------------------------------------------------------------------------- numbers


cdef inline double as_number(PyObject *x, const char *caller) except? -1.0:
    """x as a double, if it is a real number; the caller is named in the message if not."""
    if Py_TYPE(x) == <PyTypeObject *>float:
        return PyFloat_AS_DOUBLE(x)
    return _as_number(<object>x, caller)


cdef double _as_number(object x, const char *caller) except? -1.0:
    cdef double number
    if type(x) is int:
        number = PyLong_AsDouble(<PyObject *>x)
        if number != -1.0 or not PyErr_Occurred():
            return number
        PyErr_Clear()  # it is beyond the range, and real() makes it an infinity
    return real(x, caller.decode())


cdef double _checked(object data) except? -1.0:
    if type(data) is Value:
        raise TypeError("Value() takes a real number, got Value; use x itself, or x.detach() for a new leaf")
    return as_number(<PyObject *>data, "Value")
