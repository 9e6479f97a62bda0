# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
# cython: c_api_binop_methods=True, cdivision=True, binding=False, always_allow_keywords=True
# cython: auto_pickle=False, embedsignature=True, embedsignature.format=clinic
"""Value: the compiled engine, the twin of `autograd/engine/value.py`, with the same nodes and the same bits.

Read `value.py` first; this file says what differs. It holds the class and includes five more files: `modes.pxi` (which
modes hold), `recording.pxi` (how nodes are made), `sweep.pxi` (the sort and the chain rule), `graph.pxi` (the chain rule
as a graph), `lifetime.pxi` (memory).
`kernels.py` writes the arithmetic, `kernels.h`, from the table of operations. `slabs.h` allocates nodes.

A node takes 96 bytes and has room for two operands. A label or a third operand is stored beside it, because few nodes
have one. Nodes cannot form a cycle, so the garbage collector does not visit them.
"""

import contextlib
import os
import sys
import threading

cimport cython
from cpython.object cimport PyObject, PyObject_RichCompare
from cpython.ref cimport Py_INCREF
from libc.stdint cimport UINT32_MAX, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcpy, memset

from autograd.engine import state
from autograd.engine.attributes import Attributes, check_leaf, checked_state, refuse_backward, refuse_more
from autograd.engine.keeping import keep
from autograd.engine.modes import Mode, checked_names, scope, scopes
from autograd.engine.number import MISSING, Number
from autograd.engine.watch import UNDER_WAY, compared_unwatched, read_unwatched
from autograd.operations.coercion import check_listed, comparable, incomparable, defers, elementwise, like, listed, real
from autograd.operations.operation import Binary, Ternary, Unary, VectorBinary

cdef extern from "kernels.h":
    ctypedef struct vg_operation:
        const char *name
        uint8_t arity
        uint8_t flows
        double (*value)(double a, double b, double c) noexcept nogil
        void (*slopes)(double y, double a, double b, double c, unsigned wanted, double *slopes) noexcept nogil
    const vg_operation vg_operations[]
    double vg_value(int operation, double a, double b, double c) noexcept nogil
    void vg_slopes(int operation, double y, double a, double b, double c, unsigned wanted, double *slopes) noexcept nogil
    uint32_t VG_FINGERPRINT
    int VG_OPERATIONS

include "operations.pxi"  # written by kernels.py: the numbers of the operations, and a class of their methods

cdef extern from *:
    """#define VG_NODE_SIZE 96"""
    int VG_NODE_SIZE

cdef extern from "slabs.h":
    void *vg_allocate(size_t size) noexcept
    void vg_free(void *block, size_t size) noexcept

cdef extern from "Python.h":
    ctypedef struct PyCodeObject:
        int co_flags
        PyObject *co_filename
    ctypedef struct PyFrameObject:
        pass
    PyCodeObject *PyFrame_GetCode(PyFrameObject *frame)
    PyFrameObject *PyEval_GetFrame()
    ctypedef struct PyTypeObject:
        const char *tp_name
        Py_ssize_t tp_basicsize
        PyObject *(*tp_call)(PyObject *, PyObject *, PyObject *) except NULL
        PyObject *(*tp_alloc)(PyTypeObject *, Py_ssize_t) except NULL
        void (*tp_dealloc)(PyObject *) noexcept
        int (*tp_setattro)(PyObject *, PyObject *, PyObject *) except -1
    ctypedef struct PyMethodDef:
        pass
    ctypedef struct PyMethodDescrObject:
        PyMethodDef *d_method
    int PyObject_GenericSetAttr(PyObject *, PyObject *, PyObject *) noexcept
    int PyErr_ExceptionMatches(PyObject *exception) noexcept
    object PyDescr_NewMethod(PyTypeObject *type, PyMethodDef *method)
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
    double PyFloat_AS_DOUBLE(PyObject *number)
    double PyLong_AsDouble(PyObject *number) noexcept
    PyObject *PyErr_Occurred()
    void PyErr_Clear()
    char *PyByteArray_AS_STRING(object bytes)
    PyObject *PyDict_GetItem(object dict, object key)
    Py_ssize_t PyList_GET_SIZE(PyObject *list)
    PyObject *PyList_GET_ITEM(PyObject *list, Py_ssize_t i)
    Py_ssize_t PyTuple_GET_SIZE(PyObject *tuple)
    PyObject *PyTuple_GET_ITEM(PyObject *tuple, Py_ssize_t i)
    PyObject **PySequence_Fast_ITEMS(PyObject *tuple)
    object PySequence_Fast(object sequence, const char *message)
    Py_ssize_t PySequence_Fast_GET_SIZE(object sequence)
    PyObject *PySequence_Fast_GET_ITEM(object sequence, Py_ssize_t i)

