package io.github.r2dbcrouting.benchmarks.frame;

import io.github.r2dbcrouting.benchmarks.load.Database;
import java.util.List;

/** A benchmark whose figure is known beforehand, or that fails. */
public record FixedBenchmark(String name, List<Database> databases, double... values) implements Benchmark {

    /** One sample. */
    record Sample(int round, double value) {}

    @Override
    public String description() {
        return "nothing at all";
    }

    @Override
    public Report run(Assignment assignment) {
        if (values.length == 0) {
            throw new IllegalStateException("a statement failed");
        }
        Table table = new Table("figure", "value");
        table.add("the figure", Numbers.ratio(values[0]));
        Figure figure = Figure.of("of nothing", Reach.atLeast(1, ""), Samples.of(values));
        return new Report(table, List.of(figure), List.of(new Sample(0, values[0])));
    }
}
