# What holds while a block of code runs, see autograd/modes.py; a part of engine.pyx.

cdef PyObject *_entered = <PyObject *>modes.ENTERED
cdef PyObject *_in_bodies = <PyObject *>modes.IN_BODIES
cdef PyObject *_changes = <PyObject *>modes.CHANGES

# what modes.current() said, and in which thread, after which change; a mode is entered far less often than
# a node is recorded, and asking anew for each node would take ten times as long as recording it
cdef tuple _state = (False, ())
cdef object _change = None
cdef uint64_t _thread = 0

cdef struct Modes:
    bint paused  # by no_grad
    PyObject *names  # of the scopes, borrowed; NULL for none

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


# --------------------------------------------------------------------------- entering and leaving

# A network enters a scope for each layer of each sample. In Python that takes as long as a neuron of it; here
# stands what is nearly always to be done, and Python does the rest.

cdef str _contextlib = contextlib.__file__
_enter, _leave = Mode.__enter__, Mode.__exit__
cdef object _home = None
cdef uint64_t _home_thread = 0


cdef object _plain_home():
    """The entries of this thread if no generator, coroutine or context manager of contextlib asks, else None."""
    global _home, _home_thread
    cdef PyCodeObject *code = PyFrame_GetCode(PyEval_GetFrame())
    cdef bint is_plain = not code.co_flags & SUSPENDABLE and <str>code.co_filename != _contextlib
    Py_DECREF(<PyObject *>code)
    if not is_plain:
        return None
    cdef uint64_t thread = PyThreadState_GetID(PyThreadState_Get())
    if thread != _home_thread:
        _home, _home_thread = modes.HERE.home, thread
    return _home


@cython.binding(True)  # it becomes a method
def enter(self):
    """Mode.__enter__."""
    home = _plain_home()
    state = None if home is None else home.state
    if state is None:
        return _enter(self)
    change = object()
    entry = (change, self, None, home)
    state = (state[0] or self.pauses, state[1] + self.names)
    (<list>home).append(entry)
    (<list><object>_entered).append(entry)
    home.state = state
    (<list><object>_changes)[0] = change


@cython.binding(True)  # it becomes a method
def leave(self, kind, error, traceback):
    """Mode.__exit__."""
    home = _plain_home()
    state = None if home is None else home.state
    if state is None or self.pauses or not home:
        return _leave(self, kind, error, traceback)
    entry = (<list>home)[len(<list>home) - 1]
    if (<tuple>entry)[1] is not self or (<list><object>_entered)[len(<list><object>_entered) - 1] is not entry:
        return _leave(self, kind, error, traceback)
    state = (state[0], state[1][: len(state[1]) - len(self.names)])
    change = object()
    (<list>home).pop()
    (<list><object>_entered).pop()
    home.state = state
    (<list><object>_changes)[0] = change
