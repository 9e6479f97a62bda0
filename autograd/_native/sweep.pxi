# The topological order and the chain rule; a part of engine.pyx.

_sweeping = threading.RLock()  # `place` belongs to one sweep at a time; reentrant, for a signal handler may sweep too
cdef Order *_current = NULL  # the order of the innermost sweep under way
cdef Py_ssize_t _unfoldings = 0  # how many dot products somebody has looked at


cdef struct Order:
    PyObject **nodes  # operands before results, borrowed from the root
    double *derivatives  # of the root, by these nodes
    Edges *edges  # of these nodes
    uint32_t *former  # of a sweep within a sweep: the places that the outer one needs again
    uint32_t outer  # how many places there are in the outer ones
    Order *enclosing  # the outer one, NULL for none
    Visit *visits
    Py_ssize_t count
    Py_ssize_t capacity
    Py_ssize_t height  # of the stack of visits
    Py_ssize_t visit_capacity
    bint is_blocked  # there are operands no gradient flows to
    bint unfolds  # DOTTED nodes
    Terms *open  # the innermost dot product of which some operands are in place, and others are not; NULL for none
    bint is_crossed  # an open one was
    Py_ssize_t terms  # of all dot products in place
    bint is_done  # the nodes have left their places
    Py_ssize_t unfoldings  # how many there were before

cdef struct Edges:
    uint32_t operand[3]  # the places of the operands a gradient flows to, or NOWHERE

cdef struct Visit:
    PyObject *node
    Py_ssize_t stage  # how many of its operands are in place

cdef Order _abandoned  # of a thread that a child process does not have
cdef Order _kept  # the memory of the last sweep: asking the system for it anew would double the time of a sweep


def topological_order(*roots):
    """Every node the roots depend on through an operand, operands before results, in argument order."""
    cdef Order order
    for root in roots:
        if type(root) is not Value:
            raise TypeError(f"topological_order() starts from Values, got {type(root).__name__}; pass the result alone")
    with _sweeping:
        _begin(&order, True)
        try:
            for root in roots:
                _sort(&order, <PyObject *>root)
            return [<object>order.nodes[i] for i in range(order.count)]
        finally:
            _end(&order)


cdef void _begin(Order *order, bint unfolds) noexcept:
    global _current
    if _current == NULL:
        memcpy(order, &_kept, sizeof(Order))
        memset(&_kept, 0, sizeof(Order))
    else:  # within another sweep, as a signal handler or a finalizer is
        memset(order, 0, sizeof(Order))
        order.outer = _current.outer + _current.count
    order.unfolds = unfolds
    order.unfoldings = _unfoldings
    order.enclosing = _current
    _current = order


cdef void _end(Order *order) noexcept:
    global _current
    cdef Py_ssize_t i
    while order.open != NULL:
        _close(order, order.open)
    for i in range(0 if order.is_done else order.count):
        if i + AHEAD < order.count:
            prefetch(<PyObject *>&(<Value>order.nodes[i + AHEAD]).place)
        (<Value>order.nodes[i]).place = 0 if order.former == NULL else order.former[i]
    free(order.former)
    order.former = NULL
    order.count = order.height = order.terms = order.is_blocked = order.is_crossed = order.is_done = 0
    _current = order.enclosing
    if _current == NULL and order.capacity <= KEPT_NODES and order.visit_capacity <= KEPT_NODES:
        memcpy(&_kept, order, sizeof(Order))
    else:
        free(order.nodes)
        free(order.derivatives)
        free(order.edges)
        free(order.visits)


