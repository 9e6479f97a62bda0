# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: c_api_binop_methods=True, cdivision=True, binding=False, always_allow_keywords=False
# cython: embedsignature=True, embedsignature.format=clinic
"""Value: the compiled engine, which does what `autograd/value.py` does, node for node and bit for bit.

Read that first; here stands what differs. A node is 96 bytes: two operands lie in it, what few nodes
have (a label, a third operand) beside it. Nodes cannot form a cycle, so the garbage collector does not
look at them; a node that is dropped releases its operands in a loop, and waits in a free list for its
next use. The arithmetic is `kernels.h`, written from the table of operations by `kernels.py`.
"""

import os
import threading

cimport cython
from cpython.object cimport PyObject, PyObject_RichCompare
from cpython.ref cimport Py_INCREF
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcpy, memset

from autograd import modes
from autograd.operation import Binary, Ternary, Unary, is_real, real

cdef extern from "kernels.h":
    ctypedef struct vg_row:
        const char *name
        uint8_t arity
        uint8_t flows
        double (*value)(double a, double b, double c) noexcept nogil
        void (*slopes)(double y, double a, double b, double c, unsigned wanted, double *slopes) noexcept nogil
    const vg_row vg_rows[]
    double vg_value(int operation, double a, double b, double c) noexcept nogil
    void vg_slopes(int operation, double y, double a, double b, double c, unsigned wanted, double *slopes) noexcept nogil
    uint32_t VG_FINGERPRINT
    int VG_ROWS
    int VG_ADD, VG_SUBTRACT, VG_MULTIPLY, VG_DIVIDE, VG_POWER, VG_NEGATIVE, VG_ABSOLUTE, VG_EXP, VG_EXPM1, VG_LOG
    int VG_LOG1P, VG_LOG2, VG_LOG10, VG_SQRT, VG_CBRT, VG_SIN, VG_COS, VG_TAN, VG_ARCSIN, VG_ARCCOS, VG_ARCTAN
    int VG_SINH, VG_COSH, VG_TANH, VG_ARCSINH, VG_ARCCOSH, VG_ARCTANH, VG_ERF, VG_ERFC, VG_LGAMMA, VG_DIGAMMA
    int VG_SIGMOID, VG_SOFTPLUS, VG_RELU, VG_STEP, VG_SIGN, VG_FLOOR, VG_CEIL, VG_MAXIMUM, VG_MINIMUM, VG_HYPOT
    int VG_ARCTAN2, VG_WHERE

cdef extern from *:
    """#define VG_NODE_SIZE 96"""
    int VG_NODE_SIZE

cdef extern from "slabs.h":
    void *vg_allocate() noexcept
    void vg_free(void *node) noexcept

cdef extern from "Python.h":
    ctypedef struct PyTypeObject:
        const char *tp_name
        Py_ssize_t tp_basicsize
        PyObject *(*tp_call)(PyObject *, PyObject *, PyObject *) except NULL
        PyObject *(*tp_alloc)(PyTypeObject *, Py_ssize_t) except NULL
        void (*tp_dealloc)(PyObject *) noexcept
    void PyObject_ClearWeakRefs(PyObject *object)
    int PyErr_CheckSignals() except -1
    void *PyEval_SaveThread()
    void PyEval_RestoreThread(void *state)
    uint64_t PyThreadState_GetID(void *state)
    void *PyThreadState_Get()
    Py_ssize_t Py_REFCNT(PyObject *object)
    void Py_SET_REFCNT(PyObject *object, Py_ssize_t count)
    void Py_XINCREF(PyObject *object)
    void Py_XDECREF(PyObject *object)
    void Py_DECREF(PyObject *object)
    PyTypeObject *Py_TYPE(PyObject *object)
    Py_hash_t _Py_HashPointer(void *pointer)
    double PyFloat_AS_DOUBLE(PyObject *number)
    double PyLong_AsDouble(PyObject *number) noexcept
    PyObject *PyErr_Occurred()
    void PyErr_Clear()
    PyObject *Py_True
    Py_ssize_t PyList_GET_SIZE(PyObject *list)
    PyObject *PyList_GET_ITEM(PyObject *list, Py_ssize_t i)
    Py_ssize_t PyTuple_GET_SIZE(PyObject *tuple)
    PyObject *PyTuple_GET_ITEM(PyObject *tuple, Py_ssize_t i)
    PyObject **PySequence_Fast_ITEMS(PyObject *tuple)
    object PySequence_Fast(object sequence, const char *message)
    Py_ssize_t PySequence_Fast_GET_SIZE(object sequence)
    PyObject *PySequence_Fast_GET_ITEM(object sequence, Py_ssize_t i)
    PyObject *PyDict_GetItem(PyObject *dictionary, PyObject *key)

cdef extern from *:
    """
    #define owned(node) (node) /* Cython is to take a new reference over */
    #define weak_references(node) (*(PyObject **)((char *)(node) + Py_TYPE(node)->tp_weaklistoffset))
    #if defined(__GNUC__) || defined(__clang__)
    #define prefetch(node) __builtin_prefetch(node)
    #else
    #define prefetch(node) ((void)(node))
    #endif
    #define NOWHERE UINT32_MAX /* a place that no node can have */
    #define LEAF_PLACE (UINT32_MAX - 1) /* nor this one: it says of a node's edges that it has none */
    /* What PyObject_Init does, but that nodes own no reference to their class, which never goes away. */
    #if defined(Py_REF_DEBUG) || defined(Py_TRACE_REFS)
    #define begin_node(node, type) (memset(node, 0, VG_NODE_SIZE), PyObject_Init(node, type))
    #elif defined(__GNUC__) || defined(__clang__)
    #define begin_node(node, type) \
        (__builtin_memset(node, 0, VG_NODE_SIZE), Py_SET_TYPE(node, type), Py_SET_REFCNT(node, 1))
    #else
    #define begin_node(node, type) (memset(node, 0, VG_NODE_SIZE), Py_SET_TYPE(node, type), Py_SET_REFCNT(node, 1))
    #endif
    """
    uint32_t NOWHERE, LEAF_PLACE
    object owned(PyObject *node)
    void begin_node(PyObject *node, PyTypeObject *type) noexcept
    PyObject *weak_references(PyObject *node)
    void prefetch(PyObject *node) noexcept

