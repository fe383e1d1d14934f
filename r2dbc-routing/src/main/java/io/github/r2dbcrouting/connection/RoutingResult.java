package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.transaction.HurriedFlux;
import io.github.r2dbcrouting.transaction.SeenResult;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Row;
import io.r2dbc.spi.RowMetadata;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/**
 * A driver's result whose consumption is followed to its end, and which can move to another node as long as it has
 * delivered nothing. Like a driver's it is consumed once.
 */
final class RoutingResult implements Result {

    private final Result driver;
    private final Exchange exchange;
    private final boolean first;
    private final Function<Result, Result> filters;
    private final boolean filtered;

    RoutingResult(Result driver, Exchange exchange, boolean first) {
        this(driver, exchange, first, Function.identity(), false);
    }

    private RoutingResult(
            Result driver, Exchange exchange, boolean first, Function<Result, Result> filters, boolean filtered) {
        this.filtered = filtered;
        this.driver = driver;
        this.exchange = exchange;
        this.first = first;
        this.filters = filters;
    }

    @Override
    public Publisher<Long> getRowsUpdated() {
        SeenResult seen = exchange.seen();
        return seen == null
                ? consume((result, rows) -> result.getRowsUpdated())
                : consume((result, rows) -> Flux.from(result.getRowsUpdated()).doOnNext(seen::count));
    }

    @Override
    public <T> Publisher<T> map(BiFunction<Row, RowMetadata, ? extends T> mapping) {
        Objects.requireNonNull(mapping, "mapping must not be null");
        SeenResult seen = recording();
        if (seen != null) {
            return consume((result, rows) -> result.map(
                    (row, metadata) -> rows.isUnwanted() ? rows.skip() : mapping.apply(seen.row(row), metadata)));
        }
        return consume((result, rows) ->
                result.map((row, metadata) -> rows.isUnwanted() ? rows.skip() : mapping.apply(row, metadata)));
    }

    @Override
    public <T> Publisher<T> map(Function<? super Readable, ? extends T> mapping) {
        Objects.requireNonNull(mapping, "mapping must not be null");
        if (recording() != null) {
            return map((row, metadata) -> mapping.apply(row));
        }
        return consume(
                (result, rows) -> result.map(readable -> rows.isUnwanted() ? rows.skip() : mapping.apply(readable)));
    }

    @Override
    public Result filter(Predicate<Segment> predicate) {
        Objects.requireNonNull(predicate, "predicate must not be null");
        SeenResult seen = recording();
        // What its predicate sees its user has seen.
        Predicate<Segment> asked = seen == null ? predicate : segment -> predicate.test(record(segment, seen));
        return new RoutingResult(driver, exchange, first, filters.andThen(result -> result.filter(asked)), true);
    }

    @Override
    public <T> Publisher<T> flatMap(Function<Segment, ? extends Publisher<? extends T>> mapping) {
        Objects.requireNonNull(mapping, "mapping must not be null");
        SeenResult seen = recording();
        Function<Segment, ? extends Publisher<? extends T>> asked =
                seen == null ? mapping : segment -> mapping.apply(record(segment, seen));
        return consume((result, rows) -> result.<T>flatMap(
                segment -> rows.isUnwanted() ? rows.skipSegment() : rows.whileWanted(asked.apply(segment))));
    }

    private static Segment record(Segment segment, SeenResult seen) {
        if (segment instanceof RowSegment row) {
            seen.row(row.row());
        }
        return segment;
    }

    /** Returns where to keep the rows that are shown, unless nobody wants to know or a filter sees them before. */
    private @Nullable SeenResult recording() {
        return filtered ? null : exchange.seen();
    }

    private <T> Flux<T> consume(Consumption<T> consumption) {
        Flux<T> consumed = consumed(consumption);
        SeenResult seen = exchange.seen();
        return seen == null ? consumed : new HurriedFlux<>(consumed, seen);
    }

    private <T> Flux<T> consumed(Consumption<T> consumption) {
        return new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super T> actual) {
                RowsRun<T> rows = new RowsRun<>(actual, RoutingResult.this, consumption);
                actual.onSubscribe(rows);
                rows.start();
            }
        };
    }

    /** Returns the driver's result, with the user's filters on it. */
    Result filtered() {
        return filters.apply(driver);
    }

    /** Returns what another node answered, with the user's filters on it. */
    Result filtered(RoutingResult elsewhere) {
        return filters.apply(elsewhere.driver);
    }

    Exchange exchange() {
        return exchange;
    }

    /** Returns whether it is the first of its exchange, so that nothing was delivered before it. */
    boolean isFirst() {
        return first;
    }

    /** How the user consumes a result. */
    @FunctionalInterface
    interface Consumption<T> {

        Publisher<? extends T> of(Result result, RowsRun<T> rows);
    }
}
