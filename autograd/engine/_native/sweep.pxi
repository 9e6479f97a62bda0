# The topological order and the chain rule; a part of engine.pyx.

_sweeping = threading.RLock()  # one sweep at a time uses `place`; reentrant, because a signal handler may sweep too
cdef Order *_current = NULL  # the order of the innermost current sweep


cdef struct Order:
    # arrays are indexed by place, from 1 on; place 0 takes sums that are ignored
    PyObject **nodes  # operands before results, borrowed from the root
    double *derivatives  # of the root by these nodes
    Edges *edges  # of these nodes
    uint32_t *former  # in a nested sweep: the places that the outer one needs again
    uint32_t outer  # how many places the outer sweeps use
    Order *enclosing  # the outer sweep, NULL for none
    Visit *visits
    Py_ssize_t count
    Py_ssize_t capacity
    Py_ssize_t height  # of the stack of visits
    Py_ssize_t visit_capacity
    bint is_blocked  # some operands get no gradient
    Py_ssize_t terms  # in all dot products that have a place
    bint is_done  # the places of the nodes are free again

cdef struct Edges:
    uint32_t operand[3]  # the places of the operands that get a gradient, 0 for others

cdef struct Visit:
    PyObject *node
    Py_ssize_t stage  # how many of its operands have been visited

cdef Order _abandoned  # the sweep of a thread that does not exist in this child process
cdef Order _kept  # the memory of the last sweep; to allocate it again would double the time of a sweep


def topological_order(*roots):
    """The roots and every node that they depend on, operands before results, in the order of arguments."""
    cdef Order order
    for root in roots:
        if type(root) is not Value:
            raise TypeError(f"topological_order() starts from Values, got {type(root).__name__}; pass the result alone")
    with _sweeping:
        _begin(&order)
        try:
            for root in roots:
                _sort(&order, <PyObject *>root)
            return [<object>order.nodes[i] for i in range(1, order.count + 1)]
        finally:
            _end(&order)


cdef void _begin(Order *order) noexcept:
    global _current
    if _current == NULL:
        memcpy(order, &_kept, sizeof(Order))
        memset(&_kept, 0, sizeof(Order))
    else:  # inside another sweep, in a signal handler or a finalizer
        memset(order, 0, sizeof(Order))
        order.outer = _current.outer + _current.count
    order.enclosing = _current
    _current = order


cdef void _end(Order *order) noexcept:
    global _current
    cdef Py_ssize_t i
    for i in range(1, 1 if order.is_done else order.count + 1):
        if i + AHEAD <= order.count:
            prefetch(<PyObject *>&(<Value>order.nodes[i + AHEAD]).place)
        (<Value>order.nodes[i]).place = 0 if order.former == NULL else order.former[i]
    free(order.former)
    order.former = NULL
    order.count = order.height = order.terms = order.is_blocked = order.is_done = 0
    _current = order.enclosing
    if _current == NULL and order.capacity <= KEPT_NODES and order.visit_capacity <= KEPT_NODES:
        memcpy(&_kept, order, sizeof(Order))
    else:
        free(order.nodes)
        free(order.derivatives)
        free(order.edges)
        free(order.visits)


cdef int _sort(Order *order, PyObject *node) except -1:
    """Place a node and all nodes that it depends on, operands before results.

    Most of the time is lost at two branches that are hard to predict: whether the first operand of a node must be
    visited, and whether the second must be.
    """
    cdef PyObject *operand
    cdef Py_ssize_t stage
    cdef Py_ssize_t patience = PATIENCE
    if not _is_to_visit(order, node):
        return 0
    while True:
        stage = 0
        while True:  # down, along first operands
            operand = (<Value>node).operand[0]
            if not _is_to_visit(order, operand):
                break
            _wait(&patience)
            prefetch(_or_absent((<Value>node).operand[1]))  # it is needed soon
            _put_off(order, node, 1)
            node = operand
        while True:  # up, as far as all other operands are in place
            _wait(&patience)
            operand = (<Value>node).operand[1]
            if (<Value>node).rare != NULL:
                operand = _operand_to_visit(order, node, &stage, &patience)
                if operand != NULL:
                    break
            elif _is_to_visit(order, operand):
                break
            _place(order, node)
            if order.height == 0:
                return 0
            order.height -= 1
            node = order.visits[order.height].node
            stage = order.visits[order.height].stage
        _put_off(order, node, stage)
        node = operand