cdef enum:
    LEAF = 255  # in place of the number of a row: no operation made this node
    FOREIGN = 254  # a row the kernels do not have, such as one added at run time
    FOLDED = 253  # a sum a + b * c, of which nobody has looked at the product: see dot()
    PATIENCE = 1 << 17  # nodes between two looks at the signals: 20 ms where every node misses the cache
    BLOCKED = 128  # the bit of `flows` that says there are operands no gradient flows to
    BEYOND = 64
    AHEAD = 32  # how many nodes before its turn one is fetched into the cache
    KEPT_NODES = 1 << 18  # for how many nodes a sweep leaves its memory to the next one: 8 MB

ctypedef struct Rare:
    # what few nodes have
    PyObject *label
    PyObject *operation  # of a FOREIGN node
    PyObject *operand  # the third one, and its slope, as the others lie in the node
    double slope


cdef class Value:
    """A real number (float64) that records the operations it takes part in.

    Args:
        data: the number; anything real: int, float, bool, Fraction, Decimal, a NumPy scalar.
        label: a name for pictures.

    Raises:
        TypeError: data is not a real number.

    >>> a = Value(2.0, label="a")
    >>> y = (a * 3 + 1).tanh()
    >>> y.backward()
    >>> f"{a.grad:.6g}"
    '9.97833e-06'
    """

    # first what sorting and releasing look at: with the 16 bytes that every object has, 64, a line of the cache
    cdef PyObject *operand[2]  # NULL for a constant, which then lies in place of the slope; if FOLDED b and c
    cdef PyObject *names  # the tuple of scopes, NULL for none; of a dropped node, the next one
    cdef Rare *rare  # if FOLDED the operand a
    cdef uint32_t place  # where the sweep under way has put this node
    cdef uint8_t operation  # the number of its row, or LEAF, or FOREIGN
    cdef uint8_t flows  # a bit for each operand a gradient flows to
    cdef object __weakref__
    cdef double number
    cdef double gradient
    cdef double slope[2]  # if FOLDED the numbers of b and c, from which all about their product follows

    def __cinit__(self):
        self.operation = LEAF

    def __init__(self, data, *, label=""):
        if self.operation != LEAF:
            raise TypeError(f"Value.__init__() makes a leaf, but this node was made by {self.op}; call Value(data)")
        self.number = _checked(data)
        self.gradient = 0.0
        _take_label(self, label)
        _take_names(self, _modes().names)

    # ----------------------------------------------------------------------- what a node knows

    @property
    def data(self):
        """The number. Changing it leaves the recorded partials, hence the gradients, as they are."""
        return self.number

    @data.setter
    def data(self, number):
        self.number = _checked(number)

    @property
    def grad(self):
        """The derivative by this node of the last root that depends on it; leaves sum up over backward() calls."""
        return self.gradient

    @grad.setter
    def grad(self, number):
        cdef double gradient = as_number(<PyObject *>number, "Value.grad")
        _unfold(self)
        self.gradient = gradient

    @property
    def label(self):
        """The name shown in pictures, '' for none."""
        if self.operation == FOLDED or self.rare == NULL or self.rare.label == NULL:
            return ""
        return <object>self.rare.label

    @label.setter
    def label(self, text):
        _take_label(self, text)

    @property
    def op(self):
        """The name of the operation that made this node, a row of the table; None for a leaf."""
        return None if self.operation == LEAF else _row_of(self).name

    @property
    def operands(self):
        """The arguments of the operation as they were given: Values, and constants as floats."""
        _unfold(self)
        return tuple([_operand(self, i) for i in range(_arity(self))])

    @property
    def inputs(self):
        """The operands a gradient flows to."""
        _unfold(self)
        return tuple([_operand(self, i) for i in range(_arity(self)) if self.flows >> i & 1])

    @property
    def partials(self):
        """The partial derivative of this node by each of its inputs, as recorded."""
        _unfold(self)
        return tuple([_slope(self, i) for i in range(_arity(self)) if self.flows >> i & 1])

    @property
    def scope(self):
        """The names of the scopes it was recorded in, outermost first."""
        return () if self.names == NULL else <object>self.names

    @property
    def _slopes(self):
        _unfold(self)
        return tuple([_slope(self, i) if self.flows >> i & 1 else None for i in range(_arity(self))])

    # ----------------------------------------------------------------------- operators

    def __add__(left, right):
        return binary(VG_ADD, left, right)

    def __sub__(left, right):
        return binary(VG_SUBTRACT, left, right)

    def __mul__(left, right):
        return binary(VG_MULTIPLY, left, right)

    def __truediv__(left, right):
        return binary(VG_DIVIDE, left, right)

    def __pow__(left, right, modulus):
        if modulus is not None:
            if type(left) is not Value:
                return NotImplemented
            raise TypeError("Value.__pow__() takes 2 positional arguments but 3 were given")
        return binary(VG_POWER, left, right)

    def __neg__(self):
        return unary(VG_NEGATIVE, self)

    def __pos__(self):
        return self

    def __abs__(self):
        return unary(VG_ABSOLUTE, self)

    # ----------------------------------------------------------------------- the chain rule

    def backward(self, gradient=1.0):
        """Differentiate this node by every node it was made of, and store each derivative in `.grad`.

        In leaves it is added to what is there, in the other nodes it replaces it. A second call
        is as right as the first, whatever has happened to `.data` since.

        Args:
            gradient: what the derivatives are multiplied by: that of some later result by this node.

        Raises:
            TypeError: gradient is not a real number.

        >>> x = Value(3.0)
        >>> (x * x * x).backward()
        >>> x.grad
        27.0
        """
        cdef double factor = as_number(<PyObject *>gradient, "backward")
        with _sweeping:
            _sweep(self, factor)

    def zero_grad(self):
        """Set `.grad` of this node to 0."""
        _unfold(self)
        self.gradient = 0.0

    def detach(self):
        """A new leaf with the same number and label, through which no gradient flows."""
        return Value(self.number, label=self.label)

    # ----------------------------------------------------------------------- functions, by NumPy's names

    def exp(self):
        """e to the power of self."""
        return unary(VG_EXP, self)

    def expm1(self):
        """exp(self) - 1, exact also near 0."""
        return unary(VG_EXPM1, self)

    def log(self):
        """Natural logarithm."""
        return unary(VG_LOG, self)

    def log1p(self):
        """log(1 + self), exact also near 0."""
        return unary(VG_LOG1P, self)

    def log2(self):
        """Logarithm to base 2."""
        return unary(VG_LOG2, self)

    def log10(self):
        """Logarithm to base 10."""
        return unary(VG_LOG10, self)

    def sqrt(self):
        """Square root."""
        return unary(VG_SQRT, self)

    def cbrt(self):
        """Real cube root."""
        return unary(VG_CBRT, self)

    def sin(self):
        """Sine of an angle in radians."""
        return unary(VG_SIN, self)

    def cos(self):
        """Cosine of an angle in radians."""
        return unary(VG_COS, self)

    def tan(self):
        """Tangent of an angle in radians."""
        return unary(VG_TAN, self)

    def arcsin(self):
        """Inverse sine, in radians."""
        return unary(VG_ARCSIN, self)

    def arccos(self):
        """Inverse cosine, in radians."""
        return unary(VG_ARCCOS, self)

    def arctan(self):
        """Inverse tangent, in radians."""
        return unary(VG_ARCTAN, self)

    def sinh(self):
        """Hyperbolic sine."""
        return unary(VG_SINH, self)

    def cosh(self):
        """Hyperbolic cosine."""
        return unary(VG_COSH, self)

    def tanh(self):
        """Hyperbolic tangent."""
        return unary(VG_TANH, self)

    def arcsinh(self):
        """Inverse hyperbolic sine."""
        return unary(VG_ARCSINH, self)

    def arccosh(self):
        """Inverse hyperbolic cosine."""
        return unary(VG_ARCCOSH, self)

    def arctanh(self):
        """Inverse hyperbolic tangent."""
        return unary(VG_ARCTANH, self)

    def erf(self):
        """Error function."""
        return unary(VG_ERF, self)

    def erfc(self):
        """1 - erf(self), exact also in the upper tail."""
        return unary(VG_ERFC, self)

    def lgamma(self):
        """Logarithm of |gamma(self)|."""
        return unary(VG_LGAMMA, self)

    def digamma(self):
        """Derivative of lgamma."""
        return unary(VG_DIGAMMA, self)

    def sigmoid(self):
        """Logistic function, 1/(1 + exp(-self))."""
        return unary(VG_SIGMOID, self)

    def softplus(self):
        """log(1 + exp(self)), without overflow."""
        return unary(VG_SOFTPLUS, self)

    def relu(self):
        """max(self, 0); the derivative at 0 is 0."""
        return unary(VG_RELU, self)

    def step(self):
        """1 if positive, otherwise 0; no gradient flows."""
        return unary(VG_STEP, self)

    def sign(self):
        """-1, 0 or 1; no gradient flows."""
        return unary(VG_SIGN, self)

    def floor(self):
        """Largest whole number not above self; no gradient flows."""
        return unary(VG_FLOOR, self)

    def ceil(self):
        """Smallest whole number not below self; no gradient flows."""
        return unary(VG_CEIL, self)

    def maximum(self, other):
        """The larger of self and other; a tie gives each half the gradient."""
        return binary(VG_MAXIMUM, self, other)

    def minimum(self, other):
        """The smaller of self and other; a tie gives each half the gradient."""
        return binary(VG_MINIMUM, self, other)

    def hypot(self, other):
        """Length of the vector (self, other)."""
        return binary(VG_HYPOT, self, other)

    def arctan2(self, other):
        """Angle of the point (other, self), in radians."""
        return binary(VG_ARCTAN2, self, other)

    def conjugate(self):
        """The Value itself, for it is real; NumPy asks for it in numpy.var and numpy.vdot."""
        return self

    # ----------------------------------------------------------------------- as a number

    def __float__(self):
        return self.number

    def __int__(self):
        return int(self.number)

    def __bool__(self):
        return self.number != 0.0

    def __floor__(self):
        return unary(VG_FLOOR, self)

    def __ceil__(self):
        return unary(VG_CEIL, self)

    def __richcmp__(self, other, int operator):
        if type(other) is Value:
            other = (<Value>other).number
        elif not is_real(other):
            return NotImplemented
        return bool(PyObject_RichCompare(self.number, other, operator))

    def __hash__(self):
        return _Py_HashPointer(<void *>self)

    def __repr__(self):
        label = self.label
        return f"Value(data={self.number!r}, grad={self.gradient!r}{f', label={label!r}' if label else ''})"

    def __format__(self, spec):
        return format(self.number, spec) if spec else repr(self)

    def _repr_mimebundle_(self, **_):
        from autograd.draw import notebook  # lazy: it needs graphviz, and draws what is defined here

        return notebook(self)

    # ----------------------------------------------------------------------- life of a node

    def __reduce_ex__(self, protocol):
        """How copy, deepcopy and pickle take a leaf; a node with history is refused."""
        if self.operation != LEAF:
            raise TypeError(
                f"cannot copy or pickle a Value made by {self.op}: its graph would be copied with it; "
                "take x.detach() for the number alone"
            )
        return Value, (self.number,), (self.gradient, self.label, self.scope)

    def __setstate__(self, state):
        gradient, label, scope = state
        self.grad = gradient
        self.label = label
        _take_names(self, <PyObject *>scope if scope else NULL)

    # ----------------------------------------------------------------------- micrograd's names

    @property
    def _prev(self):
        return {x for x in self.operands if type(x) is Value}

    @property
    def _op(self):
        if self.operation == LEAF:
            return ""
        _unfold(self)
        exponent = _operand(self, _arity(self) - 1)
        constant = self.operation == VG_POWER and type(exponent) is not Value
        return _row_of(self).symbol + (f"{exponent:g}" if constant else "")

    # ----------------------------------------------------------------------- how the table calls

    def _record(self, row, operands):
        """The node of an operation of which at least one operand is a Value."""
        return _record(row, operands)