cdef extern from *:
    """
    #define owned(node) (node) /* gives a new reference to Cython, which will drop it */
    #define weak_references(node) (*(PyObject **)((char *)(node) + Py_TYPE(node)->tp_weaklistoffset))
    #if defined(__GNUC__) || defined(__clang__)
    #define prefetch(node) __builtin_prefetch(node)
    #else
    #define prefetch(node) ((void)(node))
    #endif
    #define LEAF_PLACE UINT32_MAX /* a place that no node can have; it marks a leaf */
    /* A node that is always in place. It stands for a constant operand, where a test for NULL would be a branch. */
    static PyObject *vg_absent[VG_NODE_SIZE / sizeof(PyObject *)];
    #define ABSENT ((PyObject *)vg_absent)
    #define _or_absent(operand) ((operand) ? (operand) : ABSENT)
    /* PyObject_Init without a reference to the class, which is never freed. */
    #if defined(Py_REF_DEBUG) || defined(Py_TRACE_REFS)
    #define begin_node(node, type) (memset(node, 0, VG_NODE_SIZE), PyObject_Init(node, type))
    #elif defined(__GNUC__) || defined(__clang__)
    #define begin_node(node, type) \
        (__builtin_memset(node, 0, VG_NODE_SIZE), Py_SET_TYPE(node, type), Py_SET_REFCNT(node, 1))
    #else
    #define begin_node(node, type) (memset(node, 0, VG_NODE_SIZE), Py_SET_TYPE(node, type), Py_SET_REFCNT(node, 1))
    #endif
    """
    uint32_t LEAF_PLACE
    PyObject *ABSENT
    PyObject *_or_absent(PyObject *operand) noexcept
    object owned(PyObject *node)
    void begin_node(PyObject *node, PyTypeObject *type) noexcept
    PyObject *weak_references(PyObject *node)
    void prefetch(PyObject *node) noexcept

cdef enum:
    SUSPENDABLE = 0x20 | 0x80 | 0x200  # flags of the code of generators, coroutines and asynchronous generators
    LEAF = 255  # instead of the number of an operation: the node is a leaf
    FOREIGN = 254  # an operation that the kernels do not have, because a user defined it at run time
    DOTTED = 253  # a dot product, which has any number of operands: see Terms
    BLOCKED = 128  # a bit of `flows`: some operands get no gradient
    UNRECORDED = 64  # a bit of `flows`: the leaf is the result of an operation within no_grad()
    PATIENCE = 1 << 16  # nodes between two checks for signals: 10 ms if every node misses the cache
    BEYOND = 64  # nodes from here to the memory to prefetch, where nodes lie in order
    BELOW = 4  # the same, backwards, where the sort goes down a chain
    AHEAD = 32  # turns from here to the node to prefetch, where the order is known
    KEPT_NODES = 1 << 18  # a sweep over at most so many nodes leaves its memory to the next one: 8 MB

ctypedef struct Rare:
    # what few nodes have
    PyObject *label
    PyObject *operation  # for a FOREIGN node
    PyObject *operand  # the third operand, and its slope
    double slope


ctypedef struct Term:
    # one term of a dot product: an element of each vector
    PyObject *operand[2]  # a Value, or NULL for a constant
    double number[2]  # when it was recorded; the slope by one element is the number of the other

ctypedef struct Terms:
    # what is stored beside a DOTTED node
    PyObject *label  # NULL for none
    Py_ssize_t count
    Term term[1]  # the others follow


