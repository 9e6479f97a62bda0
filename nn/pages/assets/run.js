// A training that has ended: the weights after some of its epochs, and its losses.

export class Run {
  constructor({ run, names }) {
    const { weights, ...rest } = run;
    Object.assign(this, rest);
    const bytes = Uint8Array.from(atob(weights), (sign) => sign.charCodeAt(0));
    this.numbers = new Float64Array(bytes.buffer);
    this.width = names.length;
    this.at = this.epochs.indexOf(run.first);
  }

  get epoch() {
    return this.epochs[this.at];
  }

  get isLast() {
    return this.at === this.epochs.length - 1;
  }

  weights() {
    return this.numbers.subarray(this.at * this.width, (this.at + 1) * this.width);
  }

  // the place of the epoch that is next to this one
  nearest(epoch) {
    const distances = this.epochs.map((other) => Math.abs(other - epoch));
    return distances.indexOf(Math.min(...distances));
  }
}