# --------------------------------------------------------------------------- what a node knows


cdef object _row_of(Value node):
    if node.operation == FOREIGN:
        return <object>node.rare.operation
    return _rows[VG_ADD if node.operation == FOLDED else node.operation]


cdef int _arity(Value node) except -1:
    if node.operation == LEAF:
        return 0
    return len(_row_of(node).formulas) if node.operation == FOREIGN else vg_rows[node.operation].arity


cdef inline PyObject *_value_operand(PyObject *node, int i) noexcept:
    """The i-th operand if it is a Value, otherwise NULL; borrowed. The operands a, b, c of a FOLDED node."""
    if (<Value>node).operation == FOLDED:
        return <PyObject *>(<Value>node).rare if i == 0 else (<Value>node).operand[i - 1]
    if i < 2:
        return (<Value>node).operand[i]
    return NULL if (<Value>node).rare == NULL else (<Value>node).rare.operand


cdef object _operand(Value node, int i):
    cdef PyObject *operand = _value_operand(<PyObject *>node, i)
    return _slope(node, i) if operand == NULL else <object>operand


cdef object _slope(Value node, int i):
    return node.slope[i] if i < 2 else node.rare.slope


cdef Rare *_rare(PyObject *node) except NULL:
    if (<Value>node).rare == NULL:
        (<Value>node).rare = <Rare *>calloc(1, sizeof(Rare))
        if (<Value>node).rare == NULL:
            raise MemoryError
    return (<Value>node).rare


