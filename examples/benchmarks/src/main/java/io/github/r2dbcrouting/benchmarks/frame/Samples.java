package io.github.r2dbcrouting.benchmarks.frame;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/** What was measured again and again, at least once. */
public final class Samples {

    private static final int RESAMPLES = 10_000;
    private static final double CONFIDENCE = 0.95;
    /** Fixed, so that the same samples always have the same interval. */
    private static final long SEED = 20_170_613;

    private final double[] sorted;
    private final List<Double> inOrder;

    private Samples(double[] values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("no sample was taken");
        }
        for (double value : values) {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("not a sample: " + value);
            }
        }
        inOrder = Arrays.stream(values).boxed().toList();
        sorted = values.clone();
        Arrays.sort(sorted);
    }

    public static Samples of(double... values) {
        return new Samples(values);
    }

    public static <T> Samples of(List<T> things, ToDoubleFunction<T> value) {
        return new Samples(things.stream().mapToDouble(value).toArray());
    }

    /** Returns the samples in the order in which they were taken. */
    public List<Double> inOrder() {
        return inOrder;
    }

    /** Returns by how much each is more than a number. */
    public Samples less(double number) {
        return of(inOrder, each -> each - number);
    }

    /** Returns each multiplied by a number. */
    public Samples times(double number) {
        return of(inOrder, each -> each * number);
    }

    public double median() {
        return quantile(0.5);
    }

    /**
     * Returns the value below which a share of the samples lies, interpolated between the two next to it.
     *
     * @param share 0 to 1
     */
    public double quantile(double share) {
        return quantile(sorted, share);
    }

    /** Returns the median and, by the percentile bootstrap, the interval in which it lies with 95 % confidence. */
    public Estimate estimate() {
        Random random = new Random(SEED);
        double[] medians = new double[RESAMPLES];
        double[] resample = new double[sorted.length];
        for (int i = 0; i < RESAMPLES; i++) {
            for (int j = 0; j < resample.length; j++) {
                resample[j] = sorted[random.nextInt(sorted.length)];
            }
            Arrays.sort(resample);
            medians[i] = quantile(resample, 0.5);
        }
        Arrays.sort(medians);
        double tail = (1 - CONFIDENCE) / 2;
        return new Estimate(median(), quantile(medians, tail), quantile(medians, 1 - tail));
    }

    private static double quantile(double[] sorted, double share) {
        double place = share * (sorted.length - 1);
        int below = (int) Math.floor(place);
        int above = (int) Math.ceil(place);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
