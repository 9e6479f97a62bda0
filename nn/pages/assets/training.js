// The training: parameters, gradient, and the optimizer, in the order in which nn.fit computes them.

export class Training {
  // programs: the exported loss and the rules of the optimizer, one for each group of parameters
  constructor(data, programs) {
    this.data = data;
    this.programs = programs;
    this.n = data.rows.length;
    this.width = data.rows[0].length;
    this.rows = Float64Array.from(data.rows.flat());
    this.heldOut = Float64Array.from(data.heldOut.flat());
    this.batch = new Float64Array(this.n * this.width);
    this.size = Math.min(data.size, this.n);
    this.p = new Float64Array(data.names.length);
    this.gradient = new Float64Array(this.p.length);
    this.used = new Float64Array(this.p.length); // the gradient of the last update
    this.settings = data.groups.map((group) => Float64Array.from([0, ...group.settings]));
    if (data.run === null) this.begin(data.parameters, data.state, data.steps);
  }

  // from these weights, and from this state of the optimizer after so many steps; reset() begins there again
  begin(weights, state = [], steps = 0) {
    this.first = { weights, state, steps };
    this.reset();
  }

  reset() {
    this.steps = 0;
    this.epoch = 0;
    this.place = 0; // in the order of the epoch
    this.p.set(this.first.weights);
    const moved = this.data.groups.reduce((sum, group) => sum + group.size, 0);
    this.state = Array.from({ length: this.data.kept }, (_, k) => Float64Array.from(this.first.state[k] ?? new Array(moved).fill(0)));
    this.isFresh = false;
    this.measure();
    this.losses = [[0, this.loss, this.validation]];
  }

  get rate() {
    return this.settings[0][1 + this.data.groups[0].rate];
  }

  // other groups keep their share of the learning rate
  set rate(rate) {
    const first = this.data.groups[0];
    this.data.groups.forEach((group, k) => {
      const share = group.settings[group.rate] / first.settings[first.rate];
      this.settings[k][1 + group.rate] = share === 1 ? rate : rate * share;
    });
  }

  get decay() {
    const [first] = this.data.groups;
    return (first?.decay ?? null) === null ? undefined : this.settings[0][1 + first.decay];
  }

  set decay(decay) {
    this.data.groups.forEach((group, k) => (this.settings[k][1 + group.decay] = decay));
  }

  // steps 1 and 2: the loss of all samples at the present weights, and its gradient
  measure() {
    if (this.isFresh) return;
    this.loss = this.programs.loss.gradient(this.n, this.rows, this.p, this.gradient);
    const n = this.data.heldOut.length;
    this.validation = n ? this.programs.loss.rows(n, this.heldOut, this.p).reduce((sum, x) => sum + x, 0) / n : undefined;
    this.isFresh = true;
  }

  // several updates and the loss after them; if one cannot be computed, all is as it was before
  advance(mayGoOn = () => false) {
    const { steps, epoch, place } = this;
    const p = this.p.slice();
    const state = this.state.map((array) => array.slice());
    try {
      do this.step();
      while (mayGoOn());
      this.record();
    } catch (error) {
      Object.assign(this, { steps, epoch, place, state, isFresh: false });
      this.p.set(p);
      this.measure();
      throw error;
    }
  }

  // one update: by the gradient of all samples, or of the next batch
  step() {
    if (this.size >= this.n) this.measure();
    else this.programs.loss.gradient(this.take(), this.batch, this.p, this.gradient);
    this.move();
    this.isFresh = false;
  }

  // the samples of the next step
  next() {
    if (this.size >= this.n) return Array.from({ length: this.n }, (_, k) => k);
    const isOver = this.place >= this.n;
    const place = isOver ? 0 : this.place;
    return this.orderOf(this.epoch + isOver).slice(place, place + this.size);
  }

  // fills in the samples of the next batch, and gives how many they are
  take() {
    const picked = this.next();
    if (this.place >= this.n) Object.assign(this, { epoch: this.epoch + 1, place: 0 });
    this.place += picked.length;
    this.picked = picked;
    picked.forEach((i, k) => this.batch.set(this.rows.subarray(i * this.width, (i + 1) * this.width), k * this.width));
    return picked.length;
  }

  // the order of the samples in an epoch: that of fit(), or one of the page's own, always the same
  orderOf(epoch) {
    const { orders } = this.data;
    if (orders.length > 0) return orders[epoch % orders.length];
    if (this.drawn?.epoch !== epoch) this.drawn = { epoch, order: shuffled(this.n, epoch) };
    return this.drawn.order;
  }

  // step 3: each weight moves by the rule of its group
  move() {
    this.steps += 1;
    this.used.set(this.gradient);
    let begin = 0;
    this.data.groups.forEach(({ size, results }, g) => {
      const width = 2 + this.state.length;
      const settings = this.settings[g];
      settings[0] = this.first.steps + this.steps;
      const x = new Float64Array(size * width);
      for (let i = 0; i < size; i++) {
        x[i * width] = this.p[begin + i];
        x[i * width + 1] = this.gradient[begin + i];
        this.state.forEach((array, k) => (x[i * width + 2 + k] = array[begin + i]));
      }
      const moved = this.programs.moves[g].rows(size, x, settings);
      for (let i = 0; i < size; i++) {
        this.p[begin + i] = moved[i * results];
        for (let k = 1; k < results; k++) this.state[k - 1][begin + i] = moved[i * results + k];
      }
      begin += size;
    });
  }

  // remembers the losses for the curve; of very many, every other one is forgotten
  record() {
    this.measure();
    this.losses.push([this.steps, this.loss, this.validation]);
    if (this.losses.length > 2000) this.losses = this.losses.filter((_, k) => k % 2 === 0 || k === this.losses.length - 1);
  }

  // the bytes of the file that nn.save writes for these weights
  file() {
    const { bytes, places } = this.data.file;
    const all = Uint8Array.from(atob(bytes), (sign) => sign.charCodeAt(0));
    const view = new DataView(all.buffer, all.length - 8 * places.length);
    places.forEach((place, k) => place !== null && view.setFloat64(8 * k, this.p[place], true));
    return all;
  }
}

// the numbers from 0 to n - 1 in a random order (Fisher and Yates; random numbers by mulberry32)
function shuffled(n, seed) {
  const order = Array.from({ length: n }, (_, k) => k);
  let state = seed;
  for (let k = n - 1; k > 0; k--) {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    const other = Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * (k + 1));
    [order[k], order[other]] = [order[other], order[k]];
  }
  return order;
}