cdef int _take_label(Value node, object text) except -1:
    if not isinstance(text, str):
        raise TypeError(f"Value.label takes a str, got {type(text).__name__}; write str(label)")
    _unfold(node)
    if not text and node.rare == NULL:
        return 0
    cdef Rare *rare = _rare(<PyObject *>node)
    cdef PyObject *former = rare.label
    Py_INCREF(text)
    rare.label = <PyObject *>text
    Py_XDECREF(former)
    return 0


cdef int _take_names(Value node, PyObject *names) except -1:
    cdef PyObject *former = node.names
    Py_XINCREF(names)
    node.names = names
    Py_XDECREF(former)
    return 0


# --------------------------------------------------------------------------- recording

cdef list _rows = []  # the rows of the table, by their numbers in the kernels
cdef dict _numbers = {}  # and the numbers by rows


cdef struct Modes:
    bint paused  # by no_grad
    PyObject *names  # of the scopes, borrowed; NULL for none


cdef inline object unary(int operation, object a):
    cdef PyObject *operands[1]
    operands[0] = <PyObject *>a
    return owned(_recorded(operation, 1, operands, NULL))


cdef inline object binary(int operation, object a, object b):
    cdef PyObject *operands[2]
    operands[0] = <PyObject *>a
    operands[1] = <PyObject *>b
    return owned(_recorded(operation, 2, operands, NULL))


cdef inline object ternary(int operation, object a, object b, object c):
    cdef PyObject *operands[3]
    operands[0] = <PyObject *>a
    operands[1] = <PyObject *>b
    operands[2] = <PyObject *>c
    return owned(_recorded(operation, 3, operands, NULL))


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
    vg_slopes(operation, y, numbers[0], numbers[1], numbers[2], flows, slopes)
    if operation == VG_WHERE:  # the branch not taken is no input at all
        for i in range(1, 3):
            if flows >> i & 1 and slopes[i] == 0.0:
                flows ^= 1 << i
    return _node(operation, arity, operands, numbers, y, slopes, flows, _modes() if modes == NULL else modes)


cdef PyObject *_foreign(object row, tuple operands) except NULL:
    """The node of a row that the kernels do not have, computed by its Python functions."""
    cdef list numbers = [(<Value>x).number if type(x) is Value else real(x, row.name) for x in operands]
    cdef double y = row.function(*numbers)
    cdef PyObject *pointers[3]
    cdef double doubles[3]
    cdef double slopes[3]
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
        rare = _rare(node)
        rare.slope = slopes[2] if flows >> 2 & 1 else numbers[2]
        if Py_TYPE(operands[2]) == _type:
            Py_XINCREF(operands[2])
            rare.operand = operands[2]
    return node


