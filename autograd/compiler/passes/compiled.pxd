# cython: language_level=3
# The types with which the build compiles the passes. It joins their files, as if they were one; `pointers.py` is left out,
# because its functions are here.

import cython
from cpython cimport array as arrays
from cpython.bytearray cimport PyByteArray_AS_STRING


cdef inline int *integers(arrays.array numbers):
    return numbers.data.as_ints


cdef inline double *floats(arrays.array numbers):
    return numbers.data.as_doubles


cdef inline unsigned char *small(bytearray numbers):
    return <unsigned char *>PyByteArray_AS_STRING(numbers)


cdef int ADD, ADD_DOT, DIVIDE, DIVIDE_BY_EXP, DOT, GATE, GATE_DOT, LOG_MAGNITUDE, MAXIMUM, MULTIPLY, NEGATIVE, POWER, RELU
cdef int RELU_DOT, SECH_SQUARED, STEP, STOP_GRADIENT, SUBTRACT, TANH
cdef int ONE, MINUS_ONE, MINUS_ZERO, SUMS_AT_A_TIME, _DOT, _MOST_BESIDE
cdef int _NOT_NEGATIVE, _POSITIVE, _LARGEST, _SMALLEST, _OPERAND, _MAGNITUDE, _PRODUCT, _SUM
cdef int SUM_OF_SIDES, BRANCHES, BASE

# analysis.py

@cython.locals(first=int, end=int, i=int, k=int, x=int, uses="int *", starts="int *", operands="int *")
cpdef count_uses(listing)

@cython.locals(first=int, end=int, i=int, k=int, x=int, varies="unsigned char *", starts="int *", operands="int *")
cpdef find_varying(listing)

@cython.locals(first=int, end=int, i=int, k=int, x=int, decisive="unsigned char *", starts="int *", operands="int *")
cpdef find_decisive(listing)

@cython.locals(first=int, i=int, inexact="unsigned char *", is_rounded="unsigned char *", codes="int *")
cpdef find_inexact(listing)

@cython.locals(
    first=int, i=int, k=int, x=int, a=int, b=int, start=int, end=int, kind=int, sign=int, least=int, most=int,
    signs="unsigned char *", kind_of="unsigned char *", of_constants="unsigned char *", is_needed="unsigned char *",
    codes="int *", starts="int *", operands="int *",
)
cpdef find_signs(listing, bytearray needed=*)

@cython.locals(
    first=int, i=int, k=int, x=int, kind=int, start=int, end=int, cancels="unsigned char *", sign="unsigned char *",
    kind_of="unsigned char *", of_constants="unsigned char *", is_needed="unsigned char *", codes="int *",
    starts="int *", operands="int *",
)
cpdef find_cancelling(listing, bytearray needed, bytearray signs)

@cython.locals(first=int, last=int, i=int, k=int, x=int, found="unsigned char *", starts="int *", operands="int *")
cpdef find_ancestors(listing, roots)

@cython.locals(
    first=int, k=int, x=int, kind=int, start=int, end=int, waiting=list, found=list, kind_of="unsigned char *",
    cancels="unsigned char *", is_seen="unsigned char *", codes="int *", starts="int *", operands="int *",
)
cpdef find_cancelling_sums(listing, bytearray cancelling, list roots)

# dead_code.py

@cython.locals(
    first=int, count=int, i=int, k=int, x=int, start=int, end=int, step=int, used=int,
    codes="int *", starts="int *", operands="int *", places="int *", kept="unsigned char *",
)
cpdef keep(listing, marks)

# simplification.py

@cython.locals(
    first=int, i=int, start=int, end=int, a=int, b=int, x=int, simplifier=_Simplifier,
    places="int *", codes="int *", starts="int *", operands="int *",
)
cpdef simplify(listing)