cdef int _sort(Order *order, PyObject *node) except -1:
    """Place a node and all it depends on, operands before results."""
    cdef PyObject *operand
    cdef Py_ssize_t stage = 0
    cdef Py_ssize_t patience = PATIENCE
    cdef Py_ssize_t terms = order.terms
    if not _is_to_visit(order, node):
        return 0
    while True:
        patience -= 1
        if (patience <= 0 or order.terms - terms > PATIENCE) and stage == 0:  # all that is open has been put off
            patience = PATIENCE
            terms = order.terms
            _check_signals(order)
        if (<Value>node).operation == DOTTED and order.unfolds:
            _make_products(node)
        if (<Value>node).operation == DOTTED:
            operand = _operand_to_visit(order, node, &stage)
            if operand != NULL:
                _put_off(order, node, stage)
                node = operand
                stage = 0
                continue
            stage = 3
        if stage == 0:
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


# A dot product is one node in the order, but its terms are to be added up as if each product were one. That makes a
# difference only where an operand of a term is used again below a later term: in a * b + f(a) * c what comes through f
# is added to the derivative of a before b is. So while a later operand is visited with all it depends on, the dot product
# is open, and the operands of the terms before bear a mark. If a node below uses one of them, it crosses the open dot
# products, which are unfolded before all is put in order again.


cdef inline PyObject *_operand_to_visit(Order *order, PyObject *node, Py_ssize_t *stage) except? NULL:
    """The next operand of a dot product that is still to be placed, after what it depends on; NULL if all are in place."""
    cdef Terms *terms = <Terms *>(<Value>node).rare
    cdef PyObject *operand
    cdef Py_ssize_t i
    cdef bint is_within = order.open != NULL and (order.open != terms or terms.around != NULL)  # of another one
    for i in range(stage[0], 2 * terms.count):
        operand = terms.term[i >> 1].operand[i & 1]
        if operand == NULL:
            continue
        if (<Value>operand).place <= order.outer and _is_to_visit(order, operand):
            _open(order, terms, i >> 1)
            stage[0] = i + 1
            return operand
        if is_within:
            _look_for_crossing(order, operand)
    if order.open == terms:
        _close(order, terms)
    order.terms += terms.count
    return NULL


cdef void _open(Order *order, Terms *terms, Py_ssize_t passed) noexcept:
    """Mark the operands of so many terms."""
    cdef Py_ssize_t i
    cdef int j
    if order.open != terms:
        terms.around = order.open
        order.open = terms
    for i in range(terms.passed, passed):
        for j in range(2):
            if terms.term[i].operand[j] != NULL:
                (<Value>terms.term[i].operand[j]).flows |= PASSED
    terms.passed = passed


cdef void _close(Order *order, Terms *terms) noexcept:
    cdef Py_ssize_t i
    cdef int j
    order.open = terms.around
    terms.around = NULL
    if terms.is_crossed and order.open != NULL:  # perhaps it is that one
        order.open.is_crossed = True
    for i in range(terms.passed):
        for j in range(2):
            if terms.term[i].operand[j] != NULL:
                (<Value>terms.term[i].operand[j]).flows &= ~PASSED
    terms.passed = 0


cdef inline void _look_for_crossing(Order *order, PyObject *operand) noexcept:
    if (<Value>operand).flows & PASSED:
        order.is_crossed = order.open.is_crossed = True


cdef int _unfold_crossed(Order *order) except -1:
    cdef PyObject *node
    cdef Terms *terms
    cdef Py_ssize_t i, patience = PATIENCE
    for i in range(order.count):
        node = order.nodes[i]
        if (<Value>node).operation == DOTTED:
            terms = <Terms *>(<Value>node).rare
            if terms.is_crossed:
                patience -= terms.count
                _make_products(node)
        if patience <= 0:
            patience = PATIENCE
            _check_signals(NULL)
    return 0


cdef inline bint _is_to_visit(Order *order, PyObject *node) except -1:
    """Whether a node is still to be placed, after what it depends on; a leaf depends on nothing and is placed at once."""
    if node == NULL or (<Value>node).place > order.outer:
        return False
    if (<Value>node).operation != LEAF:
        return True
    _place(order, node)
    order.edges[order.count - 1].operand[0] = LEAF_PLACE
    return False