cdef inline PyObject *_operand_to_visit(
    Order *order, PyObject *node, Py_ssize_t *stage, Py_ssize_t *patience
) except? NULL:
    """The next operand to visit, for a node with a third operand or a dot product; NULL if all are in place."""
    cdef Terms *terms = <Terms *>(<Value>node).rare
    cdef PyObject *operand
    cdef Py_ssize_t i
    if (<Value>node).operation != DOTTED:
        for i in range(stage[0], 3):
            operand = _value_operand(node, i)
            if _is_to_visit(order, operand):
                stage[0] = i + 1
                return operand
        return NULL
    patience[0] -= 2 * terms.count - stage[0]
    for i in range(stage[0], 2 * terms.count):
        operand = _operand_of(terms, i)
        if operand == NULL or (<Value>operand).place > order.outer:
            continue
        if _is_to_visit(order, operand):
            patience[0] += 2 * terms.count - i
            stage[0] = i + 1
            return operand
        if (i + 1) % PATIENCE == 0:
            _check_signals()
    order.terms += terms.count
    return NULL


cdef inline bint _is_to_visit(Order *order, PyObject *node) except -1:
    """Whether a node must still be placed, after its operands. A leaf has none and is placed at once."""
    node = _or_absent(node)
    if (<Value>node).place > order.outer:
        return False
    if (<Value>node).operation != LEAF:
        return True
    _place(order, node)
    order.edges[order.count].operand[0] = LEAF_PLACE
    return False


cdef inline int _place(Order *order, PyObject *node) except -1:
    cdef Edges *edges
    cdef unsigned flows = (<Value>node).flows
    if order.count + 1 >= order.capacity:
        _grow(order)
    order.count += 1
    if order.former != NULL:
        order.former[order.count] = (<Value>node).place
    edges = &order.edges[order.count]
    edges.operand[0] = _place_of(order, (<Value>node).operand[0]) & _if_set(flows & 1)
    edges.operand[1] = _place_of(order, (<Value>node).operand[1]) & _if_set(flows >> 1 & 1)
    edges.operand[2] = _place_of(order, _value_operand(node, 2)) if flows & 4 else 0
    if flows & BLOCKED:
        order.is_blocked = True
    prefetch(<PyObject *>(<char *>node + BEYOND * VG_NODE_SIZE))
    prefetch(<PyObject *>(<char *>node + BEYOND * VG_NODE_SIZE + 64))
    order.nodes[order.count] = node
    order.derivatives[order.count] = -0.0  # -0.0 + x is x for every x
    (<Value>node).place = order.outer + order.count
    return 0


cdef inline uint32_t _place_of(Order *order, PyObject *node) noexcept:
    return (<Value>_or_absent(node)).place - order.outer


cdef inline uint32_t _if_set(unsigned bit) noexcept:
    """All bits if the bit is set, otherwise none. A branch would be hard to predict."""
    return 0 - <uint32_t>bit


cdef inline int _put_off(Order *order, PyObject *node, Py_ssize_t stage) except -1:
    """Come back to a node when the operand before this stage is in place."""
    if order.height == order.visit_capacity:
        order.visits = <Visit *>_larger(order.visits, (2 * order.height + 64) * sizeof(Visit))
        order.visit_capacity = 2 * order.height + 64
    order.visits[order.height].node = node
    order.visits[order.height].stage = stage
    order.height += 1
    prefetch(<PyObject *>(<char *>node - BELOW * VG_NODE_SIZE))
    prefetch(<PyObject *>(<char *>node - BELOW * VG_NODE_SIZE + 64))
    return 0


cdef int _grow(Order *order) except -1:
    cdef Py_ssize_t capacity = min(2 * order.capacity + 64, <Py_ssize_t>LEAF_PLACE - order.outer)
    if order.count + 1 >= capacity:
        raise OverflowError("backward() sorts at most 4294967293 nodes; call it for parts of the computation")
    order.nodes = <PyObject **>_larger(order.nodes, capacity * sizeof(PyObject *))
    order.derivatives = <double *>_larger(order.derivatives, capacity * sizeof(double))
    order.edges = <Edges *>_larger(order.edges, capacity * sizeof(Edges))
    if order.enclosing != NULL:
        order.former = <uint32_t *>_larger(order.former, capacity * sizeof(uint32_t))
    order.capacity = capacity
    return 0


cdef void *_larger(void *memory, size_t size) except NULL:
    cdef void *larger = realloc(memory, size)
    if larger == NULL:
        raise MemoryError
    return larger


def derivatives(Value root not None):
    """The derivative of root by each leaf that a gradient flows to; no `.grad` changes."""
    cdef dict leaves = {}
    with _sweeping:
        _sweep(root, 1.0, leaves)
    return leaves