cdef object _record(object row, tuple operands):
    """What a row called with a Value gives."""
    cdef PyObject *number = PyDict_GetItem(<PyObject *>_numbers, <PyObject *>row)
    if number == NULL:
        return owned(_foreign(row, operands))
    if len(operands) != vg_rows[<int><object>number].arity:
        raise TypeError(f"{row.name}() takes {vg_rows[<int><object>number].arity} arguments, got {len(operands)}")
    return owned(_recorded(<object>number, len(operands), PySequence_Fast_ITEMS(<PyObject *>operands), NULL))


cdef PyObject *_call_row(PyObject *row, PyObject *operands, PyObject *names) except NULL:
    """A row called with a Value; with anything else it gives what it gives without this engine."""
    cdef PyObject *number = PyDict_GetItem(<PyObject *>_numbers, row)
    cdef Py_ssize_t count = PyTuple_GET_SIZE(operands)
    cdef int i
    if number != NULL and names == NULL and count == vg_rows[<int><object>number].arity:
        for i in range(count):
            if Py_TYPE(PyTuple_GET_ITEM(operands, i)) == _type:
                return _recorded(<object>number, count, PySequence_Fast_ITEMS(operands), NULL)
    return _call_in_python(row, operands, names)


@cython.binding(True)  # it becomes a method
def reduce(self, values):
    """The left fold of a row of two arguments over at least one number or Value."""
    cdef PyObject *number = PyDict_GetItem(<PyObject *>_numbers, <PyObject *>self)
    cdef tuple items = tuple(values)
    if number == NULL or not items:
        return _reduce(self, items)
    cdef int operation = <object>number
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
    """The row of each pair of two sequences, as a list."""
    cdef PyObject *number = PyDict_GetItem(<PyObject *>_numbers, <PyObject *>self)
    cdef tuple left = tuple(xs)
    cdef tuple right = tuple(ys)
    if number == NULL:
        return _map(self, left, right)
    cdef int operation = <object>number
    cdef Py_ssize_t i
    cdef list results = []
    for i in range(min(len(left), len(right))):
        results.append(_pair(operation, left[i], right[i]))
        if i % PATIENCE == PATIENCE - 1:
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
    if len(xs) != len(ys):
        raise ValueError(f"dot() takes two sequences of the same length, got {len(xs)} and {len(ys)} numbers")
    cdef PyObject *pair[2]
    cdef Py_ssize_t i = 0
    cdef Modes *modes = _modes()
    xs = PySequence_Fast(xs, "dot() takes two sequences of numbers")
    ys = PySequence_Fast(ys, "dot() takes two sequences of numbers")
    result = 0.0
    while i < PySequence_Fast_GET_SIZE(xs) and i < PySequence_Fast_GET_SIZE(ys):
        pair[0] = PySequence_Fast_GET_ITEM(xs, i)
        pair[1] = PySequence_Fast_GET_ITEM(ys, i)
        if i > 0 and type(result) is Value and Py_TYPE(pair[0]) == _type and _is_plain(pair[0], pair[1]):
            if not modes.paused:
                result = owned(_folded(<PyObject *>result, pair[0], pair[1], modes))
                i += 1
                continue
        if _is_plain(pair[0], pair[1]):
            product = owned(_recorded(VG_MULTIPLY, 2, pair, modes))
        else:
            product = _pair(VG_MULTIPLY, <object>pair[0], <object>pair[1])
            modes = _modes()
        pair[0] = <PyObject *>result
        pair[1] = <PyObject *>product
        if i == 0:
            result = product
        elif _is_plain(pair[0], pair[1]):
            result = owned(_recorded(VG_ADD, 2, pair, modes))
        else:
            result = _pair(VG_ADD, result, product)
        i += 1
        if i % PATIENCE == 0:
            _check_signals(NULL)
            modes = _modes()
    return result


# Nobody but its sum knows a product of dot(), so it becomes a node when somebody looks at the operands of the
# sum, and until then they are one node, a + b * c: half the nodes of a network, and half the memory. In a sweep
# the product would come directly after its sum, so the order of additions is the same.


cdef inline PyObject *_folded(PyObject *a, PyObject *b, PyObject *c, const Modes *modes) except NULL:
    """The node a + b * c; c is a Value or a float, the others are Values."""
    cdef bint is_value = Py_TYPE(c) == _type
    cdef double y = (<Value>b).number
    cdef double z = (<Value>c).number if is_value else PyFloat_AS_DOUBLE(c)
    cdef PyObject *node = _allocate()
    (<Value>node).operation = FOLDED
    (<Value>node).number = vg_value(VG_ADD, (<Value>a).number, vg_value(VG_MULTIPLY, y, z, 0.0), 0.0)
    (<Value>node).flows = 7 if is_value else 3
    (<Value>node).slope[0] = y
    (<Value>node).slope[1] = z
    Py_XINCREF(a)
    (<Value>node).rare = <Rare *>a
    Py_XINCREF(b)
    (<Value>node).operand[0] = b
    if is_value:
        Py_XINCREF(c)
        (<Value>node).operand[1] = c
    Py_XINCREF(modes.names)
    (<Value>node).names = modes.names
    return node


cdef inline int _unfold(Value node) except -1:
    """Somebody looks: make the product a node of its own."""
    if node.operation == FOLDED:
        with _sweeping:
            _make_product(<PyObject *>node)
    return 0


