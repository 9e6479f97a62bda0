# How nodes come and go; a part of engine.pyx.

cdef PyTypeObject *_type = <PyTypeObject *>Value
assert _type.tp_basicsize == VG_NODE_SIZE
(<Value>ABSENT).place = UINT32_MAX


cdef inline PyObject *_allocate() except NULL:
    """A new leaf, all zero."""
    cdef PyObject *node = <PyObject *>vg_allocate(VG_NODE_SIZE)
    if node == NULL:
        raise MemoryError
    begin_node(node, _type)
    (<Value>node).operation = LEAF
    return node


cdef PyObject *_new(PyTypeObject *_, Py_ssize_t __) except NULL:
    """The allocator behind Value() in Python."""
    return _allocate()


cdef void _release(PyObject *node) noexcept:
    """Free a node, and every node that becomes free then. It is a loop, because a chain may be a million nodes deep."""
    cdef PyObject *pending = NULL
    cdef Rare *rare
    cdef Terms *terms
    cdef Py_ssize_t i
    _drop_names(node)
    while True:
        if weak_references(node) != NULL:
            PyObject_ClearWeakRefs(node)
        _drop(&pending, (<Value>node).operand[0])
        _drop(&pending, (<Value>node).operand[1])
        prefetch(<PyObject *>(<char *>node - BEYOND * VG_NODE_SIZE))
        prefetch(<PyObject *>(<char *>node - BEYOND * VG_NODE_SIZE + 64))
        rare = (<Value>node).rare
        if (<Value>node).operation == DOTTED:
            terms = <Terms *>rare
            for i in range(terms.count):
                _drop(&pending, terms.term[i].operand[0])
                _drop(&pending, terms.term[i].operand[1])
            Py_XDECREF(terms.label)
            _free_terms(terms)
        elif rare != NULL:
            _drop(&pending, rare.operand)
            Py_XDECREF(rare.label)
            Py_XDECREF(rare.operation)
            free(rare)
        vg_free(node, VG_NODE_SIZE)
        if pending == NULL:
            return
        node = pending
        pending = (<Value>node).names


cdef inline void _drop(PyObject **pending, PyObject *operand) noexcept:
    """Drop a reference. If it was the last one, the operand joins the pending nodes."""
    if operand == NULL:
        return
    if Py_REFCNT(operand) > 1:
        Py_DECREF(operand)
        return
    Py_SET_REFCNT(operand, 0)
    prefetch(_or_absent((<Value>operand).operand[0]))  # they are needed soon
    prefetch(_or_absent((<Value>operand).operand[1]))
    _drop_names(operand)
    (<Value>operand).names = pending[0]
    pending[0] = operand


cdef inline void _drop_names(PyObject *node) noexcept:
    cdef PyObject *names = (<Value>node).names
    (<Value>node).names = NULL
    Py_XDECREF(names)


cdef inline Terms *_allocate_terms(Py_ssize_t count) except NULL:
    cdef Terms *terms = <Terms *>vg_allocate(_size_of_terms(count))
    if terms == NULL:
        raise MemoryError
    terms.label = NULL
    terms.count = count
    if count > PATIENCE:  # an interrupt may come while they are filled
        memset(terms.term, 0, count * sizeof(Term))
    return terms


cdef void _drop_terms(Terms *terms) noexcept:
    """Free the terms of a node that turns out not to be recorded."""
    cdef Py_ssize_t i
    for i in range(terms.count):
        Py_XDECREF(terms.term[i].operand[0])
        Py_XDECREF(terms.term[i].operand[1])
    _free_terms(terms)


cdef inline void _free_terms(Terms *terms) noexcept:
    vg_free(terms, _size_of_terms(terms.count))


cdef inline size_t _size_of_terms(Py_ssize_t count) noexcept:
    return sizeof(Terms) + (count - 1) * sizeof(Term)
