"""Names that have a meaning in C, Python or JavaScript, so that an exported function cannot have them."""

from __future__ import annotations

import keyword
import re


def is_reserved_in_c(name: str) -> bool:
    """Whether C to C23, C++, their libraries or common compilers use the name. So C code can be compiled as C++ too."""
    return _C.fullmatch(name) is not None


def is_reserved_in_python(name: str) -> bool:
    """Whether Python uses the name: a keyword, a name that the generated code uses, or a special name."""
    return (
        keyword.iskeyword(name)
        or name in ("TypeError", "ValueError", "hasattr", "len")
        or (name[:2] == "__" == name[-2:])
    )


def is_reserved_in_javascript(name: str) -> bool:
    """Whether JavaScript or the generated code uses the name."""
    return name in _JAVASCRIPT_NAMES.split() or re.fullmatch(r"v\d+|(?:vg|VG)_\w+", name) is not None


_JAVASCRIPT_NAMES = """
    abstract arguments at await boolean break byte case catch char class const continue debugger default delete do
    double else enum eval export extends false final finally float for function goto gradient if implements import in
    instanceof int interface let long n native new null out p package parameters private protected public r return
    short static super switch synchronized this throw throws to total transient true try typeof undefined v var void
    volatile while with x yield Array ArrayBuffer BigInt DataView Float64Array Infinity Math NaN Number Object
    RangeError String Symbol globalThis isFinite isNaN parseFloat parseInt
"""

_KEYWORDS = """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t class
    co_await co_return co_yield compl complex concept const const_cast consteval constexpr constinit continue
    decltype default delete do double dynamic_cast else enum explicit export extern false far final float for
    fortran friend goto huge if imaginary import inline int interrupt long module mutable namespace near new
    noexcept noreturn not not_eq nullptr operator or or_eq override private protected public register
    reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast struct switch
    template this thread_local throw true try typedef typeid typename typeof typeof_unqual union unsigned using
    virtual void volatile wchar_t while xor xor_eq
"""

_MATHEMATICS = """
    acos acosh acospi asin asinh asinpi atan atan2 atan2pi atanh atanpi canonicalize cbrt ceil compoundn copysign
    cos cosh cospi drem erf erfc exp exp10 exp10m1 exp2 exp2m1 expm1 fabs fdim finite floor fma fmax fmaximum
    fmaximum_mag fmaximum_mag_num fmaximum_num fmin fminimum fminimum_mag fminimum_mag_num fminimum_num fmod frexp
    fromfp fromfpx gamma getpayload hypot ilogb isinf isnan j0 j1 jn ldexp lgamma llogb llrint llround log log10
    log10p1 log1p log2 log2p1 logb logp1 lrint lround modf nan nearbyint nextafter nextdown nexttoward nextup pow
    pow10 pown powr quantize remainder remquo rint rootn round roundeven rsqrt samequantum scalb scalbln scalbn
    setpayload setpayloadsig significand sin sincos sinh sinpi sqrt tan tanh tanpi tgamma totalorder totalordermag
    trunc ufromfp ufromfpx y0 y1 yn
"""
"""The functions of math.h. They have versions for other types, such as sinf, sinl and sinf32."""

_MACROS = """
    fpclassify iscanonical iseqsig isfinite isgreater isgreaterequal isless islessequal islessgreater isnormal
    issignaling issubnormal isunordered iszero math_errhandling signbit signgam I INFINITY NAN NULL EOF OVERFLOW
    UNDERFLOW DOMAIN SING PLOSS TLOSS HUGE SNAN SNANF SNANL DEC_INFINITY DEC_NAN FLT_EVAL_METHOD errno assert
    offsetof stdin stdout stderr unreachable kill_dependency linux unix i386 sun mips arm sparc vax min max main x p
    out
"""

_LIBRARY = """
    abort abs aligned_alloc alloca asctime at_quick_exit atexit atof atoi atol atoll bcmp bcopy bsearch bzero
    call_once calloc clearerr clock ctime difftime div exit ffs free free_sized free_aligned_sized getc getchar
    getenv gets gmtime imaxabs imaxdiv index isalnum isalpha isascii isblank iscntrl isdigit isgraph islower isprint
    ispunct isspace isupper isxdigit labs ldiv llabs lldiv localeconv localtime longjmp malloc mblen mbrlen mbrtowc
    mbsinit mbsrtowcs mbstowcs mbtowc memalignment mktime perror printf putc putchar puts qsort quick_exit raise
    rand realloc remove rename rewind rindex scanf setbuf setjmp setlocale setvbuf signal sigsetjmp siglongjmp
    snprintf sprintf srand sscanf stpcpy stpncpy stdc_store8 system time timegm timespec_get timespec_getres tmpfile
    tmpnam toascii tolower toupper towctrans towlower towupper ungetc ungetwc vfprintf vfscanf vprintf vscanf
    vsnprintf vsprintf vsscanf wctob wctomb wctrans wctype exec execl execv execve fork kill open close read write
    creat dup dup2 link unlink pipe sleep usleep wait waitpid size_t ssize_t ptrdiff_t max_align_t nullptr_t float_t
    double_t time_t clock_t tm div_t ldiv_t lldiv_t fpos_t va_list va_start va_end va_arg va_copy jmp_buf
    sig_atomic_t wint_t mbstate_t wctrans_t wctype_t once_flag
"""


def _alternatives(names: str) -> str:
    return "|".join(names.split())


_C = re.compile(
    rf"_\w*|v\d+|{_alternatives(_KEYWORDS)}|{_alternatives(_MACROS)}|{_alternatives(_LIBRARY)}"
    rf"|(?:{_alternatives(_MATHEMATICS)})(?:[fl]|[fd]\d+x?|_r|[fl]_r)?"
    r"|[cC]?(?:[fd]|d\d+|f\d+x?)(?:add|sub|mul|div|fma|sqrt)[fl]?"  # faddl, f32mulf64
    r"|c(?:a?(?:cos|sin|tan)h?|abs|arg|exp|imag|log|pow|proj|real|sqrt)[fl]?|conj[fl]?"  # complex.h
    r"|f(?:close|eof|error|flush|getc|getpos|gets|getwc|getws|open|printf|putc|puts|putwc|putws|read|reopen|scanf|seek"
    r"|setpos|tell|wide|wprintf|write|wscanf)"
    r"|fe(?:clear|raise|test|set|get|hold|update)\w*|fe(?:env|except|mode)_t"
    r"|(?:mem|str|wcs|wmem)(?:ccpy|chr|cmp|coll|cpy|cspn|dup|error|ftime|from[dfl]|len|move|ncat|ncmp|ncpy|ndup|pbrk"
    r"|rchr|set|set_explicit|spn|str|tod|tof|toimax|tok|tol|told|toll|toul|toull|toumax|xfrm|cat|rtombs|tombs|nlen)"
    r"|v?[fs]?w(?:printf|scanf)|v?swprintf|v?swscanf|(?:get|put)w(?:c|char)|isw\w+|wcrtomb|btowc|mbrtoc\d+|c\d+rtomb"
    r"|(?:thrd|mtx|cnd|tss|atomic|stdc)_\w+|u?int(?:_least|_fast|max|ptr)?\d*_t"
    r"|(?:M|FP|FE|HUGE|MATH|INT|UINT|DBL|FLT|LDBL|SIG|VG|vg)_\w+"
)