cdef int _make_product(PyObject *node) except -1:
    global _unfoldings
    if (<Value>node).operation != FOLDED:  # another thread was faster
        return 0
    cdef PyObject *product = _allocate()
    cdef double y = (<Value>node).slope[0]
    cdef double z = (<Value>node).slope[1]
    cdef double[3] slopes
    (<Value>product).operation = VG_MULTIPLY
    (<Value>product).number = vg_value(VG_MULTIPLY, y, z, 0.0)
    (<Value>product).flows = (<Value>node).flows >> 1
    vg_slopes(VG_MULTIPLY, (<Value>product).number, y, z, 0.0, (<Value>product).flows, slopes)
    (<Value>product).slope[0] = slopes[0]
    (<Value>product).slope[1] = slopes[1] if (<Value>product).flows & 2 else z
    (<Value>product).operand[0] = (<Value>node).operand[0]
    (<Value>product).operand[1] = (<Value>node).operand[1]
    (<Value>product).names = (<Value>node).names
    Py_XINCREF((<Value>product).names)
    vg_slopes(VG_ADD, (<Value>node).number, 0.0, 0.0, 0.0, 3, slopes)  # 1 and 1, of whatever numbers
    (<Value>product).gradient = 0.0 + (<Value>node).gradient * slopes[1]  # what sweeps so far would have given it
    (<Value>node).operation = VG_ADD
    (<Value>node).flows = 3
    (<Value>node).slope[0] = slopes[0]
    (<Value>node).slope[1] = slopes[1]
    (<Value>node).operand[0] = <PyObject *>(<Value>node).rare
    (<Value>node).operand[1] = product
    (<Value>node).rare = NULL
    _unfoldings += 1
    return 0


cdef inline bint _is_plain(PyObject *a, PyObject *b) noexcept:
    """Whether these are two Values, or a Value and a float."""
    if Py_TYPE(a) == _type:
        return Py_TYPE(b) == _type or Py_TYPE(b) == <PyTypeObject *>float
    return Py_TYPE(b) == _type and Py_TYPE(a) == <PyTypeObject *>float


cdef PyObject *(*_call_in_python)(PyObject *, PyObject *, PyObject *) except NULL
_reduce, _map = Binary.reduce, Binary.map


def fingerprint():
    """That of the rows the kernels were made of."""
    return VG_FINGERPRINT


def bind(table):
    """From now on the rows of this table record Values of this engine without a detour through Python."""
    for i in range(VG_ROWS):
        row = table[vg_rows[i].name.decode()]
        _rows.append(row)
        _numbers[row] = i
    Binary.reduce, Binary.map = reduce, map
    # the slot, for to find the __call__ of a class takes Python as long as the call
    global _call_in_python
    _call_in_python = (<PyTypeObject *>Unary).tp_call
    (<PyTypeObject *>Unary).tp_call = _call_row
    (<PyTypeObject *>Binary).tp_call = _call_row
    (<PyTypeObject *>Ternary).tp_call = _call_row


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


# --------------------------------------------------------------------------- modes

# what modes.current() said, and in which thread, after which change; a mode is entered far less often than
# a node is recorded, and asking anew for each node would take ten times as long as recording it
cdef tuple _state = (False, ())
cdef object _change = None
cdef uint64_t _thread = 0
cdef Modes _now  # the same, as C has it
cdef Modes _no_modes
_no_modes.paused = False
_no_modes.names = NULL


cdef inline Modes *_modes() except NULL:
    """What holds for the caller, until somebody's code runs."""
    return _entered_modes() if PyList_GET_SIZE(_entered) else &_no_modes


cdef Modes *_entered_modes() except NULL:
    global _state, _change, _thread
    cdef uint64_t thread = PyThreadState_GetID(PyThreadState_Get())
    if <PyObject *>_change != PyList_GET_ITEM(_changes, 0) or thread != _thread or PyList_GET_SIZE(_in_bodies):
        change = modes.CHANGES[0]
        state = modes.current()
        _state, _change, _thread = state, change, thread
        _now.paused = state[0]
        _now.names = <PyObject *>state[1] if state[1] else NULL
    return &_now


# --------------------------------------------------------------------------- the sweep

_sweeping = threading.RLock()  # `place` belongs to one sweep at a time; reentrant, for a signal handler may sweep too
cdef int _depth = 0
cdef Py_ssize_t _unfoldings = 0  # how many products somebody has looked at


cdef struct Order:
    PyObject **nodes  # operands before results, borrowed from the root
    double *derivatives  # of the root, by these nodes
    Edges *edges  # of these nodes
    uint32_t *leaves  # their places
    uint32_t *former  # of a sweep within a sweep: the places that the outer one needs again
    Visit *visits
    Py_ssize_t count
    Py_ssize_t leaf_count
    Py_ssize_t capacity
    Py_ssize_t height  # of the stack of visits
    Py_ssize_t visit_capacity
    bint is_blocked  # there are operands no gradient flows to
    bint unfolds  # FOLDED nodes
    Py_ssize_t unfoldings  # how many there were before

cdef struct Edges:
    uint32_t operand[3]  # the places of the operands a gradient flows to, or NOWHERE

cdef struct Visit:
    PyObject *node
    int stage  # how many of its operands are in place

cdef Order _kept  # the memory of the last sweep: asking the system for it anew would double the time of a sweep


def topological_order(*roots):
    """Every node the roots depend on through an operand, operands before results, in argument order."""
    cdef Order order
    cdef Value root
    with _sweeping:
        _begin(&order)
        order.unfolds = True
        try:
            for root in roots:
                _sort(&order, <PyObject *>root)
            return [<object>order.nodes[i] for i in range(order.count)]
        finally:
            _end(&order)


cdef void _begin(Order *order) noexcept:
    global _depth
    _depth += 1
    if _depth == 1:
        memcpy(order, &_kept, sizeof(Order))
        memset(&_kept, 0, sizeof(Order))
    else:
        memset(order, 0, sizeof(Order))
    order.unfoldings = _unfoldings


