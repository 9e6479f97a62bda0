// Pictures on canvases: what the network has learned, the losses, and histograms.
import { short } from "./numbers.js";

const HUES = ["--positive", "--negative", "--result-line", "--parameter-line", "--box-line", "--muted"];

// the colours of the page, as red, green and blue
export function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => {
    const text = style.getPropertyValue(name).trim();
    return [1, 3, 5].map((k) => parseInt(text.slice(k, k + 2), 16));
  };
  return { hues: HUES.map(of), ink: of("--ink"), muted: of("--muted"), paper: of("--paper"), line: of("--line") };
}

const css = ([r, g, b], alpha = 1) => `rgba(${Math.round(r)},${Math.round(g)},${Math.round(b)},${alpha})`;
const mixed = (a, b, share) => a.map((x, k) => x + (b[k] - x) * share);

// sharp on every screen; gives the context, and its size in points
function begun(canvas) {
  const ratio = globalThis.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return [context, width, height];
}

// Outputs or targets as a colour: { hue, share }, where share is how sure it is.
export class Scale {
  constructor({ kind, low, high }) {
    Object.assign(this, { kind, low, high });
  }

  of(numbers, isTarget) {
    if (this.kind === "classes" && isTarget) return { hue: numbers[0], share: 1 };
    if (this.kind === "classes" || this.kind === "rows") {
      const top = Math.max(...numbers);
      const sum = numbers.reduce((total, x) => total + Math.exp(x - top), 0);
      return { hue: numbers.indexOf(top), share: isTarget ? 1 : 1 / sum };
    }
    let [x] = numbers;
    if (this.kind === "logits" && !isTarget) x = 1 / (1 + Math.exp(-x));
    const signed = Math.max(-1, Math.min(1, (2 * (x - this.low)) / (this.high - this.low) - 1));
    return { hue: signed < 0 ? 1 : 0, share: Math.abs(signed) };
  }
}

// what each colour of a target means: [hue, text]
export function meanings({ kind, low, high }, nOutputs) {
  if (kind === "classes" || kind === "rows") return Array.from({ length: nOutputs }, (_, k) => [k % HUES.length, String(k)]);
  return [[1, short(low)], [0, short(high)]];
}

const hueOf = (paint, hue) => paint.hues[((hue % HUES.length) + HUES.length) % HUES.length];

// the map of two inputs, or the line of one; where a sample lies on it
export class Learned {
  constructor(data, canvas) {
    this.data = data;
    this.canvas = canvas;
    this.scale = new Scale(data.scale);
    this.nInputs = data.ranges.length;
    const { grid, ranges } = data;
    if (this.nInputs === 1) {
      const [[low, high]] = ranges;
      this.inputs = Float64Array.from({ length: grid * 5 }, (_, k) => low + ((high - low) * k) / (grid * 5 - 1));
    } else {
      const [[left, right], [bottom, top]] = ranges;
      this.inputs = new Float64Array(grid * grid * 2);
      for (let k = 0; k < grid * grid; k++) {
        this.inputs[2 * k] = left + ((right - left) * ((k % grid) + 0.5)) / grid;
        this.inputs[2 * k + 1] = top - ((top - bottom) * (Math.floor(k / grid) + 0.5)) / grid;
      }
      this.tile = Object.assign(document.createElement("canvas"), { width: grid, height: grid });
    }
    if (this.nInputs === 1) {
      const heights = data.rows.map((row) => this.heightOf(row.slice(1), true));
      this.reach = [Math.min(...heights), Math.max(...heights)];
    }
  }

  // what a line shows of outputs or targets: the class, the probability, or the number
  heightOf(numbers, isTarget) {
    const { kind } = this.scale;
    if (kind === "rows" || (kind === "classes" && !isTarget)) return this.scale.of(numbers, isTarget).hue;
    return kind === "logits" && !isTarget ? 1 / (1 + Math.exp(-numbers[0])) : numbers[0];
  }

