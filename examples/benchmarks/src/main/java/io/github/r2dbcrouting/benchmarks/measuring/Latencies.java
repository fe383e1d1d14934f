package io.github.r2dbcrouting.benchmarks.measuring;

import io.github.r2dbcrouting.benchmarks.frame.Samples;
import java.util.Arrays;

/** How long operations took. Not safe for concurrent use. */
public final class Latencies {

    private long[] nanos = new long[32];
    private int size;

    /**
     * What is told of them.
     *
     * @param count how many there were
     * @param p50 the median in milliseconds, 0 if there were none
     * @param p99 what 1 % of them exceed, in milliseconds, 0 if there were none
     */
    public record Quantiles(int count, double p50, double p99) {}

    public void add(long more) {
        makeRoom(1);
        nanos[size++] = more;
    }

    public void add(Latencies more) {
        makeRoom(more.size);
        System.arraycopy(more.nanos, 0, nanos, size, more.size);
        size += more.size;
    }

    private void makeRoom(int more) {
        if (size + more > nanos.length) {
            nanos = Arrays.copyOf(nanos, Math.max(size + more, 2 * nanos.length));
        }
    }

    public Quantiles quantiles() {
        if (size == 0) {
            return new Quantiles(0, 0, 0);
        }
        Samples millis = Samples.of(
                Arrays.stream(nanos, 0, size).mapToDouble(each -> each / 1e6).toArray());
        return new Quantiles(size, millis.quantile(0.5), millis.quantile(0.99));
    }
}
