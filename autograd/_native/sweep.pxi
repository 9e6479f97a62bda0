# The topological order and the chain rule; a part of engine.pyx.

_sweeping = threading.RLock()  # `place` belongs to one sweep at a time; reentrant, for a signal handler may sweep too
cdef int _depth = 0
cdef uint32_t _outer = 0  # how many places nodes have in the sweeps that are interrupted
cdef Py_ssize_t _unfoldings = 0  # how many products somebody has looked at


cdef struct Order:
    PyObject **nodes  # operands before results, borrowed from the root
    double *derivatives  # of the root, by these nodes
    Edges *edges  # of these nodes
    uint32_t *leaves  # their places
    uint32_t *former  # of a sweep within a sweep: the places that the outer one needs again
    uint32_t outer  # how many places there are in the outer ones
    Visit *visits
    Py_ssize_t count
    Py_ssize_t leaf_count
    Py_ssize_t capacity
    Py_ssize_t height  # of the stack of visits
    Py_ssize_t visit_capacity
    bint is_blocked  # there are operands no gradient flows to
    bint unfolds  # FOLDED nodes
    bint is_done  # the nodes have forgotten their places
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
    order.outer = _outer
    order.unfoldings = _unfoldings


cdef void _end(Order *order) noexcept:
    global _depth
    cdef Py_ssize_t i
    for i in range(0 if order.is_done else order.count):
        (<Value>order.nodes[i]).place = 0 if order.former == NULL else order.former[i]
    free(order.former)
    order.former = NULL
    order.is_done = False
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
            patience -= 1
            if patience == 0:
                patience = PATIENCE
                _check_signals(order)
            if order.unfolds and (<Value>node).operation == FOLDED:
                _make_product(node)
            operand = (<Value>node).operand[0]
            if _is_to_visit(order, operand):
                if (<Value>node).operand[1] != NULL:  # its turn is soon
                    prefetch((<Value>node).operand[1])
                _put_off(order, node, 1)
                node = operand
                continue
        if stage <= 1:
            operand = (<Value>node).operand[1]
            if _is_to_visit(order, operand):
                _put_off(order, node, 2)
                node = operand
                stage = 0
                continue
        if stage <= 2:
            operand = _value_operand(node, 2)
            if _is_to_visit(order, operand):
                _put_off(order, node, 3)
                node = operand
                stage = 0
                continue
        _place(order, node)
        if order.height == 0:
            return 0
        order.height -= 1
        node = order.visits[order.height].node
        stage = order.visits[order.height].stage


cdef inline bint _is_to_visit(Order *order, PyObject *node) except -1:
    """Whether a node is still to be placed, after what it depends on; a leaf depends on nothing and is placed at once."""
    if node == NULL or (<Value>node).place > order.outer:
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
    places[0] = _place_of(order, (<Value>node).operand[0]) if flows & 1 else NOWHERE
    places[1] = _place_of(order, (<Value>node).operand[1]) if flows & 2 else NOWHERE
    places[2] = _place_of(order, _value_operand(node, 2)) if flows & 4 else NOWHERE
    if flows & BLOCKED:
        order.is_blocked = True
    prefetch(<PyObject *>(<char *>node + BEYOND * VG_NODE_SIZE))
    prefetch(<PyObject *>(<char *>node + BEYOND * VG_NODE_SIZE + 64))
    order.nodes[order.count] = node
    order.derivatives[order.count] = 0.0
    order.count += 1
    (<Value>node).place = order.outer + order.count
    return 0


cdef inline uint32_t _place_of(Order *order, PyObject *node) noexcept:
    return (<Value>node).place - order.outer - 1


cdef inline int _put_off(Order *order, PyObject *node, int stage) except -1:
    """Come back to a node when the operand before that stage is in place."""
    if order.height == order.visit_capacity:
        order.visit_capacity = 2 * order.height + 64
        order.visits = <Visit *>_larger(order.visits, order.visit_capacity * sizeof(Visit))
    order.visits[order.height].node = node
    order.visits[order.height].stage = stage
    order.height += 1
    prefetch(<PyObject *>(<char *>node - BELOW * VG_NODE_SIZE))
    prefetch(<PyObject *>(<char *>node - BELOW * VG_NODE_SIZE + 64))
    return 0


cdef int _grow(Order *order) except -1:
    cdef Py_ssize_t capacity = min(2 * order.capacity + 64, <Py_ssize_t>LEAF_PLACE - order.outer - 1)
    if order.count == capacity:
        raise OverflowError("backward() sorts at most 4294967293 nodes; call it for parts of the computation")
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
                (<Value>order.nodes[i]).place = 0
                done = i
        except:
            for i in range(done, order.count):  # nothing at all
                if order.edges[i].operand[0] != LEAF_PLACE and (reached == NULL or reached[i]):
                    (<Value>order.nodes[i]).gradient = order.derivatives[i]
            raise
        order.is_done = order.former == NULL
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
    global _outer
    if order != NULL:  # a handler may sweep too
        _outer = order.outer + order.count
    try:
        PyErr_CheckSignals()
        PyEval_RestoreThread(PyEval_SaveThread())
    finally:
        if order != NULL:
            _outer = order.outer
    if order != NULL and not order.unfolds and order.unfoldings != _unfoldings:
        raise _LookedAt
    return 0


def _after_fork():
    """In the child no other thread runs: none sweeps."""
    global _sweeping
    _sweeping = threading.RLock()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_after_fork)
