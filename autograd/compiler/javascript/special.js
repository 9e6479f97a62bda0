// What C has and JavaScript lacks. Each function has the values of C also where JavaScript's own differs.

const pow = (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : Math.pow(a, b));

const fmod = (a, b) => a % b;

const isNegative = (a) => a < 0 || Object.is(a, -0);

const copysign = (a, b) => (isNegative(b) ? -Math.abs(a) : Math.abs(a));

// the nearest whole number, ties to even: numbers from 2**52 on are whole
const rint = (a) => (Math.abs(a) < 4503599627370496 ? copysign(Math.abs(a) + 4503599627370496 - 4503599627370496, a) : a);

function remainder(a, b) {
  if (Number.isNaN(a) || Number.isNaN(b) || Math.abs(a) === Infinity || b === 0) return NaN;
  if (Math.abs(b) === Infinity) return a;
  const size = Math.abs(b);
  let rest = Math.abs(a) % size;
  const isOdd = size <= 8.98846567431158e307 && Math.abs(a) % (2 * size) >= size;
  const other = size - rest;
  if (rest > other || (rest === other && isOdd)) rest = -other;
  return isNegative(a) ? -rest : rest;
}

// a = fraction * 2**exponent, with a fraction from 1/2 to below 1
function frexp(a) {
  const bits = new DataView(new ArrayBuffer(8));
  const small = Math.abs(a) < 2.2250738585072014e-308;
  bits.setFloat64(0, small ? a * 18014398509481984 : a);
  const exponent = ((bits.getUint32(0) >>> 20) & 2047) - 1022;
  bits.setUint32(0, (bits.getUint32(0) & 0x800fffff) | 0x3fe00000);
  return [bits.getFloat64(0), small ? exponent - 54 : exponent];
}

// a * 2**n, rounded once
function ldexp(a, n) {
  while (n > 1023) (a *= 8.98846567431158e307), (n -= 1023);
  while (n < -969) (a *= 2.0041683600089728e-292), (n += 969);
  return a * 2 ** n;
}

// erf(a) / a for a * a up to 1, and erfc(a) exp(a * a) (1 + 2a) for (a - 3) / (a + 3) and a from 1/2 to 30: made by
// mpmath.chebyfit(f, interval, 13 and 23) with 60 digits
const ERF = [
  5.957176147748911e-11, -1.1372848856791674e-09, 1.4659775274047436e-08, -1.6350312701054695e-07,
  1.6461000484121368e-06, -1.4925595266831182e-05, 0.0001205533111164271, -0.000854832698083379,
  0.0052239776248180145, -0.026866170645076792, 0.11283791670954879, -0.3761263890318375, 1.1283791670955126,
];
const ERFCX = [
  -3.906166922958998e-09, -1.0926857038616775e-08, 3.300158178882872e-08, 9.950156127002298e-08,
  -1.3274749777737954e-07, -6.154805007787697e-07, 3.5154335753850033e-07, 3.472165401392901e-06,
  -7.295289710729455e-07, -2.0100593323111353e-05, 4.9490153234906965e-06, 0.000125099381537821,
  -0.00010515973006004306, -0.0007798322798222287, 0.0018886903527686849, 0.0025293918170999786,
  -0.023770514918278293, 0.06830802734390629, -0.11927366341532125, 0.12964515870276289, -0.04756229435345056,
  -0.1356211061245812, 1.2530080582697296,
];

const polynomial = (coefficients, z) => coefficients.reduce((y, c) => y * z + c, 0);

// exp(-a * a); the square of the upper half of a is exact, so what the rounding of a * a lost is known
function expOfSquare(a) {
  const c = 134217729 * a;
  const high = c - (c - a);
  const y = Math.exp(-a * a);
  return y - y * (high * high - a * a + (a - high) * (a + high));
}

function erfc(a) {
  if (Number.isNaN(a)) return NaN;
  if (a < 0.5) return a > -0.5 ? 1 - erf(a) : a > -6 ? 2 - erfc(-a) : 2;
  if (a > 28) return 0;
  return (expOfSquare(a) * polynomial(ERFCX, (a - 3) / (a + 3))) / (1 + 2 * a);
}

function erf(a) {
  if (Math.abs(a) < 1) return a * polynomial(ERF, a * a);
  return copysign(1 - erfc(Math.abs(a)), a);
}

// these replace functions of floats.h that fill in arrays of characters or call frexp()

function vg_cbrt(a) {
  if (a === 0 || !Number.isFinite(a)) return a;
  const [fraction, exponent] = frexp(Math.abs(a));
  const rest = ((exponent % 3) + 3) % 3;
  const shift = rest ? rest - 3 : 0;
  return copysign(ldexp(Math.pow(ldexp(fraction, shift), 1 / 3), (exponent - shift) / 3), a);
}

function scaled(a, b) {
  const exponent = frexp(Math.max(Math.abs(a), Math.abs(b)))[1];
  return [ldexp(a, -exponent), ldexp(b, -exponent), exponent];
}

function vg_hypot(a, b) {
  if (Math.abs(a) === Infinity || Math.abs(b) === Infinity) return Infinity;
  const m = Math.max(Math.abs(a), Math.abs(b));
  if (1e-140 < m && m < 1e140) return Math.sqrt(a * a + b * b);
  if (m === 0 || Number.isNaN(m)) return Math.abs(a) + Math.abs(b);
  const [x, y, exponent] = scaled(a, b);
  return ldexp(Math.sqrt(x * x + y * y), exponent);
}

function vg_direction(a, b) {
  if (a === 0 && b === 0) return 0;
  if (Number.isNaN(a) || Number.isNaN(b) || (Math.abs(a) === Infinity && Math.abs(b) === Infinity)) return NaN;
  if (Math.abs(a) === Infinity) return copysign(1, a);
  if (Math.abs(b) === Infinity) return copysign(0, a);
  const m = Math.max(Math.abs(a), Math.abs(b));
  if (1e-140 < m && m < 1e140) return a / Math.sqrt(a * a + b * b);
  const [x, y] = scaled(a, b);
  return x / Math.sqrt(x * x + y * y);
}

// the digits of |a| are exact as an integer times a power of ten, and a tie goes to the even digit, as in Python
function vg_round_digits(a, b) {
  if (Number.isNaN(b) || !Number.isFinite(a)) return Number.isNaN(b) ? NaN : a;
  const digits = Math.trunc(Math.max(-400, Math.min(b, 400)));
  if (digits < -308) return 0 * a;
  if (digits >= 324) return a;
  let [fraction, exponent] = frexp(Math.abs(a));
  let top = BigInt(fraction * 9007199254740992);
  let bottom = 1n;
  exponent -= 53;
  if (exponent > 0) top <<= BigInt(exponent);
  else bottom <<= BigInt(-exponent);
  if (digits > 0) top *= 10n ** BigInt(digits);
  else bottom *= 10n ** BigInt(-digits);
  let whole = top / bottom;
  const twice = 2n * (top - whole * bottom);
  if (twice > bottom || (twice === bottom && whole % 2n === 1n)) whole += 1n;
  return copysign(Number(`${whole}e${-digits}`), a);
}
