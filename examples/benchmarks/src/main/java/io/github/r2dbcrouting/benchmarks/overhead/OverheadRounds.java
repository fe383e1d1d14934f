package io.github.r2dbcrouting.benchmarks.overhead;

import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.Load;
import io.github.r2dbcrouting.benchmarks.load.PointReads;
import io.github.r2dbcrouting.benchmarks.measuring.Meter;
import io.github.r2dbcrouting.benchmarks.measuring.Meter.Reading;
import io.r2dbc.spi.ConnectionFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Lets the contenders take turns in short rounds, in every order, so that none of them always follows the same other. */
final class OverheadRounds {

    private static final Duration WARM_UP_TURN = Duration.ofMillis(200);

    private static final List<List<Contender>> ORDERS = List.of(
            List.of(Contender.DIRECT, Contender.ROUTED, Contender.CONTROL),
            List.of(Contender.CONTROL, Contender.DIRECT, Contender.ROUTED),
            List.of(Contender.ROUTED, Contender.CONTROL, Contender.DIRECT),
            List.of(Contender.CONTROL, Contender.ROUTED, Contender.DIRECT),
            List.of(Contender.DIRECT, Contender.CONTROL, Contender.ROUTED),
            List.of(Contender.ROUTED, Contender.DIRECT, Contender.CONTROL));

    private final Map<Contender, PointReads> reads = new EnumMap<>(Contender.class);
    private final Load load = new Load(PointReads.KEYS);
    private final Meter meter = new Meter();

    OverheadRounds(Function<Contender, ConnectionFactory> factories, Database database) {
        for (Contender contender : Contender.values()) {
            reads.put(contender, new PointReads(factories.apply(contender), database));
        }
    }

    /** Runs everything that will be measured, in turn, for at least a time: what is compiled must have seen it all. */
    void warmUp(List<OverheadCell> cells, Duration time) {
        BooleanSupplier cold = Load.during(time);
        while (cold.getAsBoolean()) {
            for (OverheadCell cell : cells) {
                for (Contender contender : Contender.values()) {
                    turn(contender, cell, WARM_UP_TURN);
                }
            }
        }
    }

    /** Measures a number of rounds, in each of which every contender has a turn of the same length. */
    List<OverheadTurn> measure(OverheadCell cell, int rounds, Duration length) throws IOException {
        List<OverheadTurn> turns = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            for (Contender contender : ORDERS.get(round % ORDERS.size())) {
                Reading before = meter.read();
                long statements = turn(contender, cell, length);
                turns.add(new OverheadTurn(
                        cell, round, contender, statements, meter.read().since(before)));
            }
        }
        return turns;
    }

    private long turn(Contender contender, OverheadCell cell, Duration length) {
        PointReads target = Objects.requireNonNull(reads.get(contender));
        return load.run(key -> target.read(key, cell.form()), cell.readers(), Load.during(length));
    }
}
