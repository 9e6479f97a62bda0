// The inputs: a slider and a field for each leaf.
import { atDots, exact, filled, parsed, reach, short } from "./numbers.js";
import { nameOf } from "./sentences.js";

const shown = (x) => (Number.isFinite(x) ? String(Number(x.toPrecision(6))) : exact(x));

export class Inputs {
  // changed(k, x) is called with the place of a leaf and its new number; said(text) with what is wrong
  constructor(graph, list, x, changed, said) {
    this.rows = graph.leaves.map((i, k) => {
      const name = graph.nodes[i].label || nameOf(graph, i);
      const row = document.createElement("li");
      row.className = `input ${graph.nodes[i].kind}`;
      const label = document.createElement("label");
      const text = graph.nodes[i].text ?? name;
      label.append(...atDots(text));
      const slider = document.createElement("input");
      slider.type = "range";
      slider.step = "any";
      slider.id = `input${k}`;
      label.htmlFor = slider.id;
      slider.dataset.input = name;
      const field = document.createElement("input");
      field.type = "text";
      field.inputMode = "decimal";
      field.autocomplete = "off";
      field.dataset.field = name;
      field.setAttribute("aria-label", `${text}, ${graph.words.numberOf}`);
      const gradient = document.createElement("span");
      gradient.className = "gradient";
      row.append(label, slider, field, gradient);
      slider.addEventListener("input", () => {
        this.put(k, Number(slider.value), true);
        changed(k, Number(slider.value));
      });
      field.addEventListener("change", () => {
        const number = parsed(field.value);
        field.setAttribute("aria-invalid", String(number === undefined));
        if (number === undefined) {
          said(filled(graph.words.badNumber, { text: field.value }));
          return;
        }
        this.put(k, number);
        changed(k, number);
      });
      return { row, slider, field, gradient };
    });
    list.append(...graph.listed.map((k) => this.rows[k].row));
    x.forEach((number, k) => this.put(k, number));
  }

  // shows a number of a leaf; the slider becomes as long as it needs
  put(k, number, isSliding = false) {
    const { slider, field } = this.rows[k];
    if (!isSliding) {
      const end = Math.max(reach(number), Number(slider.max) || 0);
      slider.min = String(-end);
      slider.max = String(end);
      slider.value = String(Number.isNaN(number) ? 0 : Math.max(-end, Math.min(end, number)));
    }
    field.value = shown(number);
    field.removeAttribute("aria-invalid");
  }

  // shows only the leaves for which isShown(k) holds
  filter(isShown) {
    this.rows.forEach(({ row }, k) => (row.hidden = !isShown(k)));
  }

  // shows the gradients of the leaves; undefined where none is known yet
  showGradients(gradients) {
    gradients.forEach((gradient, k) => {
      const element = this.rows[k].gradient;
      element.textContent = gradient === undefined ? "" : short(gradient);
      element.className = `gradient ${gradient < 0 ? "negative" : gradient > 0 ? "positive" : "soft"}`;
    });
  }
}