cdef class _Simplifier:
    cdef object constants, steps, tables, scales, marks
    cdef double *numbers
    cdef int first, count, used, mask
    cdef bint is_new
    cdef int *codes
    cdef int *starts
    cdef int *operands
    cdef int *known
    cdef int *negated
    cdef int *scaled
    cdef double *scale
    cdef unsigned char *is_ruled
    cdef unsigned char *is_commutative

    cpdef listing(self, before)
    cdef int add(self, int code, int a, int b, int n) except? -1
    @cython.locals(x=double)
    cdef bint may_fold(self, int code, int a, int b) except? -1
    cdef double number(self, int x) except? -1
    cdef int add_long(self, int code, list operands) except? -1
    cdef int add_folded(self, int code, list operands) except? -1
    @cython.locals(a=int, c=int, step=int)
    cdef bint is_quotient(self, list operands) except? -1
    cdef int add_simple(self, int code, int a, int b, int n) except? -1
    @cython.locals(number=double)
    cdef int add_multiple(self, int x, int constant, int a, int b) except? -1
    @cython.locals(not_a=int, not_b=int, opposite=int)
    cdef int add_product(self, int a, int b) except? -1
    @cython.locals(x=int)
    cdef int constant(self, double number) except? -1
    @cython.locals(place=int)
    cdef int place(self, int code, int a, int b, int n) except? -1
    @cython.locals(k=int, x=int)
    cdef int place_long(self, int code, list operands) except? -1
    @cython.locals(
        used=int, mixes=bint, a=int, b=int, low="long long", high="long long", place="long long", k=int, step=int,
        start=int, operands="int *",
    )
    cdef int find(self, int code, int n) except? -1

# products.py

@cython.locals(
    first=int, i=int, code=int, start=int, left=int, right=int, a=int, b=int, takes_product=bint, parts=list, found=list,
    uses="int *", codes="int *", starts="int *", operands="int *", is_open="unsigned char *", kept="unsigned char *",
)
cdef list _add_up(listing, counts, marks)

cdef list _two_parts(listing, int step)

cdef int _length(int x, int state, list found) except? -1

@cython.locals(
    first=int, count=int, i=int, k=int, x=int, used=int, parts=list, kept="unsigned char *",
    new_codes="int *", new_starts="int *", new_operands="int *", starts="int *", operands="int *",
)
cdef _with_sums(listing, list sums, marks)

@cython.locals(parts=list)
cdef _room(list sums, listing)

# fusion.py

@cython.locals(
    first=int, count=int, sums=int, i=int, k=int, x=int, start=int, end=int, step=int, used=int, is_added=bint, once=list, rest=list,
    is_varying="unsigned char *", did_vary="unsigned char *", places="int *", new_codes="int *", new_starts="int *",
    new_operands="int *", codes="int *", starts="int *", operands="int *",
)
cpdef split_uniform_products(listing)

@cython.locals(first=int, count=int, i=int, codes="int *", is_varying="unsigned char *")
cdef int _count_sums(listing, varies) except? -1

@cython.locals(k=int, a=int, b=int, starts="int *", operands="int *", is_varying="unsigned char *")
cdef bint _has_uniform_product(listing, int i, varies) except? -1

@cython.locals(k=int, a=int, b=int, last=int, starts="int *", operands="int *", is_varying="unsigned char *")
cdef bint _ends_with_addend(listing, int i, varies) except? -1

@cython.locals(
    start=int, end=int, both=int, k=int, x=int, a=int, b=int, a_varies=bint, b_varies=bint, starts="int *",
    operands="int *", places="int *", new_operands="int *", is_varying="unsigned char *",
)
cdef int _place_sum(listing, int i, bint is_added, varies, renumbered, to, int used) except -1

@cython.locals(x=int, new_operands="int *")
cdef int _place(list numbers, to, int used) except -1

@cython.locals(
    k=int, a=int, b=int, start=int, a_varies=bint, b_varies=bint, once=list, scaled=list, varying=list, pairs=list,
    is_varying="unsigned char *",
)
cdef tuple _split(list operands, varies)

cdef class _Fuser:
    cdef object _listing, _arrays
    cdef int _first, _count
    cdef int *_codes
    cdef int *_uses
    cdef unsigned char *_varies
    cdef dict _new
    cdef public object marks

    @cython.locals(i=int, a=int, b=int, inner=int, codes="int *", starts="int *", operands="int *")
    cpdef fuse(self)
    @cython.locals(a=int, b=int, x=int, c=int, inner=int, factors=list)
    cdef _fuse_gate(self, int i)
    cdef _take(self, int i, int code, int inner, list operands)
    cdef int _find(self, int x) except? -2
    cdef list _operands(self, int i)
    @cython.locals(
        i=int, k=int, used=int, codes="int *", new_starts="int *", new_operands="int *", starts="int *", operands="int *",
    )
    cpdef listing(self)

