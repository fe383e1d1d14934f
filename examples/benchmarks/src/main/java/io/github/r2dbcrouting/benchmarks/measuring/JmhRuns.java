package io.github.r2dbcrouting.benchmarks.measuring;

import io.github.r2dbcrouting.benchmarks.frame.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;

/** Runs a class of JMH benchmarks, each in JVMs of its own, and takes the results apart into iterations. */
public final class JmhRuns {

    private static final String ALLOCATION = "gc.alloc.rate.norm";

    private final List<JmhIteration> iterations = new ArrayList<>();

    /**
     * One iteration. All times in nanoseconds.
     *
     * @param method the benchmark's method
     * @param mode {@code AverageTime}, which measures all calls together, or {@code SampleTime}, which measures single ones
     * @param p50 the median of single calls, {@code null} where there are none
     * @param p99 what 1 % of the single calls exceed, {@code null} where there are none
     * @param bytes allocated by one call
     */
    public record JmhIteration(
            String method,
            Mode mode,
            double mean,
            @Nullable Double p50,
            @Nullable Double p99,
            double bytes) {

        /** Returns a percentile of single calls. */
        public static ToDoubleFunction<JmhIteration> single(Function<JmhIteration, @Nullable Double> percentile) {
            return iteration -> Objects.requireNonNull(percentile.apply(iteration));
        }
    }

    /**
     * How long to measure.
     *
     * @param forks JVMs for each method and mode
     * @param warmUps iterations of each JVM that do not count
     * @param measured iterations of each JVM that count
     * @param iteration how long one lasts
     */
    public record Plan(int forks, int warmUps, int measured, TimeValue iteration) {}

    /** Runs all methods of a class in each of the modes; the JVMs get the arguments of this one. */
    public static JmhRuns run(Class<?> benchmarks, Plan plan, Mode... modes) throws RunnerException {
        OptionsBuilder options = new OptionsBuilder();
        options.include(benchmarks.getName().replace(".", "\\.") + "\\.")
                .forks(plan.forks())
                .warmupIterations(plan.warmUps())
                .warmupTime(plan.iteration())
                .measurementIterations(plan.measured())
                .measurementTime(plan.iteration())
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        for (Mode mode : modes) {
            options.mode(mode);
        }
        JmhRuns runs = new JmhRuns();
        // JMH's own hook does not end the JVM that runs when this one is told to end.
        Thread hook = new Thread(() -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly));
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            new Runner(options).run().forEach(runs::add);
        } finally {
            Runtime.getRuntime().removeShutdownHook(hook);
        }
        return runs;
    }

    private void add(RunResult result) {
        String label = result.getPrimaryResult().getLabel();
        Mode mode = result.getParams().getMode();
        for (BenchmarkResult fork : result.getBenchmarkResults()) {
            for (IterationResult iteration : fork.getIterationResults()) {
                Result<?> primary = iteration.getPrimaryResult();
                boolean single = mode == Mode.SampleTime;
                Statistics times = primary.getStatistics();
                iterations.add(new JmhIteration(
                        label,
                        mode,
                        primary.getScore(),
                        single ? times.getPercentile(50) : null,
                        single ? times.getPercentile(99) : null,
                        Objects.requireNonNull(iteration.getSecondaryResults().get(ALLOCATION))
                                .getScore()));
            }
        }
    }

    /** Returns all iterations, in the order of running. */
    public List<JmhIteration> iterations() {
        return List.copyOf(iterations);
    }

    /** Returns one number of each iteration of a method in a mode. */
    public Samples samples(String method, Mode mode, ToDoubleFunction<JmhIteration> number) {
        return Samples.of(
                iterations.stream()
                        .filter(each -> each.method().equals(method) && each.mode() == mode)
                        .toList(),
                number);
    }
}