cdef class Value:
    """A real number (float64) that records the operations it takes part in.

    Args:
        data: the number; anything real: int, float, bool, Fraction, Decimal, a NumPy scalar.
        label: a name for pictures. As in micrograd, it may also be the fourth argument, after `()` and `""`.

    Raises:
        TypeError: data is not a real number.

    >>> a = Value(2.0, label="a")
    >>> y = (a * 3 + 1).tanh()
    >>> y.backward()
    >>> f"{a.grad:.6g}"
    '9.97833e-06'
    """

    # what sorting and releasing read comes first; with the 16 bytes of every object it fills a cache line of 64 bytes
    cdef PyObject *operand[2]  # NULL for a constant; then slope holds its number
    cdef PyObject *names  # the tuple of scopes, NULL for none; in a node that waits to be freed, the next such node
    cdef Rare *rare  # for a DOTTED node, its Terms
    cdef uint32_t place  # its place in the current sweep, from 1 on; 0 outside of a sweep
    cdef uint8_t operation  # its number, or LEAF, FOREIGN, DOTTED
    cdef uint8_t flows  # a bit for each operand that gets a gradient
    cdef object __weakref__
    cdef double number
    cdef double gradient
    cdef double slope[2]

    def __cinit__(self):
        self.operation = LEAF

    def __init__(self, data, _children=(), _op="", label=""):
        if _children or _op:
            check_leaf(_children, _op)
        if self.operation != LEAF:
            raise TypeError(f"Value.__init__() makes a leaf, but this node was made by {self.op}; call Value(data)")
        self.number = _checked(data)
        self.gradient = 0.0
        self.flows = 0
        _take_label(self, label)
        _take_names(self, _modes().names)
        if _modes().watch != NULL:
            (<object>_modes().watch).recorded(self)

    # ----------------------------------------------------------------------- what a node knows

    @property
    def data(self):
        """The number. A change of it does not change partials that are recorded, nor the gradients they give."""
        return _read(self, ".data")

    @data.setter
    def data(self, number):
        cdef double x = as_number(<PyObject *>number, "Value.data")
        _tell_read(self, ".data =")
        self.number = x

    @data.deleter
    def data(self):
        raise AttributeError("property 'data' of 'Value' object has no deleter")

    @property
    def grad(self):
        """The derivative by this node that backward() stored last; a leaf sums up those of all calls."""
        _tell_read(self, ".grad")
        return self.gradient

    @grad.setter
    def grad(self, number):
        cdef double x = 0.0 if number is None else as_number(<PyObject *>number, "Value.grad")
        _tell_read(self, ".grad =")
        self.gradient = x

    @grad.deleter
    def grad(self):
        raise AttributeError("property 'grad' of 'Value' object has no deleter")

    @property
    def label(self):
        """The name that pictures show; '' for none."""
        cdef PyObject **label = _label(self)
        return "" if label == NULL or label[0] == NULL else <object>label[0]

    @label.setter
    def label(self, text):
        _take_label(self, text)

    @label.deleter
    def label(self):
        raise AttributeError("property 'label' of 'Value' object has no deleter")

    @property
    def op(self):
        """The name of the operation that made this node; None for a leaf."""
        return None if self.operation == LEAF else _operation_of(self).name

    @property
    def operands(self):
        """The arguments of the operation: Values, and constants as floats. For dot(a, b) they are (*a, *b)."""
        if self.operation < VG_OPERATIONS and vg_operations[self.operation].arity == 2:  # a fast path for most nodes
            return _operand(self, 0), _operand(self, 1)
        return tuple([_operand(self, i) for i in range(_arity(self))])

    @property
    def inputs(self):
        """The operands that a gradient flows to."""
        return tuple([_operand(self, i) for i in range(_arity(self)) if _flows(self, i)])

    @property
    def partials(self):
        """The partial derivative of this node by each of its inputs, as recorded."""
        _tell_read(self, ".partials")
        return tuple([_slope(self, i) for i in range(_arity(self)) if _flows(self, i)])

    @property
    def scope(self):
        """The names of the scopes in which it was recorded, outermost first."""
        return () if self.names == NULL else <object>self.names

    @scope.setter
    def scope(self, path):
        global _checked_path
        if path is not _checked_path:  # many Values get the same one
            path = _checked_path = checked_names(path)
        _take_names(self, <PyObject *>path if path else NULL)

    @scope.deleter
    def scope(self):
        raise AttributeError("property 'scope' of 'Value' object has no deleter")

    @property
    def _number(self):
        return self.number

    @property
    def _grad(self):
        return self.gradient

    @property
    def _operation(self):
        return None if self.operation == LEAF else _operation_of(self)

    @property
    def _slopes(self):
        if self.operation < VG_OPERATIONS and vg_operations[self.operation].arity == 2:
            return _slope(self, 0) if self.flows & 1 else None, _slope(self, 1) if self.flows & 2 else None
        if self.flows & UNRECORDED:
            return (None,)
        return tuple([_slope(self, i) if _flows(self, i) else None for i in range(_arity(self))])

    # ----------------------------------------------------------------------- operators

    def __add__(left, right):
        return binary(VG_ADD, left, right)

    def __sub__(left, right):
        return binary(VG_SUBTRACT, left, right)

    def __mul__(left, right):
        return binary(VG_MULTIPLY, left, right)

    def __truediv__(left, right):
        return binary(VG_DIVIDE, left, right)

    def __mod__(left, right):
        return binary(VG_REMAINDER, left, right)

    def __floordiv__(left, right):
        return binary(VG_FLOOR_DIVIDE, left, right)

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

    def backward(self, gradient=1.0, *others):
        """Differentiate this node by every node that it depends on, and store each derivative in `.grad`.

        In a leaf the derivative is added to `.grad`; in any other node it replaces `.grad`. A second call gives
        the same derivatives, even if `.data` was changed in between.

        Args:
            gradient: multiplies all derivatives, such as the derivative of a later result by this node.

        Raises:
            TypeError: gradient is not a real number, or there are more arguments.
            RuntimeError: the number was computed within no_grad(), so that it depends on nothing.

        >>> x = Value(3.0)
        >>> (x * x * x).backward()
        >>> x.grad
        27.0
        """
        if others:
            refuse_more(others)
        cdef double factor = as_number(<PyObject *>gradient, "backward")
        if self.flows & UNRECORDED:
            refuse_backward()
        cdef Modes *modes = _modes()
        if modes.reader != NULL:
            (<object>modes.reader).differentiating(self, factor)
        with _sweeping:
            _sweep(self, factor, None)

    def zero_grad(self):
        """Set `.grad` of this node to 0."""
        _tell_read(self, ".grad =")
        self.gradient = 0.0

    def detach(self):
        """A new leaf with the same number and label, through which no gradient flows."""
        if _is_traced(_modes()):
            return unary(VG_STOP_GRADIENT, self)
        return Value(self.number, label=self.label)

    # ----------------------------------------------------------------------- as a number

    def __float__(self):
        return _read(self, "float()")

    def __int__(self):
        return int(_read(self, "int()"))

    def __bool__(self):
        cdef bint holds = self.number != 0.0
        _tell_compared(self, "!=", 0.0, holds)
        return holds

    def __richcmp__(self, other, int operator):
        if type(other) is Value:
            number = (<Value>other).number
        else:
            number = other if type(other) is float or type(other) is int else comparable(other)
        if number is None:
            return NotImplemented if operator in (2, 3) else incomparable(_COMPARISONS[operator], other)  # not for == and !=
        cdef bint holds = PyObject_RichCompare(self.number, number, operator)
        _tell_compared(self, _COMPARISONS[operator], other, holds)
        return holds

    def __hash__(self):
        return <Py_hash_t>(<size_t><void *>self >> 4)  # as for object, whose last four bits are 0

    # ----------------------------------------------------------------------- life of a node

    def __setstate__(self, state):
        gradient, label, scope = checked_state(state)
        self.gradient = gradient
        self.label = label
        _take_names(self, <PyObject *>scope if scope else NULL)

    # ----------------------------------------------------------------------- how the table calls

    def _record(self, operation, operands):
        """The node of an operation on numbers; at least one operand is a Value."""
        return _record(operation, operands)

    def _record_vectors(self, operation, a, b):
        """The node of an operation on two vectors, such as dot; at least one element is a Value."""
        return _dotted(operation, a, b)