@cython.locals(uses="int *", operands="int *", k=int, x=int, end=int)
cdef _count_operands(listing)

# grouping.py

@cython.locals(
    first=int, count=int, i=int, k=int, code=int, start=int, end=int, numbers=dict, keys="int *", starts="int *",
    codes="int *", operands="int *", is_varying="unsigned char *", decides="unsigned char *",
)
cpdef group_keys(listing, varies)

@cython.locals(is_varying="unsigned char *")
cdef bint _is_scaled(int x, int factor, varies) except? -1

@cython.locals(
    first=int, count=int, i=int, k=int, other=int, is_moved="unsigned char *", is_leading="unsigned char *",
    is_varying="unsigned char *", steps="int *",
)
cpdef pair_neighbours(listing, varies)

@cython.locals(
    first=int, count=int, i=int, k=int, x=int, highest=int, level="int *", starts="int *", operands="int *", places=list
)
cpdef by_levels(listing)

@cython.locals(
    first=int, count=int, i=int, k=int, x=int, step=int, used=int, places="int *", new_codes="int *",
    new_starts="int *", new_operands="int *", codes="int *", starts="int *", operands="int *", steps="int *",
)
cdef _in_order(listing, order)

@cython.locals(i=int, leader=int, keys="int *", codes="int *", partners=dict, leaders=dict)
cdef dict _find_partners(listing, varies)

cdef int _largest_group(int code) except? -1

@cython.locals(k=int, starts="int *", operands="int *", is_varying="unsigned char *")
cdef bint _is_independent(listing, int i, int since, varies) except? -1

@cython.locals(i=int, count=int, size=int, largest=int, keys="int *", codes="int *")
cpdef find_groups(listing, varies)

@cython.locals(i=int, count=int, length=int, codes="int *", runs=dict)
cpdef find_runs(listing, varies, stops)

@cython.locals(k=int, x=int, following=int, starts="int *", operands="int *", others=list)
cdef _longest_run(listing, int i, varies, stops)

@cython.locals(
    first=int, j=int, a=int, b=int, varying=bint, codes="int *", starts="int *", operands="int *",
    is_varying="unsigned char *", others=list,
)
cdef list _other_factors(listing, int common, int i, varies, stops)

# registers.py

@cython.locals(
    first=int, count=int, x=int, i=int, n_uniform=int, n_registers=int, free=list, expires="int *",
    follows="int *", last_use="int *", of_register="int *", is_varying="unsigned char *",
)
cpdef allocate(listing, varies, schedule, outputs, bint lowest=*)

@cython.locals(
    count=int, i=int, k=int, x=int, step=int, last_use="int *", of_constant="int *", starts="int *", operands="int *"
)
cdef _find_last_uses(listing, memory, schedule, outputs)

# emission.py

@cython.locals(
    first=int, end=int, i=int, k=int, x=int, exact=int, count=int, kind=int, at=int, size=int, written="int[2]",
    code="int *", codes="int *", starts="int *", operands="int *", of_register="int *", of_constant="int *",
    number_of="int *", is_varying="unsigned char *", is_inexact="unsigned char *", is_replaced="unsigned char *",
    is_followed="unsigned char *", other=list, arrays=list,
)
cpdef emit(listing, numbers, varies, inexact, memory, dict instead, dict behind)

@cython.locals(first=int, i=int, uniform=int, row=int, starts="int *", is_varying="unsigned char *")
cdef tuple _rooms(listing, varies, dict instead, dict behind)

@cython.locals(
    first=int, name=int, start=int, end=int, gate=int, n_uniform=int, k=int, x=int, code="int *", starts="int *",
    operands="int *", of_register="int *", of_constant="int *", is_varying="unsigned char *",
)
cdef int _emit_dot(listing, int i, varies, memory, instructions, int at) except -1
