// The diagram: a column of boxes for each layer, and a line for each weight, by its sign and its size.
import { filled, short } from "./numbers.js";

const NS = "http://www.w3.org/2000/svg";
const MOST = 16; // boxes in a column
const MAP = 22; // the side of a small map
const PICTURE = 100; // the side of the picture of a sample

function made(name, attributes, parent, text) {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

export class Network {
  constructor(data, frame) {
    this.data = data;
    const { columns, words } = data;
    const { image } = data; // rows and columns of pixels, or null
    const shown = columns.map((column, c) => (image && c === 0 ? 0 : Math.min(column.size, MOST)));
    const isDense = Math.max(...shown) > 8;
    this.hasMaps = data.ranges.length === 2 || image !== null;
    this.box = { width: this.hasMaps ? 100 : 74, height: isDense ? 30 : 42 };
    const pitch = this.box.height + (isDense ? 6 : 16);
    const step = this.box.width + (isDense ? 90 : 60);
    const areClasses = data.scale.kind === "classes" || data.scale.kind === "rows";
    const width = Math.max(columns.length - 1, 1) * step + this.box.width + 24 + (areClasses ? 22 : 0);
    const isCut = columns.some((column, c) => column.size > MOST && shown[c] > 0);
    const height = Math.max(Math.max(...shown) * pitch + 50 + (isCut ? 18 : 0), image ? 2 * PICTURE + 110 : 0);
    const size = { width: width * (isDense ? 1 : 1.35), height: height * (isDense ? 1 : 1.35) };
    this.svg = made("svg", { viewBox: `0 0 ${width} ${height}`, ...size, role: "group", "aria-label": words.network }, frame);
    this.svg.style.minWidth = `${width * 0.75}px`; // what is smaller cannot be read: it scrolls
    const edges = made("g", { "aria-hidden": "true" }, this.svg);
    this.lines = [];
    this.boxes = [];
    let offset = 0;
    columns.forEach((column, c) => {
      const x = 12 + c * step;
      const top = 44 + ((Math.max(...shown) - shown[c]) * pitch) / 2;
      const title = c === 0 ? words.inputs : c === columns.length - 1 ? words.outputs : column.name;
      made("text", { x: x + this.box.width / 2, y: 16, class: "title" }, this.svg, title);
      made("text", { x: x + this.box.width / 2, y: 31, class: "title" }, this.svg, column.functions.join(" · "));
      for (let i = 0; i < shown[c]; i++) this.boxes.push(this.boxOf(c, i, x, top + i * pitch, offset + i));
      if (image && c === 0) this.pictures = [words.pixels, words.gradients].map((text, k) => this.pictureIn(text, x, 44 + k * (PICTURE + 34)));
      if (areClasses && c === columns.length - 1) {
        for (let i = 0; i < shown[c]; i++) {
          made("text", { x: x + this.box.width + 13, y: top + i * pitch + this.box.height / 2 + 4, class: "number" }, this.svg, String(i));
        }
      }
      if (column.size > MOST && shown[c] > 0) {
        made("text", { x: x + this.box.width / 2, y: height - 4, class: "title" }, this.svg, words.more.replace("{count}", column.size - MOST));
      }
      offset += column.size;
    });
    for (const box of this.boxes) {
      const before = this.boxes.filter((other) => other.column === box.column - 1);
      before.forEach((other, j) => {
        const place = columns[box.column].weights[box.row]?.[j];
        if (place === undefined || place === null) return;
        const [x1, y1, x2, y2] = [other.x + this.box.width, other.y + this.box.height / 2, box.x, box.y + this.box.height / 2];
        const middle = (x1 + x2) / 2;
        const path = made("path", { d: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`, class: "weight" }, edges);
        this.lines.push({ path, place, x: middle, y: (y1 + y2) / 2, from: other, to: box });
      });
    }
    this.tag = made("text", { class: "tag", "aria-hidden": "true" }, this.svg);
  }

  boxOf(column, row, x, y, place) {
    const { width, height } = this.box;
    const group = made("g", { "data-node": `${column}.${row}`, role: "img" }, this.svg);
    const rect = made("rect", { x, y, width, height, rx: 9 }, group);
    const hasMap = this.hasMaps && (this.data.image ? column === 1 : column > 0);
    const map = hasMap ? this.mapIn(group, x + 6, y + (height - MAP) / 2) : undefined;
    const middle = x + (hasMap ? width + MAP : width + (column ? 0 : 20)) / 2;
    if (column === 0) made("text", { x: x + 13, y: y + height / 2 + 4 }, group, `x${row + 1}`);
    const title = made("title", {}, group);
    const value = made("text", { x: middle, y: y + (height > 40 ? 18 : 13), class: "number" }, group);
    const grad = made("text", { x: middle, y: y + (height > 40 ? 34 : 25), class: "slope" }, group);
    return { column, row, x, y, place, group, title, rect, map, value, grad, name: this.nameOf(column, row) };
  }

  nameOf(column, row) {
    const { columns, words } = this.data;
    if (column === 0) return `x${row + 1}`;
    if (column < columns.length - 1) return filled(words.neuronOf, { layer: columns[column].name, row });
    return columns[column].size === 1 ? words.output : filled(words.outputOf, { row });
  }

  // the sample as a picture, or the gradient of its error
  pictureIn(text, x, y) {
    made("text", { x: x + this.box.width / 2, y: y + PICTURE + 16 }, this.svg, text);
    return this.mapIn(this.svg, x, y, PICTURE);
  }

  // a small canvas: what a neuron gives at all inputs, or the weights of its pixels
  mapIn(group, x, y, side = MAP) {
    const frame = made("foreignObject", { x, y, width: side, height: side, "aria-hidden": "true" }, group);
    const canvas = document.createElement("canvas");
    frame.append(canvas);
    return canvas;
  }

  // the boxes that a parameter joins, or has as the bias of one; undefined if it is not drawn
  ends(place) {
    const line = this.lines.find((one) => one.place === place);
    if (line) return { from: line.from.name, to: line.to.name, source: line.from, target: line.to };
    const box = this.boxes.find(({ column, row }) => this.data.columns[column].biases[row] === place);
    return box && { to: box.name, target: box };
  }

  // numbers: what each box holds, and the gradient of the sample's error by it; told: the column that is spoken of
  show(p, numbers, gradients, marked, told) {
    for (const { path, place } of this.lines) {
      const weight = p[place];
      path.setAttribute("class", `weight ${weight < 0 ? "negative" : "positive"}${place === marked ? " is-marked" : ""}`);
      path.setAttribute("stroke-width", String(Math.max(place === marked ? 3 : 0, Math.min(0.4 + 1.5 * Math.abs(weight), 6))));
    }
    const line = this.lines.find((one) => one.place === marked);
    this.tag.textContent = line ? short(Number(p[marked].toPrecision(4))) : "";
    if (line) for (const [name, x] of [["x", line.x], ["y", line.y + 4]]) this.tag.setAttribute(name, String(x));
    for (const { column, row, place, group, title, rect, value, grad, name } of this.boxes) {
      group.classList.toggle("is-told", column === told);
      const [x, slope] = [numbers[place], gradients[place]];
      group.dataset.value = String(x);
      group.dataset.grad = String(slope);
      const { words, columns } = this.data;
      const bias = columns[column].biases[row] ?? null;
      title.textContent = `${name}: ${short(x)}; ${words.gradient} ${short(slope)}${bias === null ? "" : `; ${words.bias} ${short(p[bias])}`}`;
      group.setAttribute("aria-label", title.textContent);
      rect.setAttribute("class", x < 0 ? "negative" : "positive");
      value.textContent = short(Number(x.toPrecision(3)));
      grad.textContent = short(Number(slope.toPrecision(2)));
      grad.setAttribute("class", `slope ${slope < 0 ? "negative" : "positive"}`);
    }
  }
}
