/* The network 2-16-16-1 on two moons, written out for the compiler: loss and gradient by the weights.

   Rows go in blocks of 64, transposed, so that a vector holds the same quantity of several rows; tiles of sums stay in
   registers. Each neuron has its weights first and then its bias. Rows that fill up a vector have the label 0, which
   makes them lose 1 each, and no gradient. */

#include <math.h>
#include <string.h>

#ifdef __AVX512F__
enum { LANES = 8, TILE = 8, WIDE = 4 };
#else
enum { LANES = 4, TILE = 4, WIDE = 2 };
#endif
enum { MOST = 64 / LANES, WIDTH = 16, WEIGHTS = 337, FIRST = 3, SECOND = 17, HIDDEN = 48, OUTPUT = 320 };

typedef double vector __attribute__((vector_size(8 * LANES)));

typedef vector layer[WIDTH][MOST];

static inline __attribute__((always_inline)) vector all(double x) { return x - (vector){}; }

static inline void activate(layer h, int vectors, int is_tanh) {
    for (int i = 0; i < WIDTH; i++) {
        double *x = (double *)h[i];
        if (is_tanh)
            for (int k = 0; k < vectors * LANES; k++) x[k] = tanh(x[k]);
        else
            for (int k = 0; k < vectors * LANES; k++) x[k] = x[k] > 0 ? x[k] : 0;
    }
}

/* Multiply by the derivative of the activation, of whose results it is a function. */
static inline void slope(layer d, layer h, int vectors, int is_tanh) {
    for (int i = 0; i < WIDTH; i++) {
        double *x = (double *)d[i], *y = (double *)h[i];
        if (is_tanh)
            for (int k = 0; k < vectors * LANES; k++) x[k] *= 1 - y[k] * y[k];
        else
            for (int k = 0; k < vectors * LANES; k++) x[k] = y[k] > 0 ? x[k] : 0;
    }
}

/* out = bias + sum over i of weights[TILE rows of down][i of across] * in */
#define PRODUCT(COLUMNS)                                                                                    \
    for (int o = 0; o < WIDTH; o += TILE) {                                                                    \
        vector sums[TILE][COLUMNS];                                                                            \
        for (int t = 0; t < TILE; t++)                                                                         \
            for (int c = 0; c < COLUMNS; c++) sums[t][c] = all(bias ? bias[(o + t) * down] : 0);            \
        for (int i = 0; i < n; i++)                                                                         \
            for (int t = 0; t < TILE; t++)                                                                     \
                for (int c = 0; c < COLUMNS; c++) sums[t][c] += w[(o + t) * down + i * across] * in[i][k + c]; \
        for (int t = 0; t < TILE; t++)                                                                         \
            for (int c = 0; c < COLUMNS; c++) out[o + t][k + c] = sums[t][c];                               \
    }

static inline __attribute__((always_inline)) void product(layer out, const double *w, const double *bias, int down,
                                                          int across, vector (*in)[MOST], int n, int vectors) {
    int k = 0;
    for (; k + 1 < vectors; k += 2) PRODUCT(2)
    for (; k < vectors; k++) PRODUCT(1)
}

/* totals += sums over the rows of d * in, for each pair of one of d and one of in; and of d alone. */
static inline __attribute__((always_inline)) void outer(vector *totals, layer d, vector (*in)[MOST], int n, int down,
                                                        int tile, int vectors) {
    for (int o = 0; o < WIDTH; o += 4) {
        for (int i = 0; i < n; i += tile) {
            vector sums[4][WIDE] = {};
            for (int k = 0; k < vectors; k++)
                for (int t = 0; t < 4; t++)
                    for (int u = 0; u < tile; u++) sums[t][u] += d[o + t][k] * in[i + u][k];
            for (int t = 0; t < 4; t++)
                for (int u = 0; u < tile; u++) totals[(o + t) * down + i + u] += sums[t][u];
        }
        vector sums[4] = {};
        for (int k = 0; k < vectors; k++)
            for (int t = 0; t < 4; t++) sums[t] += d[o + t][k];
        for (int t = 0; t < 4; t++) totals[(o + t) * down + n] += sums[t];
    }
}

/* The mean of the losses of n rows and penalty times the sum of squares of the weights; the gradient into out. */
double moons(const double *w, const double *x, const double *y, long n, double penalty, int is_tanh, double *out) {
    vector totals[WEIGHTS] = {};
    vector in[2][MOST], label[MOST];
    layer h1, h2, d1, d2;
    vector losses = {};
    double padding = 0;
    for (long start = 0; start < n; start += LANES * MOST) {
        int rows = n - start < LANES * MOST ? n - start : LANES * MOST;
        int vectors = (rows + LANES - 1) / LANES;
        double *x0 = (double *)in[0], *x1 = (double *)in[1], *labels = (double *)label;
        for (int r = 0; r < rows; r++) {
            x0[r] = x[2 * (start + r)];
            x1[r] = x[2 * (start + r) + 1];
            labels[r] = y[start + r];
        }
        for (int r = rows; r < vectors * LANES; r++, padding++) x0[r] = x1[r] = labels[r] = 0;

        product(h1, w, w + 2, FIRST, 1, in, 2, vectors);
        activate(h1, vectors, is_tanh);
        product(h2, w + HIDDEN, w + HIDDEN + WIDTH, SECOND, 1, h1, WIDTH, vectors);
        activate(h2, vectors, is_tanh);
        for (int k = 0; k < vectors; k++) {
            vector score = all(w[WEIGHTS - 1]);
            for (int i = 0; i < WIDTH; i++) score += w[OUTPUT + i] * h2[i][k];
            vector loss = 1 - label[k] * score;
            vector d = -label[k];
            for (int l = 0; l < LANES; l++) d[l] = loss[l] > 0 ? d[l] : 0;
            for (int l = 0; l < LANES; l++) losses[l] += loss[l] > 0 ? loss[l] : 0;
            totals[WEIGHTS - 1] += d;
            for (int i = 0; i < WIDTH; i++) {
                totals[OUTPUT + i] += d * h2[i][k];
                d2[i][k] = d * w[OUTPUT + i];
            }
        }
        slope(d2, h2, vectors, is_tanh);
        product(d1, w + HIDDEN, 0, 1, SECOND, d2, WIDTH, vectors);
        slope(d1, h1, vectors, is_tanh);
        outer(totals + HIDDEN, d2, h1, WIDTH, SECOND, WIDE, vectors);
        outer(totals, d1, in, 2, FIRST, 2, vectors);
    }
    double loss = -padding, squares = 0;
    for (int i = 0; i < LANES; i++) loss += losses[i];
    for (int i = 0; i < WEIGHTS; i++) {
        double sum = 0;
        for (int k = 0; k < LANES; k++) sum += totals[i][k];
        out[i] = sum / n + 2 * penalty * w[i];
        squares += w[i] * w[i];
    }
    return loss / n + penalty * squares;
}