# --------------------------------------------------------------------------- what a node knows

cdef tuple _COMPARISONS = ("<", "<=", "==", "!=", ">", ">=")  # by Py_LT, ...


cdef inline object _read(Value node, str how):
    """The number, for the program; the watch, or those of other threads, are told."""
    _tell_read(node, how)
    return node.number


cdef inline int _tell_read(Value node, str how) except -1:
    """Tell the watch, or those of other threads, that the program reads or changes a number of a node."""
    cdef Modes *modes = _modes()
    if modes.reader != NULL:
        (<object>modes.reader).reading(node, how)
    elif PyList_GET_SIZE(<PyObject *>_under_way):
        read_unwatched(node, how)
    return 0


cdef inline int _tell_compared(Value a, str operator, object b, bint holds) except -1:
    """Tell the watch, or those of other threads, of a comparison."""
    cdef Modes *modes = _modes()
    if modes.watch != NULL:
        (<object>modes.watch).compared(a, operator, b, holds)
    elif modes.reader == NULL and PyList_GET_SIZE(<PyObject *>_under_way):
        compared_unwatched(a, b)
    return 0


cdef object _operation_of(Value node):
    if node.operation == FOREIGN:
        return <object>node.rare.operation
    return _dot if node.operation == DOTTED else _operations[node.operation]


