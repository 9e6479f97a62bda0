# The modes that hold for the caller, as autograd/engine/state.py describes them; a part of engine.pyx.

cdef list _entered = state.ENTERED
cdef object _in_bodies = state.IN_BODIES  # a list
cdef list _changes = state.CHANGES
cdef list _under_way = UNDER_WAY

# The last answer of state.current(), with its thread and its change. To ask again for each node would take ten times as
# long as to record it, and modes rarely change.
cdef tuple _nothing = state.NOTHING
cdef tuple _state = _nothing
cdef object _change = None
cdef uint64_t _thread = 0

cdef struct Modes:
    bint paused  # by no_grad
    PyObject *names  # of the scopes, borrowed; NULL for none
    PyObject *watch  # the mode that watches, borrowed; NULL for none, and for one that is not told of new nodes
    PyObject *reader  # the same, also if it is not told of new nodes

cdef Modes _now  # _state for C
cdef Modes _no_modes
_no_modes.paused = False
_no_modes.names = _no_modes.watch = _no_modes.reader = NULL


cdef inline Modes *_modes() except NULL:
    """The modes that hold for the caller. The answer is valid until other code runs."""
    return _entered_modes() if PyList_GET_SIZE(<PyObject *>_entered) else &_no_modes


cdef Modes *_entered_modes() except NULL:
    cdef uint64_t thread = PyThreadState_GetID(PyThreadState_Get())
    cdef bint is_known = not PyList_GET_SIZE(<PyObject *>_in_bodies)
    while not is_known or <PyObject *>_change != PyList_GET_ITEM(<PyObject *>_changes, 0) or thread != _thread:
        change = _changes[0]
        _learn(state.current(), change, thread)
        is_known = True
    return &_now


cdef int _learn(tuple now, object change, uint64_t thread) except -1:
    """Keep the state of a thread since a change."""
    global _state, _change, _thread
    former = _state  # freed at the end, because that may run code which calls _modes()
    _state, _change, _thread = now, change, thread
    _now.paused = now[0]
    _now.names = <PyObject *>now[1] if now[1] else NULL
    _now.reader = <PyObject *>now[2] if now[2] is not None else NULL
    _now.watch = _now.reader if now[2] is not None and now[2].records else NULL
    return 0


cdef inline bint _is_traced(Modes *modes) except -1:
    return modes.watch != NULL and (<object>modes.watch).traces


cdef inline bint _chooses(Modes *modes) except -1:
    return modes.watch == NULL or (<object>modes.watch).chooses


# --------------------------------------------------------------------------- entering and leaving

# A network enters a scope for each layer of each sample, which in Python takes as long as a neuron. So the common case
# is handled here, and Python handles the others.

cdef str _contextlib = contextlib.__file__
_enter, _leave, _enter_scopes = Mode.__enter__, Mode.__exit__, scopes.__enter__
cdef object _home = None
cdef uint64_t _home_thread = 0


cdef object _plain_home():
    """The entries of this thread; None if a generator, a coroutine or contextlib calls."""
    global _home, _home_thread
    cdef PyFrameObject *frame = PyEval_GetFrame()
    cdef PyCodeObject *code
    cdef bint is_plain = True
    if frame != NULL:  # NULL if C calls, for example at exit
        code = PyFrame_GetCode(frame)
        is_plain = not code.co_flags & SUSPENDABLE and <str>code.co_filename != _contextlib
        Py_DECREF(<PyObject *>code)
    if not is_plain:
        return None
    cdef uint64_t thread = PyThreadState_GetID(PyThreadState_Get())
    if thread == _home_thread:
        return _home
    home = state.HERE.home
    _home, _home_thread = home, thread
    return home


@cython.final
cdef class Change:
    """That a mode was entered: the state of the thread before, None if it was not known, and the state since then."""

    cdef object before
    cdef tuple now


@cython.binding(True)  # it becomes a method
def enter(self):
    """Mode.__enter__."""
    home = _plain_home()
    if home is None:
        return _enter(self)
    known = home.state
    cdef tuple now, before = known or state.state_of(home)
    if type(self) is scope:
        now = (before[0], (<tuple>before[1]) + (self.name,), before[2])  # as scope.within() does
    else:
        now = self.within(before)
    cdef Change change = Change.__new__(Change)
    change.before, change.now = known, now
    entry = (change, self, None, home)
    if home.state is not known:  # a finalizer has left a mode meanwhile
        return _enter(self)
    (<list>home).append(entry)
    _entered.append(entry)
    home.state = now
    _changes[0] = change
    if not PyList_GET_SIZE(<PyObject *>_in_bodies):
        _learn(now, change, PyThreadState_GetID(PyThreadState_Get()))


