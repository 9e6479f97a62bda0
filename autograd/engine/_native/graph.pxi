# Sweeps that make or read graphs, for derivatives/chain_rule.py and compiler/trace.py; a part of engine.pyx.


def depending_on(inputs, list order not None):
    """The inputs, and the nodes from which a gradient flows to one of them: the twin of chain_rule.depending_on()."""
    cdef set depending = set()
    cdef Value node
    cdef Py_ssize_t i
    for x in order:
        node = <Value?>x
        if x in inputs:
            depending.add(x)
            continue
        for i in range(_arity(node)):
            if _flows(node, i) and _operand(node, i) in depending:
                depending.add(x)
                break
    return depending


def propagate(list order not None, dict derivatives not None, set depending not None, watch, general):
    """Reverse mode as a graph: from the last node back, add derivative times partial to the derivative of each operand.

    Args:
        order: the nodes, operands before results.
        derivatives: the derivative by each node that a gradient has reached; the roots at first.
        depending: the nodes to which gradients flow.
        watch: is told of each product, or None.
        general: does the same at one node. It serves operations that the kernels do not have, and raises if the number
            of an operand has changed since the node was recorded.
    """
    cdef Value node
    cdef PyObject *derivative
    cdef bint is_done
    for x in reversed(order):
        node = <Value?>x
        derivative = NULL if node.operation == LEAF else PyDict_GetItem(derivatives, x)
        if derivative == NULL:
            continue
        if node.operation == DOTTED:
            is_done = _propagate_dot(node, <object>derivative, derivatives, depending, watch)
        elif node.operation < VG_OPERATIONS:
            is_done = _propagate_graph(node, <object>derivative, derivatives, depending, watch)
        else:
            is_done = False
        if not is_done:
            general(x, <object>derivative)


cdef bint _propagate_graph(Value node, object derivative, dict derivatives, set depending, object watch) except -1:
    """The chain rule at one node; False if a partial is not the recorded one."""
    cdef tuple formulas = <tuple>PyList_GET_ITEM(<PyObject *>_formulas, node.operation)
    cdef tuple arguments = None
    cdef PyObject *operand
    cdef double slope
    cdef int i
    for i in range(vg_operations[node.operation].arity):
        operand = _value_operand(<PyObject *>node, i)
        if not (node.flows >> i & 1) or <object>operand not in depending:
            continue
        slope = node.slope[i] if i < 2 else node.rare.slope
        if watch is not None:
            watch.multiplying(node, i, slope, derivative)
        formula = formulas[i]
        if type(formula) is int:
            partial = _operand(node, formula)
        elif type(formula) is float:
            partial = formula
        else:
            if arguments is None:
                arguments = (node, *node.operands)
            partial = _operations[node.operation].partials[i](*arguments)
        if not _is_recorded(partial, slope):
            return False
        _add_product(derivatives, <object>operand, derivative, partial)
    return True


cdef bint _propagate_dot(Value node, object derivative, dict derivatives, set depending, object watch) except -1:
    """The same at a dot product: the partial by an element is the other factor of its product."""
    cdef const Terms *terms = <Terms *>node.rare
    cdef const Term *term
    cdef Py_ssize_t i
    cdef int j
    for j in range(2):
        for i in range(terms.count):
            term = &terms.term[i]
            if term.operand[j] == NULL or <object>term.operand[j] not in depending:
                continue
            if watch is not None:
                watch.multiplying(node, j * terms.count + i, term.number[1 - j], derivative)
            partial = term.number[1 - j] if term.operand[1 - j] == NULL else <object>term.operand[1 - j]
            if not _is_recorded(partial, term.number[1 - j]):
                return False
            _add_product(derivatives, <object>term.operand[j], derivative, partial)
    return True


cdef bint _is_recorded(object partial, double slope) except -1:
    """Whether a partial has the number that was recorded."""
    cdef double number = (<Value>partial).number if type(partial) is Value else partial
    return number == slope or (number != number and slope != slope)


cdef int _add_product(dict derivatives, object operand, object derivative, object partial) except -1:
    """Add derivative times partial to the derivative of an operand."""
    cdef PyObject *before = PyDict_GetItem(derivatives, operand)
    product = _product(derivative, partial)
    derivatives[operand] = product if before == NULL else <object>before + product
    return 0


cdef object _product(object derivative, object partial):
    """The product; a factor of 1 or -1 records no multiplication."""
    if type(partial) is float:
        if <double>partial == 1.0:
            return derivative
        if <double>partial == -1.0:
            return -derivative
    if type(derivative) is float and <double>derivative == 1.0:
        return partial
    return derivative * partial


# --------------------------------------------------------------------------- listings


def list_steps(list order not None, dict registers not None, Py_ssize_t first):
    """The twin of trace.list_steps()."""
    cdef list steps = []
    cdef Value node
    cdef Py_ssize_t i, n
    for x in order:
        node = <Value?>x
        if PyDict_GetItem(registers, x) != NULL:
            continue
        n = _arity(node)
        if node.operation == DOTTED:
            n //= 2
            for i in range(n):
                steps.append(_step("multiply", (_register(node, i, registers), _register(node, i + n, registers))))
                if i > 0:
                    steps.append(_step("add", (first + len(steps) - 2, first + len(steps) - 1)))
        elif n == 2:
            steps.append(_step(_operation_name(node), (_register(node, 0, registers), _register(node, 1, registers))))
        else:
            steps.append(_step(_operation_name(node), tuple([_register(node, i, registers) for i in range(n)])))
        registers[x] = first + len(steps) - 1
    return steps


cdef object _operation_name(Value node):
    return _names[node.operation] if node.operation < VG_OPERATIONS else _operation_of(node).name


cdef object _register(Value node, Py_ssize_t i, dict registers):
    operand = _operand(node, i)
    return operand if type(operand) is float else registers[operand]


cdef object _step(str name, tuple operands):
    """A step, whose tuples the garbage collector need not visit: they hold only texts and numbers."""
    PyObject_GC_UnTrack(<PyObject *>operands)
    step = (name, operands)
    PyObject_GC_UnTrack(<PyObject *>step)
    return step
