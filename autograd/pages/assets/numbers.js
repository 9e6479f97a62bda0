// Numbers as people read them, and as they write them.

const MINUS = "\u2212";

// four digits at most, as draw() has them; a tie goes to the even digit, as in Python
export function short(x) {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : `${MINUS}∞`;
  if (x === 0) return "0";
  let [digits, exponent] = rounded(Math.abs(x));
  let text;
  if (exponent < -4 || exponent >= 4) {
    const mantissa = Number(`${digits[0]}.${digits.slice(1)}`);
    text = `${mantissa}e${String(exponent).replace("-", MINUS)}`;
  } else {
    text = String(Number(`${digits[0]}.${digits.slice(1)}e${exponent}`));
  }
  return x < 0 ? MINUS + text : text;
}

// the first four digits, and the exponent
function rounded(size) {
  const [all, exact] = size.toExponential(40).split("e");
  const isTie = /^5?0*$/.test(all.slice(5)) && all[5] === "5";
  const isEven = Number(all[4]) % 2 === 0;
  const [text, exponent] = isTie && isEven ? [all.slice(0, 5), exact] : size.toExponential(3).split("e");
  return [text.replace(".", ""), Number(exponent)];
}

// one number, or the least and the largest of several
export function spanned(numbers) {
  const known = numbers.filter((x) => !Number.isNaN(x));
  const finite = known.length ? known : numbers;
  const [least, most] = [finite.reduce((a, b) => Math.min(a, b)), finite.reduce((a, b) => Math.max(a, b))].map(short);
  return least === most ? least : `${least} … ${most}`;
}

// all digits: the text from which every language makes the same number
export function exact(x) {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  return Object.is(x, -0) ? "-0" : String(x);
}

// what somebody has written; undefined if it is no number
export function parsed(text) {
  const plain = text.trim().toLowerCase().replace(MINUS, "-").replace("∞", "inf").replace(",", ".");
  if (/^[+-]?(nan)$/.test(plain)) return NaN;
  if (/^[+-]?inf(inity)?$/.test(plain)) return plain[0] === "-" ? -Infinity : Infinity;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(plain)) return undefined;
  return Number(plain);
}

// the ends of a slider: the first of 1, 2, 5, 10, ... that is twice the number or more, and at least 2
export function reach(x) {
  if (!Number.isFinite(x)) return 10;
  const wanted = Math.min(Math.max(2 * Math.abs(x), 2), 1e308);
  const power = 10 ** Math.floor(Math.log10(wanted));
  return [1, 2, 5, 10].map((k) => k * power).find((end) => end >= wanted) ?? wanted;
}

// a text that may break after the dots of names, not after those of numbers
export function atDots(text) {
  const parts = text.split(/(?<=\.)(?=[^\d\s])|(?<=[^\d\s]\.)(?=\d)/);
  return parts.flatMap((part, k) => (k ? [document.createElement("wbr"), part] : [part]));
}

// a sentence with texts for the names in it
export const filled = (text, names) => text.replace(/\{(\w+)\}/g, (all, name) => names[name] ?? all);