cdef int _sweep(Value root, double gradient, dict leaves) except -1:
    """Store gradient times the derivative of root by each node in `.grad`: for all, or for none after an interrupt.

    If leaves is a dict, put the derivatives by the leaves into it instead.
    """
    cdef Order order
    cdef Py_ssize_t patience = PATIENCE
    cdef uint8_t *reached = NULL  # whether a gradient reaches each place; NULL if it reaches all
    cdef Py_ssize_t i
    cdef bint stores
    _begin(&order)
    try:
        _sort(&order, <PyObject *>root)
        if order.is_blocked:
            reached = <uint8_t *>_larger(NULL, order.count + 1)
            memset(reached, 0, order.count + 1)
            reached[order.count] = True
        order.derivatives[0] = 0.0
        order.derivatives[order.count] = gradient
        stores = leaves is None and order.count + order.terms < PATIENCE  # no interrupt comes, so one pass is enough
        for i in range(order.count, 0, -1):
            if patience <= 0:
                patience = PATIENCE
                _check_signals()
            if i > AHEAD:
                prefetch(<PyObject *>&(<Value>order.nodes[i - AHEAD]).gradient)
            patience -= _propagate(&order, i, reached) if reached == NULL or reached[i] else 1
            if stores:
                _store(&order, i, reached)
        if leaves is None and not stores:
            for i in range(1, order.count + 1):  # from here on nothing interrupts
                if i + AHEAD <= order.count:
                    prefetch(<PyObject *>&(<Value>order.nodes[i + AHEAD]).gradient)
                    prefetch(<PyObject *>&(<Value>order.nodes[i + AHEAD]).place)
                _store(&order, i, reached)
        elif leaves is not None:
            for i in range(1, order.count + 1):
                if order.edges[i].operand[0] == LEAF_PLACE and (reached == NULL or reached[i]):
                    leaves[<Value>order.nodes[i]] = order.derivatives[i]
        order.is_done = leaves is None and order.former == NULL
    finally:
        free(reached)
        _end(&order)
    return 0


cdef inline Py_ssize_t _propagate(Order *order, Py_ssize_t i, uint8_t *reached) except -1:
    """Apply the chain rule at one node; return the patience it took."""
    cdef PyObject *node = order.nodes[i]
    cdef const uint32_t *places = order.edges[i].operand
    cdef double derivative = order.derivatives[i]
    if places[0] == LEAF_PLACE:
        return 1
    if (<Value>node).operation == DOTTED:
        return _propagate_terms(order, <Terms *>(<Value>node).rare, derivative, reached)
    _add(order, places[0], derivative * (<Value>node).slope[0], reached)
    _add(order, places[1], derivative * (<Value>node).slope[1], reached)
    if places[2] != 0:
        _add(order, places[2], derivative * (<Value>node).rare.slope, reached)
    return 1


cdef Py_ssize_t _propagate_terms(Order *order, const Terms *terms, double derivative, uint8_t *reached) except -1:
    _propagate_to(order, terms, 0, derivative, reached)
    _propagate_to(order, terms, 1, derivative, reached)
    return terms.count % PATIENCE + 1


cdef inline int _propagate_to(
    Order *order, const Terms *terms, int j, double derivative, uint8_t *reached
) except -1:
    """Apply the chain rule at a dot product, for the elements of its first or its second vector."""
    cdef const Term *term
    cdef double[3] slopes
    cdef Py_ssize_t i
    cdef uint32_t place
    for i in range(terms.count):
        term = &terms.term[i]
        if term.operand[j] != NULL:
            vg_slopes(VG_MULTIPLY, 0.0, term.number[0], term.number[1], 0.0, 1 << j, slopes)
            place = _place_of(order, term.operand[j])
            order.derivatives[place] += derivative * slopes[j]
            if reached != NULL:
                reached[place] = True
        if (i + 1) % PATIENCE == 0:
            _check_signals()
    return 0


cdef inline void _add(Order *order, uint32_t place, double derivative, uint8_t *reached) noexcept:
    order.derivatives[place] += derivative
    if reached != NULL:
        reached[place] = True


cdef inline void _store(Order *order, Py_ssize_t i, uint8_t *reached) noexcept:
    """Store the derivative by a node in its gradient, and free its place."""
    cdef PyObject *node = order.nodes[i]
    if order.former == NULL:
        (<Value>node).place = 0
    if reached == NULL or reached[i]:
        if order.edges[i].operand[0] == LEAF_PLACE:
            (<Value>node).gradient += order.derivatives[i]
        else:
            (<Value>node).gradient = order.derivatives[i]


cdef inline int _wait(Py_ssize_t *patience) except -1:
    patience[0] -= 1
    if patience[0] <= 0:
        patience[0] = PATIENCE
        _check_signals()
    return 0


cdef int _check_signals() except -1:
    """Let signal handlers and other threads run. KeyboardInterrupt comes from here."""
    PyErr_CheckSignals()
    PyEval_RestoreThread(PyEval_SaveThread())
    return 0


def _after_fork():
    """In the child no other thread runs, but nodes may still have places from the sweep of such a thread."""
    global _sweeping, _current
    if _current != NULL and not _sweeping._is_owned():
        _abandoned.outer, _abandoned.count = _current.outer, _current.count
        _current = &_abandoned
    _sweeping = threading.RLock()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_after_fork)