cdef Py_ssize_t _arity(Value node) except -1:
    if node.operation == LEAF:
        return 0
    if node.operation == DOTTED:
        return 2 * (<Terms *>node.rare).count
    return len(_operation_of(node).formulas) if node.operation == FOREIGN else vg_operations[node.operation].arity


cdef inline PyObject *_value_operand(PyObject *node, int i) noexcept:
    """The i-th operand if it is a Value, otherwise NULL; borrowed."""
    cdef Rare *rare = (<Value>node).rare
    if i < 2:
        return (<Value>node).operand[i]
    return NULL if rare == NULL else rare.operand


cdef inline PyObject *_operand_of(const Terms *terms, Py_ssize_t i) noexcept:
    """The i-th operand of a dot product: the elements of the first vector, then those of the second."""
    return terms.term[i].operand[0] if i < terms.count else terms.term[i - terms.count].operand[1]


cdef object _operand(Value node, Py_ssize_t i):
    cdef Terms *terms = <Terms *>node.rare
    cdef PyObject *operand
    if node.operation != DOTTED:
        operand = _value_operand(<PyObject *>node, i)
        return _slope(node, i) if operand == NULL else <object>operand
    operand = _operand_of(terms, i)
    return terms.term[i % terms.count].number[i // terms.count] if operand == NULL else <object>operand


cdef bint _flows(Value node, Py_ssize_t i) noexcept:
    """Whether a gradient flows to the i-th operand."""
    cdef Terms *terms = <Terms *>node.rare
    if node.operation != DOTTED:
        return node.flows >> i & 1
    return _operand_of(terms, i) != NULL


cdef object _slope(Value node, Py_ssize_t i):
    cdef Terms *terms = <Terms *>node.rare
    if node.operation != DOTTED:
        return node.slope[i] if i < 2 else node.rare.slope
    return terms.term[i % terms.count].number[1 - i // terms.count]


cdef Rare *_rare(PyObject *node) except NULL:
    if (<Value>node).rare == NULL:
        (<Value>node).rare = <Rare *>calloc(1, sizeof(Rare))
        if (<Value>node).rare == NULL:
            raise MemoryError
    return (<Value>node).rare


cdef PyObject **_label(Value node) noexcept:
    """Where the label is stored; NULL if there is no place for one yet."""
    if node.operation == DOTTED:
        return &(<Terms *>node.rare).label
    return NULL if node.rare == NULL else &node.rare.label


cdef int _take_label(Value node, object text) except -1:
    if not isinstance(text, str):
        raise TypeError(f"Value.label takes a str, got {type(text).__name__}; write str(label)")
    if not text and node.rare == NULL:
        return 0
    if node.rare == NULL:
        _rare(<PyObject *>node)
    cdef PyObject **label = _label(node)
    cdef PyObject *former = label[0]
    Py_INCREF(text)
    label[0] = <PyObject *>text
    Py_XDECREF(former)
    return 0


cdef tuple _checked_path = ()


cdef int _take_names(Value node, PyObject *names) except -1:
    cdef PyObject *former = node.names
    Py_XINCREF(names)
    node.names = names
    Py_XDECREF(former)
    return 0


cdef int _set_attribute(PyObject *node, PyObject *name, PyObject *value) except -1:
    """Set an attribute that the class has, or keep another one beside the node, which has no room for it."""
    if PyObject_GenericSetAttr(node, name, value) == 0:
        return 0
    if value == NULL or not PyErr_ExceptionMatches(<PyObject *>AttributeError):
        return -1
    PyErr_Clear()
    if hasattr(Value, <object>name):
        return PyObject_GenericSetAttr(node, name, value)  # fails again
    keep(<object>node, <object>name, <object>value)
    return 0

include "modes.pxi"
include "recording.pxi"
include "sweep.pxi"
include "graph.pxi"
include "lifetime.pxi"

# --------------------------------------------------------------------------- replacing Python's functions


def fingerprint():
    """The fingerprint of the operations from which the kernels were made."""
    return VG_FINGERPRINT


def layout():
    """The offsets of the number and the gradient in a node, in bytes, for the machine that runs compiled programs."""
    cdef Value node = Value(0.0)
    return <char *>&node.number - <char *><PyObject *>node, <char *>&node.gradient - <char *><PyObject *>node


def bind(table, dot):
    """Let these operations record Values of this engine directly."""
    global _dot
    _dot = dot
    for i in range(VG_OPERATIONS):
        operation = table[vg_operations[i].name.decode()]
        _operations.append(operation)
        _names.append(operation.name)
        _formulas.append(tuple([_SIMPLE.get(formula, formula) for formula in operation.formulas]))
        _number(operation, i)
    Binary.reduce, Binary.map = reduce, map
    Mode.__enter__, Mode.__exit__, scopes.__enter__ = enter, leave, enter_scopes
    # set the slot, because Python takes as long to find __call__ of a class as to call it
    (<PyTypeObject *>Unary).tp_call = _call_operation
    (<PyTypeObject *>Binary).tp_call = _call_operation
    (<PyTypeObject *>Ternary).tp_call = _call_operation
    (<PyTypeObject *>VectorBinary).tp_call = _call_vectors


# what takes no time is taken from the readable engine, with other names for four attributes
Value._label, Value._scope, Value._operands = Value.label, Value.scope, Value.operands
for name in (
    "__repr__", "__format__", "__floor__", "__ceil__", "__trunc__", "__round__", "__divmod__", "__rdivmod__",
    "real", "imag", "conjugate", "fabs", "deg2rad", "rad2deg",
    "__array_function__", "__index__", *MISSING,
):
    setattr(Value, name, vars(Number)[name])
for name in "__reduce_ex__", "_repr_mimebundle_", "_prev", "_op", "_has_constant_exponent", "_backward":
    setattr(Value, name, vars(Attributes)[name])

# Python calls a method in half the time if it belongs to the class of the object itself, and not to a base
for name, method in vars(Methods).items():
    if name[0] != "_":
        setattr(Value, name, PyDescr_NewMethod(_type, (<PyMethodDescrObject *><PyObject *>method).d_method))

Py_INCREF(Value)  # once, because nodes own no reference to their class
# Cython's own functions take memory from Python's allocator, and release operands recursively
_type.tp_alloc = _new
_type.tp_dealloc = _release
_type.tp_setattro = _set_attribute


def _refuse_subclass(cls):
    raise TypeError(f"Value cannot be subclassed, as {cls.__name__} does; hold a Value in an attribute instead")


Value.__init_subclass__ = classmethod(_refuse_subclass)  # Cython has no such method in an extension type
# Python's own errors, such as that of x < "1", name the class as those of the readable engine do
_type.tp_name = "Value"
Value.__module__ = "autograd"