cdef void _end(Order *order) noexcept:
    global _depth
    cdef Py_ssize_t i
    if order.former != NULL:
        for i in range(order.count):
            (<Value>order.nodes[i]).place = order.former[i]
        free(order.former)
        order.former = NULL
    order.count = order.leaf_count = order.height = order.is_blocked = order.unfolds = 0
    if _depth == 1 and order.capacity <= KEPT_NODES and order.visit_capacity <= KEPT_NODES:
        memcpy(&_kept, order, sizeof(Order))
    else:
        free(order.nodes)
        free(order.derivatives)
        free(order.edges)
        free(order.leaves)
        free(order.visits)
    _depth -= 1


cdef int _sort(Order *order, PyObject *node) except -1:
    """Place a node and all it depends on, operands before results."""
    cdef PyObject *operand
    cdef int stage = 0
    cdef Py_ssize_t patience = PATIENCE
    if not _is_to_visit(order, node):
        return 0
    while True:
        if stage == 0:
            if order.unfolds and (<Value>node).operation == FOLDED:
                _make_product(node)
            patience -= 1
            if patience == 0:
                patience = PATIENCE
                _check_signals(order)
        while stage < 3:
            operand = _value_operand(node, stage)
            stage += 1
            if _is_to_visit(order, operand):
                if (<Value>node).operand[1] != NULL:  # its turn is soon
                    prefetch((<Value>node).operand[1])
                _put_off(order, node, stage)
                node = operand
                stage = 0
                break
        if stage < 3:
            continue
        _place(order, node)
        if order.height == 0:
            return 0
        order.height -= 1
        node = order.visits[order.height].node
        stage = order.visits[order.height].stage


cdef inline bint _is_to_visit(Order *order, PyObject *node) except -1:
    """Whether a node is still to be placed, after what it depends on; a leaf depends on nothing and is placed at once."""
    if node == NULL:
        return False
    cdef uint32_t place = (<Value>node).place
    if place < order.count and order.nodes[place] == node:
        return False
    if (<Value>node).operation != LEAF:
        return True
    _place(order, node)
    order.edges[order.count - 1].operand[0] = LEAF_PLACE
    order.leaves[order.leaf_count] = order.count - 1
    order.leaf_count += 1
    return False


cdef inline int _place(Order *order, PyObject *node) except -1:
    cdef uint32_t *places
    cdef unsigned flows = (<Value>node).flows
    if order.count == order.capacity:
        _grow(order)
    if order.former != NULL:
        order.former[order.count] = (<Value>node).place
    places = order.edges[order.count].operand
    places[0] = (<Value>_value_operand(node, 0)).place if flows & 1 else NOWHERE
    places[1] = (<Value>_value_operand(node, 1)).place if flows & 2 else NOWHERE
    places[2] = (<Value>_value_operand(node, 2)).place if flows & 4 else NOWHERE
    if flows & BLOCKED:
        order.is_blocked = True
    prefetch(<PyObject *>(<char *>node + BEYOND * VG_NODE_SIZE))
    prefetch(<PyObject *>(<char *>node + BEYOND * VG_NODE_SIZE + 64))
    (<Value>node).place = order.count
    order.nodes[order.count] = node
    order.derivatives[order.count] = 0.0
    order.count += 1
    return 0


cdef inline int _put_off(Order *order, PyObject *node, int stage) except -1:
    """Come back to a node when the operand before that stage is in place."""
    if order.height == order.visit_capacity:
        order.visit_capacity = 2 * order.height + 64
        order.visits = <Visit *>_larger(order.visits, order.visit_capacity * sizeof(Visit))
    order.visits[order.height].node = node
    order.visits[order.height].stage = stage
    order.height += 1
    return 0


cdef int _grow(Order *order) except -1:
    if order.count == LEAF_PLACE:
        raise OverflowError("backward() sorts at most 4294967294 nodes; call it for parts of the computation")
    cdef Py_ssize_t capacity = 2 * order.capacity + 64
    order.nodes = <PyObject **>_larger(order.nodes, capacity * sizeof(PyObject *))
    order.derivatives = <double *>_larger(order.derivatives, capacity * sizeof(double))
    order.edges = <Edges *>_larger(order.edges, capacity * sizeof(Edges))
    order.leaves = <uint32_t *>_larger(order.leaves, capacity * sizeof(uint32_t))
    if _depth > 1:
        order.former = <uint32_t *>_larger(order.former, capacity * sizeof(uint32_t))
    order.capacity = capacity
    return 0


cdef void *_larger(void *memory, size_t size) except NULL:
    cdef void *larger = realloc(memory, size)
    if larger == NULL:
        raise MemoryError
    return larger


class _LookedAt(Exception):
    """While a sweep let signal handlers run, somebody looked at a product, so that there is one more node."""


cdef int _sweep(Value root, double gradient) except -1:
    """gradient times the derivative of root by each node it is a function of, into `.grad`, or nothing at all."""
    while True:
        try:
            return _sweep_once(root, gradient)
        except _LookedAt:
            pass


cdef int _sweep_once(Value root, double gradient) except -1:
    cdef Order order
    cdef uint8_t *reached = NULL  # by operands a gradient flows to; NULL if all of them are
    cdef Py_ssize_t i, done
    _begin(&order)
    try:
        _sort(&order, <PyObject *>root)
        done = order.count
        if order.is_blocked:
            reached = <uint8_t *>_larger(NULL, order.count)
            memset(reached, 0, order.count)
            reached[order.count - 1] = True
        order.derivatives[order.count - 1] = gradient
        try:
            for i in range(order.count - 1, -1, -1):
                if i % PATIENCE == PATIENCE - 1:
                    _check_signals(&order)
                if i >= AHEAD:
                    prefetch(<PyObject *>&(<Value>order.nodes[i - AHEAD]).gradient)
                if reached == NULL or reached[i]:
                    _propagate(&order, i, reached)
                done = i
        except:
            for i in range(done, order.count):  # nothing at all
                if order.edges[i].operand[0] != LEAF_PLACE and (reached == NULL or reached[i]):
                    (<Value>order.nodes[i]).gradient = order.derivatives[i]
            raise
        for i in range(order.leaf_count):
            _add_to_leaf(&order, order.leaves[i], reached)
    finally:
        free(reached)
        _end(&order)
    return 0