cdef inline int _place(Order *order, PyObject *node) except -1:
    cdef uint32_t *places
    cdef unsigned flows = (<Value>node).flows
    cdef int i
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
    if order.open != NULL:
        for i in range(3):
            if flows >> i & 1:
                _look_for_crossing(order, _value_operand(node, i))
    prefetch(<PyObject *>(<char *>node + BEYOND * VG_NODE_SIZE))
    prefetch(<PyObject *>(<char *>node + BEYOND * VG_NODE_SIZE + 64))
    order.nodes[order.count] = node
    order.derivatives[order.count] = -0.0  # to which the first one is added without a trace
    order.count += 1
    (<Value>node).place = order.outer + order.count
    return 0


cdef inline uint32_t _place_of(Order *order, PyObject *node) noexcept:
    return (<Value>node).place - order.outer - 1


cdef inline int _put_off(Order *order, PyObject *node, Py_ssize_t stage) except -1:
    """Come back to a node when the operand before that stage is in place."""
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
    cdef Py_ssize_t capacity = min(2 * order.capacity + 64, <Py_ssize_t>LEAF_PLACE - order.outer - 1)
    if order.count == capacity:
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


class _LookedAt(Exception):
    """While a sweep let signal handlers run, somebody looked at a dot product, so that there are more nodes."""


def derivatives(Value root not None):
    """The derivative of root by each leaf that a gradient flows to; every `.grad` stays as it is."""
    cdef dict leaves = {}
    with _sweeping:
        _sweep(root, 1.0, leaves)
    return leaves


cdef int _sweep(Value root, double gradient, dict leaves) except -1:
    """gradient times the derivative of root by each node it is a function of, into `.grad`, or nothing at all.

    If leaves is not None, those by the leaves alone, into this dict.
    """
    cdef bint is_done = False
    cdef int attempts = 0  # in which somebody looked at a dot product
    while not is_done:
        try:
            is_done = _sweep_once(root, gradient, leaves, attempts == ATTEMPTS)
        except _LookedAt:
            attempts += 1
    return 0


cdef bint _sweep_once(Value root, double gradient, dict leaves, bint unfolds) except -1:
    """Whether it is done, and was not kept from it by dot products that had to be unfolded.

    Args:
        unfolds: all dot products are unfolded, so that there is nothing left to look at.
    """
    cdef Order order
    cdef Py_ssize_t patience = PATIENCE
    cdef uint8_t *reached = NULL  # by operands a gradient flows to; NULL if all of them are
    cdef Py_ssize_t i
    cdef bint stores
    _begin(&order, unfolds)
    try:
        _sort(&order, <PyObject *>root)
        if order.is_crossed:
            _unfold_crossed(&order)
            return False
        if order.is_blocked:
            reached = <uint8_t *>_larger(NULL, order.count)
            memset(reached, 0, order.count)
            reached[order.count - 1] = True
        order.derivatives[order.count - 1] = gradient
        stores = leaves is None and order.count + order.terms < PATIENCE  # nothing interrupts: one pass is enough
        for i in range(order.count - 1, -1, -1):
            if patience <= 0:
                patience = PATIENCE
                _check_signals(&order)
            if i >= AHEAD:
                prefetch(<PyObject *>&(<Value>order.nodes[i - AHEAD]).gradient)
            patience -= _propagate(&order, i, reached) if reached == NULL or reached[i] else 1
            if stores:
                _store(&order, i, reached)
        if leaves is None and not stores:
            for i in range(order.count):  # nothing interrupts any more
                if i + AHEAD < order.count:
                    prefetch(<PyObject *>&(<Value>order.nodes[i + AHEAD]).gradient)
                    prefetch(<PyObject *>&(<Value>order.nodes[i + AHEAD]).place)
                _store(&order, i, reached)
        elif leaves is not None:
            for i in range(order.count):
                if order.edges[i].operand[0] == LEAF_PLACE and (reached == NULL or reached[i]):
                    leaves[<Value>order.nodes[i]] = order.derivatives[i]
        order.is_done = leaves is None and order.former == NULL
    finally:
        free(reached)
        _end(&order)
    return True


