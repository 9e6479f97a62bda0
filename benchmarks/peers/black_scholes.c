/* The price of a European call and its derivatives by spot, strike, time, rate and volatility, row by row. */
#include <math.h>

void black_scholes(long n, const double *spot, const double *strike, const double *time, const double *rate,
                   const double *volatility, double *restrict out) {
    const double half = sqrt(0.5), density = 0.3989422804014327;
    for (long i = 0; i < n; i++) {
        double s = spot[i], k = strike[i], t = time[i], r = rate[i], v = volatility[i], root = sqrt(t);
        double d1 = (log(s / k) + (r + 0.5 * v * v) * t) / (v * root), d2 = d1 - v * root;
        double p1 = 0.5 * erfc(-d1 * half), p2 = 0.5 * erfc(-d2 * half), discounted = k * exp(-r * t);
        double vega = s * density * exp(-0.5 * d1 * d1) * root;
        out[i] = s * p1 - discounted * p2;
        out[n + i] = p1;
        out[2 * n + i] = -discounted / k * p2;
        out[3 * n + i] = 0.5 * vega * v / t + r * discounted * p2;
        out[4 * n + i] = t * discounted * p2;
        out[5 * n + i] = vega;
    }
}
