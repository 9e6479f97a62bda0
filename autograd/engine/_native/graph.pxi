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


def made_by(nodes, set operations not None):
    """The twin of chain_rule.made_by()."""
    cdef Value node
    cdef unsigned char wanted[256]
    cdef list found = []
    cdef int i
    for i in range(VG_OPERATIONS):
        wanted[i] = _names[i] in operations
    wanted[LEAF] = None in operations
    wanted[DOTTED] = "dot" in operations
    for x in nodes:
        node = <Value?>x
        if wanted[node.operation] if node.operation != FOREIGN else _operation_of(node).name in operations:
            found.append(x)
    return found


def operations_of(nodes):
    """The twin of decisions.operations_of()."""
    cdef unsigned char met[256]
    cdef set found = set()
    memset(met, 0, 256)
    for x in nodes:
        if not met[(<Value?>x).operation]:
            met[(<Value>x).operation] = (<Value>x).operation != FOREIGN
            found.add((<Value>x).op)
    return found


def others(list order not None, *made):
    """The twin of trace.others(). Nodes in the lists are marked by their `place`, and no Python code may run then."""
    cdef list nodes
    cdef Py_ssize_t i
    former = bytearray(4 * len(order))
    marks = bytearray(len(order))
    cdef uint32_t *place = <uint32_t *>PyByteArray_AS_STRING(former)
    cdef char *is_other = PyByteArray_AS_STRING(marks)
    for nodes in (order, *made):
        for x in nodes:
            if type(x) is not Value:
                raise TypeError(f"others() takes lists of Values, got {type(x).__name__} in one")
    with _sweeping:
        for i in range(len(order)):
            place[i] = (<Value>PyList_GET_ITEM(<PyObject *>order, i)).place
            (<Value>PyList_GET_ITEM(<PyObject *>order, i)).place = UINT32_MAX
        for nodes in made:
            for i in range(len(nodes)):
                if (<Value>PyList_GET_ITEM(<PyObject *>nodes, i)).place == UINT32_MAX:
                    (<Value>PyList_GET_ITEM(<PyObject *>nodes, i)).place = 0
        for i in range(len(order)):
            is_other[i] = (<Value>PyList_GET_ITEM(<PyObject *>order, i)).place != 0
        for i in range(len(order) - 1, -1, -1):
            (<Value>PyList_GET_ITEM(<PyObject *>order, i)).place = place[i]
    return [order[i] for i in range(len(order)) if is_other[i]]


def operand_places(list order not None):
    """The twin of graph.operand_places(). While nodes have their positions in `place`, no Python code may run."""
    cdef Py_ssize_t count = len(order), used = 0, i, k
    cdef const Terms *terms
    cdef PyObject *node
    cdef int j
    starts = bytearray(4 * count + 4)
    cdef int *start = <int *>PyByteArray_AS_STRING(starts)
    for i in range(count):
        start[i] = <int>used
        used += _arity(<Value?>order[i])
    start[count] = <int>used
    memory = bytearray(4 * count), bytearray(4 * used)
    cdef uint32_t *former = <uint32_t *>PyByteArray_AS_STRING(memory[0])
    cdef int *found = <int *>PyByteArray_AS_STRING(memory[1])
    with _sweeping:
        for i in range(count):
            former[i] = (<Value>PyList_GET_ITEM(<PyObject *>order, i)).place
            (<Value>PyList_GET_ITEM(<PyObject *>order, i)).place = <uint32_t>i + 1
        for i in range(count):
            node = PyList_GET_ITEM(<PyObject *>order, i)
            used = start[i]
            if (<Value>node).operation == DOTTED:
                terms = <Terms *>(<Value>node).rare
                for j in range(2):
                    for k in range(terms.count):
                        found[used] = _position(<PyObject *>terms.term[k].operand[j], order, count)
                        used += 1
                continue
            for k in range(start[i + 1] - used):
                found[used] = _position(_value_operand(node, <int>k), order, count)
                used += 1
        for i in range(count - 1, -1, -1):
            (<Value>PyList_GET_ITEM(<PyObject *>order, i)).place = former[i]
    return starts, memory[1]


def operand_flows(list nodes not None):
    """The gradient of each node times its partial derivative by each operand, 0.0 where no gradient flows."""
    cdef Py_ssize_t used = 0, i
    for node in nodes:
        used += _arity(<Value?>node)
    memory = bytearray(8 * used)
    cdef double *flow = <double *>PyByteArray_AS_STRING(memory)
    for node in nodes:
        for i in range(_arity(<Value>node)):
            flow[0] = (<Value>node).gradient * _slope(<Value>node, i) if _flows(<Value>node, i) else 0.0
            flow += 1
    return memory


