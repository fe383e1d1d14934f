package io.github.r2dbcrouting.benchmarks.frame;

/**
 * A measured value and the interval in which it lies with 95 % confidence.
 *
 * @param value the median of the samples
 * @param low the lower end, not above {@code value}
 * @param high the upper end, not below {@code value}
 */
public record Estimate(double value, double low, double high) {}