  place(row, width, height) {
    const [[left, right], [bottom, top] = this.reachWithMargin()] = this.data.ranges;
    return [((row[0] - left) / (right - left)) * width, height - ((row[1] - bottom) / (top - bottom)) * height];
  }

  pointOf(row) {
    return this.nInputs === 1 ? [row[0], this.heightOf(row.slice(1), true)] : row;
  }

  reachWithMargin() {
    const [low, high] = this.reach;
    const margin = (high - low || 1) * 0.12;
    return [low - margin, high + margin];
  }

  // the sample next to a point of the picture
  nearest(x, y) {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const distances = this.data.rows.map((row) => {
      const [a, b] = this.place(this.pointOf(row), width, height);
      return (a - x) ** 2 + (b - y) ** 2;
    });
    return distances.indexOf(Math.min(...distances));
  }

  // layers: what each layer gives at each place, of this width; neuron: the one to show instead of the outputs
  draw(paint, layers, width, nOutputs, chosen, neuron) {
    const [context, w, h] = begun(this.canvas);
    const outputs = (k) => layers.subarray((k + 1) * width - nOutputs, (k + 1) * width);
    if (this.nInputs === 1) this.line(context, w, h, paint, outputs);
    else this.map(context, w, h, paint, neuron ? this.activations(layers, neuron) : (k) => this.scale.of(outputs(k), false));
    this.data.rows.forEach((row, k) => {
      const [x, y] = this.place(this.pointOf(row), w, h);
      const target = row.slice(this.nInputs);
      const { hue, share } = this.nInputs === 1 ? { hue: 0, share: 1 } : this.scale.of(target, true);
      context.beginPath();
      context.arc(x, y, k === chosen ? 7 : 4.5, 0, 7);
      context.fillStyle = css(mixed(paint.paper, hueOf(paint, hue), 0.35 + 0.65 * share));
      context.fill();
      context.lineWidth = k === chosen ? 3 : 1.5;
      context.strokeStyle = css(k === chosen ? paint.ink : paint.paper);
      context.stroke();
    });
  }

  // the colours of one neuron: as strong as its largest activation
  activations(layers, { offset, width }) {
    let most = 1e-300;
    for (let k = offset; k < layers.length; k += width) most = Math.max(most, Math.abs(layers[k]));
    return (k) => {
      const x = layers[k * width + offset];
      return { hue: x < 0 ? 1 : 0, share: Math.abs(x) / most };
    };
  }

  // a small map of one neuron: every other place
  drawSmall(canvas, paint, layers, neuron) {
    const side = this.data.grid / 2;
    if (canvas.width !== side) Object.assign(canvas, { width: side, height: side });
    const colourAt = this.activations(layers, neuron);
    this.fill(canvas, side, paint, (k) => colourAt(4 * side * Math.floor(k / side) + 2 * (k % side)));
  }

  fill(canvas, side, paint, colourAt) {
    const context = canvas.getContext("2d");
    const image = context.createImageData(side, side);
    for (let k = 0; k < side * side; k++) {
      const { hue, share } = colourAt(k);
      const [r, g, b] = mixed(paint.paper, hueOf(paint, hue), Number.isNaN(share) ? 0 : 0.55 * share);
      [image.data[4 * k], image.data[4 * k + 1], image.data[4 * k + 2], image.data[4 * k + 3]] = [r, g, b, 255];
    }
    context.putImageData(image, 0, 0);
  }

  map(context, w, h, paint, colourAt) {
    this.fill(this.tile, this.data.grid, paint, colourAt);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.tile, 0, 0, w, h);
  }

  line(context, w, h, paint, outputs) {
    context.beginPath();
    this.inputs.forEach((x, k) => {
      context.lineTo(...this.place([x, this.heightOf(outputs(k), false)], w, h));
    });
    context.lineWidth = 2.5;
    context.lineJoin = "round";
    context.strokeStyle = css(paint.hues[1]);
    context.stroke();
  }
}