cdef inline Py_ssize_t _propagate(Order *order, Py_ssize_t i, uint8_t *reached) noexcept:
    """The chain rule at one node; how many there would be, were the terms of dot products nodes."""
    cdef PyObject *node = order.nodes[i]
    cdef const uint32_t *places = order.edges[i].operand
    cdef double derivative = order.derivatives[i]
    if places[0] == LEAF_PLACE:
        return 1
    if (<Value>node).operation == DOTTED:
        return _propagate_terms(order, <Terms *>(<Value>node).rare, derivative, reached)
    _add(order, places[0], derivative * (<Value>node).slope[0], reached)
    _add(order, places[1], derivative * (<Value>node).slope[1], reached)
    if places[2] != NOWHERE:
        _add(order, places[2], derivative * (<Value>node).rare.slope, reached)
    return 1


cdef inline Py_ssize_t _propagate_terms(Order *order, const Terms *terms, double derivative, uint8_t *reached) noexcept:
    cdef const Term *term
    cdef double[3] slopes
    cdef Py_ssize_t i
    cdef uint32_t place
    cdef int j
    vg_slopes(VG_ADD, 0.0, 0.0, 0.0, 0.0, 3, slopes)
    derivative = derivative * slopes[0]  # that of each partial sum and of each product
    for i in range(terms.count - 1, -1, -1):
        term = &terms.term[i]
        vg_slopes(VG_MULTIPLY, 0.0, term.number[0], term.number[1], 0.0, 3, slopes)
        for j in range(2):
            if term.operand[j] != NULL:
                place = _place_of(order, term.operand[j])
                order.derivatives[place] += derivative * slopes[j]
                if reached != NULL:
                    reached[place] = True
    return terms.count + 1


cdef inline void _add(Order *order, uint32_t place, double derivative, uint8_t *reached) noexcept:
    if place == NOWHERE:
        return
    order.derivatives[place] += derivative
    if reached != NULL:
        reached[place] = True


cdef inline void _store(Order *order, Py_ssize_t i, uint8_t *reached) noexcept:
    """Make the derivative by a node its gradient, and let it leave its place."""
    cdef PyObject *node = order.nodes[i]
    if order.former == NULL:
        (<Value>node).place = 0
    if reached == NULL or reached[i]:
        if order.edges[i].operand[0] == LEAF_PLACE:
            (<Value>node).gradient += order.derivatives[i]
        else:
            (<Value>node).gradient = order.derivatives[i]


cdef int _check_signals(Order *order) except -1:
    """Let signal handlers run, and other threads; KeyboardInterrupt comes from here."""
    cdef bint is_open = order != NULL and order.open != NULL
    cdef Visit *visit
    cdef Py_ssize_t i
    while order != NULL and order.open != NULL:  # for a handler may look at it
        _close(order, order.open)
    PyErr_CheckSignals()
    PyEval_RestoreThread(PyEval_SaveThread())
    if order != NULL and not order.unfolds and order.unfoldings != _unfoldings:
        raise _LookedAt
    for i in range(order.height if is_open else 0):
        visit = &order.visits[i]
        if (<Value>visit.node).operation == DOTTED:
            _open(order, <Terms *>(<Value>visit.node).rare, (visit.stage - 1) >> 1)
    return 0


def _after_fork():
    """In the child no other thread runs: none sweeps, but nodes may be in the places where one has put them."""
    global _sweeping, _current
    if _current != NULL and not _sweeping._is_owned():
        _abandoned.outer, _abandoned.count = _current.outer, _current.count
        _current = &_abandoned
    _sweeping = threading.RLock()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_after_fork)