def is_outdated(list nodes not None):
    """The twin of outdated.is_outdated()."""
    for node in nodes:
        if (<Value?>node).operation == DOTTED:
            if _is_dot_outdated(node):
                return True
        elif (<Value>node).operation < VG_OPERATIONS and _is_node_outdated(node):
            return True
    return False


cdef bint _is_dot_outdated(Value node) noexcept:
    cdef const Terms *terms = <Terms *>node.rare
    cdef Py_ssize_t i
    cdef int j
    for i in range(terms.count):
        for j in range(2):
            if terms.term[i].operand[j] != NULL and _differs(
                (<Value>terms.term[i].operand[j]).number, terms.term[i].number[j]
            ):
                return True
    return False


cdef bint _is_node_outdated(Value node) noexcept:
    cdef double[3] numbers
    cdef double[3] slopes
    cdef PyObject *operand
    cdef int arity = vg_operations[node.operation].arity, i
    numbers[0] = numbers[1] = numbers[2] = slopes[0] = slopes[1] = slopes[2] = 0.0
    for i in range(arity):
        operand = _value_operand(<PyObject *>node, i)
        numbers[i] = (<Value>operand).number if operand != NULL else node.slope[i] if i < 2 else node.rare.slope
    if _differs(vg_value(node.operation, numbers[0], numbers[1], numbers[2]), node.number):
        return True
    vg_slopes(node.operation, node.number, numbers[0], numbers[1], numbers[2], node.flows & 7, slopes)
    for i in range(arity):
        if node.flows >> i & 1 and _differs(slopes[i], node.slope[i] if i < 2 else node.rare.slope):
            return True
    return False


cdef inline bint _differs(double a, double b) noexcept:
    return a != b and (a == a or b == b)


cdef int _position(PyObject *operand, list order, Py_ssize_t count) noexcept:
    """The position of an operand in the order, by its place; -1 for a constant, and for what is not in the order."""
    cdef uint32_t place = 0 if operand == NULL else (<Value>operand).place
    if 0 < place <= count and PyList_GET_ITEM(<PyObject *>order, place - 1) == operand:
        return <int>place - 1
    return -1


cdef struct Listed:
    # the steps so far
    int *codes
    int *starts
    int *operands
    Py_ssize_t count
    Py_ssize_t used
    double *constants  # in the order in which they are used
    Py_ssize_t *positions  # where they stand among the operands
    Py_ssize_t n_constants
    bint is_incomplete  # an operand is not in the order


