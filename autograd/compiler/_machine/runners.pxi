# A machine, bound to the arrays of its inputs and outputs; a part of machine.pyx.


cdef class Runner:
    """Runs a machine for one row, from an array of its inputs into an array of its outputs.

    The arrays are contiguous and of float64. A call returns False if a guard fails; then no output changes.
    """

    cdef Machine machine
    cdef Buffers buffers

    def __init__(self, Machine machine, inputs, outputs):
        _hold(&self.buffers, inputs, PyBUF_RECORDS_RO)
        _hold(&self.buffers, outputs, PyBUF_RECORDS)
        self.machine = machine

    def __dealloc__(self):
        _release(&self.buffers)

    def __call__(self):
        cdef Machine machine = self.machine
        memcpy(machine.middle, self.buffers.view[0].buf, self.buffers.view[0].len)
        cdef double *outputs = <double *>self.buffers.view[1].buf
        if not machine._run(outputs):
            return False
        if machine.program.own_row == NULL:
            machine._copy_outputs(0, machine.program.n_outputs, outputs)
        return True


cdef class MapRunner:
    """Runs `Machine.map()` on the same arrays each time. A call returns False if a guard fails.

    It is not `bound` if map() would refuse the arrays.
    """

    cdef Machine machine
    cdef Buffers buffers
    cdef Work work
    cdef Py_ssize_t count

    def __init__(self, Machine machine, tuple arrays, signature, out, output):
        self.machine = machine
        self.count = machine._hold_map(&self.buffers, &self.work, arrays, signature, out, output)

    def __dealloc__(self):
        free(self.work.memory)
        _release(&self.buffers)

    @property
    def bound(self):
        return self.count > 0

    def __call__(self):
        return self.machine._map(&self.work, self.count)


cdef class Caller:
    """Calls the first of the runners of a buffer whose guards hold, and gives its outputs.

    Args:
        entered: a list; while it is not empty, or if no runner serves, the result is that of `otherwise()`.
        runs: tuples of a path, its evaluator, and its runner, which serves while the path has this evaluator.
        outputs: the result.
    """

    cdef list entered, runs
    cdef object outputs, otherwise

    def __init__(self, list entered, list runs, outputs, otherwise):
        self.entered, self.runs, self.outputs, self.otherwise = entered, runs, outputs, otherwise

    def __call__(self):
        cdef tuple run
        if not self.entered:
            for run in self.runs:
                if run[0]._evaluator is run[1] and run[2]():
                    return self.outputs
        return self.otherwise()