cdef inline void _propagate(Order *order, Py_ssize_t i, uint8_t *reached) noexcept:
    """The chain rule at one node; its derivative changes places with what it had before, in case of an interrupt."""
    cdef PyObject *node = order.nodes[i]
    cdef const uint32_t *places = order.edges[i].operand
    cdef double derivative = order.derivatives[i]
    cdef double[3] slopes
    if places[0] == LEAF_PLACE:
        return
    order.derivatives[i] = (<Value>node).gradient
    (<Value>node).gradient = derivative
    if (<Value>node).operation == FOLDED:  # first the sum, then the product, whose derivative is a sum from 0 too
        vg_slopes(VG_ADD, 0.0, 0.0, 0.0, 0.0, 3, slopes)
        _add(order, places[0], derivative * slopes[0], reached)
        derivative = 0.0 + derivative * slopes[1]
        vg_slopes(VG_MULTIPLY, 0.0, (<Value>node).slope[0], (<Value>node).slope[1], 0.0, 3, slopes)
        _add(order, places[1], derivative * slopes[0], reached)
        _add(order, places[2], derivative * slopes[1], reached)
    else:
        _add(order, places[0], derivative * (<Value>node).slope[0], reached)
        _add(order, places[1], derivative * (<Value>node).slope[1], reached)
        if places[2] != NOWHERE:
            _add(order, places[2], derivative * (<Value>node).rare.slope, reached)


cdef inline void _add(Order *order, uint32_t place, double derivative, uint8_t *reached) noexcept:
    if place == NOWHERE:
        return
    order.derivatives[place] += derivative
    if reached != NULL:
        reached[place] = True


cdef inline void _add_to_leaf(Order *order, uint32_t place, uint8_t *reached) noexcept:
    if reached == NULL or reached[place]:
        (<Value>order.nodes[place]).gradient += order.derivatives[place]


cdef int _check_signals(Order *order) except -1:
    """Let signal handlers run, and other threads; KeyboardInterrupt comes from here."""
    PyErr_CheckSignals()
    PyEval_RestoreThread(PyEval_SaveThread())
    if order != NULL and not order.unfolds and order.unfoldings != _unfoldings:
        raise _LookedAt
    return 0


def _after_fork():
    """In the child no other thread runs: none sweeps."""
    global _sweeping
    _sweeping = threading.RLock()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_after_fork)


# --------------------------------------------------------------------------- the life of a node

cdef PyObject *_entered = <PyObject *>modes.ENTERED
cdef PyObject *_in_bodies = <PyObject *>modes.IN_BODIES
cdef PyObject *_changes = <PyObject *>modes.CHANGES
cdef PyTypeObject *_type = <PyTypeObject *>Value
assert _type.tp_basicsize == VG_NODE_SIZE


cdef inline PyObject *_allocate() except NULL:
    """A new leaf, all zero."""
    cdef PyObject *node = <PyObject *>vg_allocate()
    if node == NULL:
        raise MemoryError
    begin_node(node, _type)
    (<Value>node).operation = LEAF
    return node


cdef PyObject *_new(PyTypeObject *_, Py_ssize_t __) except NULL:
    """For Value() in Python."""
    return _allocate()


cdef void _release(PyObject *node) noexcept:
    """Free a node, and every node that this frees: in a loop, for a chain of them may be a million deep."""
    cdef PyObject *pending = NULL
    cdef Rare *rare
    _drop_names(node)
    while True:
        if weak_references(node) != NULL:
            PyObject_ClearWeakRefs(node)
        _drop(&pending, (<Value>node).operand[0])
        _drop(&pending, (<Value>node).operand[1])
        prefetch(<PyObject *>(<char *>node - BEYOND * VG_NODE_SIZE))
        prefetch(<PyObject *>(<char *>node - BEYOND * VG_NODE_SIZE + 64))
        rare = (<Value>node).rare
        if (<Value>node).operation == FOLDED:
            _drop(&pending, <PyObject *>rare)
        elif rare != NULL:
            _drop(&pending, rare.operand)
            Py_XDECREF(rare.label)
            Py_XDECREF(rare.operation)
            free(rare)
        vg_free(node)
        if pending == NULL:
            return
        node = pending
        pending = (<Value>node).names


cdef inline void _drop(PyObject **pending, PyObject *operand) noexcept:
    """One reference less; if it was the last one, the operand is pending."""
    if operand == NULL:
        return
    if Py_REFCNT(operand) > 1:
        Py_DECREF(operand)
        return
    Py_SET_REFCNT(operand, 0)
    _drop_names(operand)
    (<Value>operand).names = pending[0]
    pending[0] = operand


cdef inline void _drop_names(PyObject *node) noexcept:
    cdef PyObject *names = (<Value>node).names
    (<Value>node).names = NULL
    Py_XDECREF(names)


Py_INCREF(Value)  # for all nodes, which own no reference to it
# Cython would take the memory from Python's allocator, and release operands recursively
_type.tp_alloc = _new
_type.tp_dealloc = _release


def _refuse_subclass(cls):
    raise TypeError(f"Value cannot be subclassed, as {cls.__name__} does; hold a Value in an attribute instead")


Value.__init_subclass__ = classmethod(_refuse_subclass)  # Cython has no such method in an extension type
# errors of Python's own, such as that of x < "1", name the class as the reference does
_type.tp_name = "Value"
Value.__module__ = "autograd"