def list_steps(list order not None, dict registers not None, list wanted not None, int first, code_of, constant):
    """The twin of trace.list_steps(). Its last arguments give the number of a name, and the operand of a constant.

    While the steps are listed, each node has its position in `place`, and no Python code may run.
    """
    from array import array

    cdef Py_ssize_t count = len(order), room = 1, i
    cdef Listed listed
    cdef Value node
    memory = [bytearray(4 * size + 4) for size in (count, count, count, count, len(wanted))]
    cdef int *register = <int *>PyByteArray_AS_STRING(memory[0])
    cdef int *code = <int *>PyByteArray_AS_STRING(memory[1])
    cdef int *arity = <int *>PyByteArray_AS_STRING(memory[2])
    cdef uint32_t *former = <uint32_t *>PyByteArray_AS_STRING(memory[3])
    cdef int *wanted_register = <int *>PyByteArray_AS_STRING(memory[4])  # -1 for none
    cdef uint32_t place
    for x in wanted:
        if type(x) is not Value:
            raise TypeError(f"list_steps() takes Values, got {type(x).__name__} in a list")
    cdef int code_of_number[256]
    for i in range(VG_OPERATIONS):
        code_of_number[i] = -1
    for i in range(count):
        node = <Value?>order[i]
        arity[i] = _arity(node)
        room += 2 * arity[i] + 1
        if node.operation == LEAF:
            register[i] = registers[node]
        elif node.operation == FOREIGN:
            code[i] = code_of(_operation_of(node).name)
        elif node.operation != DOTTED:
            if code_of_number[node.operation] < 0:
                code_of_number[node.operation] = code_of(_names[node.operation])
            code[i] = code_of_number[node.operation]
    cdef int multiply = code_of("multiply"), add = code_of("add")
    lists = [bytearray(size * room) for size in (4, 4, 4, 8, 8)]
    memset(&listed, 0, sizeof(Listed))
    listed.codes = <int *>PyByteArray_AS_STRING(lists[0])
    listed.starts = <int *>PyByteArray_AS_STRING(lists[1])
    listed.operands = <int *>PyByteArray_AS_STRING(lists[2])
    listed.constants = <double *>PyByteArray_AS_STRING(lists[3])
    listed.positions = <Py_ssize_t *>PyByteArray_AS_STRING(lists[4])
    with _sweeping:
        for i in range(count):
            former[i] = (<Value>PyList_GET_ITEM(<PyObject *>order, i)).place
            (<Value>PyList_GET_ITEM(<PyObject *>order, i)).place = <uint32_t>i + 1
        for i in range(count):
            if (<Value>PyList_GET_ITEM(<PyObject *>order, i)).operation == LEAF:
                continue
            if (<Value>PyList_GET_ITEM(<PyObject *>order, i)).operation == DOTTED:
                _list_dot(&listed, PyList_GET_ITEM(<PyObject *>order, i), register, first, multiply, add)
            else:
                _list_operands(&listed, PyList_GET_ITEM(<PyObject *>order, i), arity[i], register)
                _list_step(&listed, code[i])
            register[i] = first + <int>listed.count - 1
        for i in range(len(wanted)):
            place = (<Value>PyList_GET_ITEM(<PyObject *>wanted, i)).place
            wanted_register[i] = -1
            if 0 < place <= count and PyList_GET_ITEM(<PyObject *>order, place - 1) == PyList_GET_ITEM(<PyObject *>wanted, i):
                wanted_register[i] = register[place - 1]
        for i in range(count - 1, -1, -1):
            (<Value>PyList_GET_ITEM(<PyObject *>order, i)).place = former[i]
    if listed.is_incomplete:
        raise KeyError("an operand does not come before its result")
    for i in range(len(wanted)):
        if wanted_register[i] >= 0:
            registers[wanted[i]] = wanted_register[i]
    _set_constants(&listed, constant)
    sizes = listed.count, listed.count + 1, listed.used
    return tuple([array("i", bytes(numbers[:4 * size])) for numbers, size in zip(lists, sizes)])


cdef int _set_constants(Listed *listed, constant) except -1:
    """Put in the operands of constants. Most of them are among the last different ones."""
    cdef uint64_t bits
    cdef uint64_t recent[64]
    cdef int operand[64]
    cdef Py_ssize_t i
    cdef int slot
    for slot in range(64):
        operand[slot] = 0  # no operand of a constant
    for i in range(listed.n_constants):
        memcpy(&bits, &listed.constants[i], sizeof(bits))
        slot = <int>((bits ^ bits >> 32 ^ bits >> 48) % 64)
        if operand[slot] == 0 or recent[slot] != bits:
            recent[slot] = bits
            operand[slot] = constant(listed.constants[i])
        listed.operands[listed.positions[i]] = operand[slot]
    return 0


cdef void _list_step(Listed *listed, int code) noexcept:
    listed.codes[listed.count] = code
    listed.count += 1
    listed.starts[listed.count] = <int>listed.used


cdef void _list_operand(Listed *listed, PyObject *operand, double number, const int *register) noexcept:
    if operand != NULL and (<Value>operand).place == 0:
        listed.is_incomplete = True
    elif operand != NULL:
        listed.operands[listed.used] = register[(<Value>operand).place - 1]
    else:
        listed.constants[listed.n_constants] = number
        listed.positions[listed.n_constants] = listed.used
        listed.n_constants += 1
    listed.used += 1


cdef void _list_operands(Listed *listed, PyObject *node, int arity, const int *register) noexcept:
    cdef PyObject *operand
    cdef int i
    for i in range(arity):
        operand = _value_operand(node, i)
        if i < 2:
            _list_operand(listed, operand, (<Value>node).slope[i], register)
        else:
            _list_operand(listed, operand, 0.0 if operand != NULL else (<Value>node).rare.slope, register)


cdef void _list_dot(Listed *listed, PyObject *node, const int *register, int first, int multiply, int add) noexcept:
    cdef const Terms *terms = <Terms *>(<Value>node).rare
    cdef Py_ssize_t i
    cdef int j
    for i in range(terms.count):
        for j in range(2):
            _list_operand(listed, <PyObject *>terms.term[i].operand[j], terms.term[i].number[j], register)
        _list_step(listed, multiply)
        if i > 0:
            listed.operands[listed.used] = first + <int>listed.count - 2
            listed.operands[listed.used + 1] = first + <int>listed.count - 1
            listed.used += 2
            _list_step(listed, add)