// numbers as an image of rows and columns of pixels: in the colours of their signs, or as ink if they are not signed
export function drawImage(canvas, paint, numbers, [rows, columns], isSigned) {
  if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  const most = numbers.reduce((top, x) => Math.max(top, Math.abs(x)), 1e-300);
  numbers.forEach((x, k) => {
    const [r, g, b] = mixed(paint.paper, isSigned ? hueOf(paint, x < 0 ? 1 : 0) : paint.ink, Math.abs(x) / most || 0);
    image.data.set([r, g, b, 255], 4 * k);
  });
  context.putImageData(image, 0, 0);
}

// the losses of training, and of validation as a broken line; marked: where a line stands
export function drawLosses(canvas, paint, losses, marked) {
  const [context, w, h] = begun(canvas);
  const finite = losses.filter(([, loss]) => Number.isFinite(loss ?? NaN));
  const top = Math.max(...finite.flatMap(([, a, b]) => (Number.isFinite(b ?? NaN) ? [a, b] : [a])), 1e-300) * 1.05;
  const last = Math.max(losses[losses.length - 1][0], 1);
  context.font = "11px ui-monospace, monospace";
  context.fillStyle = css(paint.muted);
  const label = short(Number((top / 1.05).toPrecision(3)));
  const left = context.measureText(label).width + 8;
  const [x, y] = [(step) => left + (step / last) * (w - left - 6), (loss) => h - 18 - (loss / top) * (h - 24)];
  context.textAlign = "right";
  context.fillText(label, left - 6, y(top / 1.05) + 4);
  context.fillText("0", left - 6, y(0) + 1);
  context.fillText(String(last), w, h - 3);
  context.textAlign = "left";
  context.fillText("0", left, h - 3);
  context.strokeStyle = css(paint.line);
  context.strokeRect(left - 0.5, y(top) + 0.5, 0, y(0) - y(top));
  context.strokeRect(left - 0.5, y(0) + 0.5, w - left, 0);
  if (marked !== undefined) {
    context.fillStyle = css(paint.hues[0]);
    context.fillRect(x(marked) - 1, y(top), 2, y(0) - y(top));
  }
  context.lineJoin = "round";
  [1, 2].forEach((which) => {
    context.beginPath();
    context.setLineDash(which === 2 ? [5, 4] : []);
    context.lineWidth = 2;
    context.strokeStyle = css(which === 2 ? paint.muted : paint.ink);
    const shown = finite.filter((entry) => Number.isFinite(entry[which] ?? NaN));
    for (const entry of shown) context.lineTo(x(entry[0]), y(entry[which]));
    context.stroke();
    if (shown.length === 1) {
      context.beginPath();
      context.arc(x(shown[0][0]), y(shown[0][which]), 3, 0, 7);
      context.fillStyle = context.strokeStyle;
      context.fill();
    }
  });
  context.setLineDash([]);
}

// how many numbers there are of each size, from the least to the largest; 0 is in the middle
export function drawHistogram(canvas, paint, numbers) {
  const [context, w, h] = begun(canvas);
  const bins = 21;
  const reach = numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const counts = new Array(bins).fill(0);
  for (const x of numbers) {
    const k = reach > 0 && Number.isFinite(reach) ? Math.floor(((x / reach + 1) / 2) * bins) : (bins - 1) / 2;
    counts[Math.min(bins - 1, k)] += 1;
  }
  const most = Math.max(...counts);
  counts.forEach((count, k) => {
    const height = (count / most) * (h - 2);
    context.fillStyle = css(k < (bins - 1) / 2 ? paint.hues[1] : k > (bins - 1) / 2 ? paint.hues[0] : paint.muted);
    context.fillRect((k * w) / bins + 0.5, h - height, w / bins - 1, height);
  });
  return reach;
}