@cython.binding(True)  # it becomes a method
def leave(self, kind, error, traceback):
    """Mode.__exit__."""
    home = _plain_home()
    change = object()
    if home is None or not PyList_GET_SIZE(<PyObject *>home) or not PyList_GET_SIZE(<PyObject *>_entered):
        return _leave(self, kind, error, traceback)
    entry = (<list>home)[len(<list>home) - 1]
    if (<tuple>entry)[1] is not self or (<tuple>entry)[2] is not None or _entered[len(_entered) - 1] is not entry:
        return _leave(self, kind, error, traceback)
    (<list>home).pop()
    _entered.pop()
    now = home.state  # freed at the end, because that may run other code
    entered = (<tuple>entry)[0]
    if not PyList_GET_SIZE(<PyObject *>home):
        home.state = _nothing
    elif type(entered) is Change and (<Change>entered).now is now:  # so nothing else has changed it
        home.state = (<Change>entered).before
    else:
        home.state = None
    _changes[0] = change


# --------------------------------------------------------------------------- scopes of the items of loops

@cython.final
@cython.freelist(8)
cdef class Each:
    """The twin of state.Each. To go to the next item takes some nanoseconds in the common case."""

    cdef list paths  # of tuples
    cdef list names  # each path with the names around it, where it was entered
    cdef tuple around  # these names
    cdef tuple path  # that of the present item
    cdef object home  # a list
    cdef uint64_t thread
    cdef object items
    cdef Py_ssize_t i

    moves_unseen = True  # to the next item, without a word to Python

    def within(self, state):
        """The state inside the scopes of the present item, given the state outside of them."""
        return state[0], state[1] + self.path, state[2]

    def __call__(self, items):
        """The items. While one is handled, the scopes of its path hold."""
        self.items = items if type(items) is list or type(items) is tuple else list(items)
        self.i = 0
        return self

    def __iter__(self):
        return self

    def __next__(self):
        cdef Py_ssize_t i = self.i
        if self.items is None or i >= PySequence_Fast_GET_SIZE(self.items):
            self.items = None
            self.place((), self.around)
            raise StopIteration
        self.i = i + 1
        item = <object>PySequence_Fast_GET_ITEM(self.items, i)
        if i < len(self.paths):
            self.place(self.paths[i], self.names[i])
        else:
            self.place((), self.around)
        return item

    cdef int place(self, tuple path, tuple names) except -1:
        """Go to a path, whose names with those around it are these."""
        self.path = path
        cdef Py_ssize_t last = PyList_GET_SIZE(<PyObject *>self.home) - 1
        if (
            last >= 0
            and PyTuple_GET_ITEM(PyList_GET_ITEM(<PyObject *>self.home, last), 0) == <PyObject *>self
            and self.thread == _thread == PyThreadState_GetID(PyThreadState_Get())
            and <PyObject *>_change == PyList_GET_ITEM(<PyObject *>_changes, 0)
            and not PyList_GET_SIZE(<PyObject *>_in_bodies)
        ):  # the modes of this thread are known, and this one is the innermost of them
            _now.names = <PyObject *>names if names else NULL
        else:
            self.home.state = None
            _changes[0] = object()
        return 0


@cython.binding(True)  # it becomes a method
def enter_scopes(self):
    """scopes.__enter__."""
    home = _plain_home()
    if home is None:
        return _enter_scopes(self)
    known = home.state
    cdef tuple around, cached, now = known or state.state_of(home)
    cdef Each each = Each.__new__(Each)
    around, cached = now[1], self._absolute
    if cached is None or (cached[0] is not around and cached[0] != around):
        self._absolute = cached = (around, [around + path for path in self.paths], self.paths)
    each.around, each.names, each.paths = cached[0], cached[1], cached[2]
    each.path, each.home, each.thread = (), home, PyThreadState_GetID(PyThreadState_Get())
    entry = (each, self, None, home)
    if home.state is not known:  # a finalizer has left a mode meanwhile
        return _enter_scopes(self)
    (<list>home).append(entry)
    _entered.append(entry)
    home.state = None  # it is computed when it is asked for, because each loop changes it
    _changes[0] = each
    if not PyList_GET_SIZE(<PyObject *>_in_bodies):
        _learn(now, each, each.thread)
    return each
