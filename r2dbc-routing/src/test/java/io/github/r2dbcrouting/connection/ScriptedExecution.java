package io.github.r2dbcrouting.connection;

import io.r2dbc.spi.R2dbcType;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Row;
import io.r2dbc.spi.RowMetadata;
import io.r2dbc.spi.test.MockColumnMetadata;
import io.r2dbc.spi.test.MockRow;
import io.r2dbc.spi.test.MockRowMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;

/** One execution of a statement; its results and rows come when the test says so, at once if nobody waits yet. */
final class ScriptedExecution {

    private final Sinks.Many<Result> sequence = Sinks.many().unicast().onBackpressureBuffer();
    private final List<ScriptedResult> results = new ArrayList<>();
    private boolean cancelled;
    private boolean ended;
    private long requested;

    Flux<Result> sequence() {
        return sequence.asFlux()
                .doOnTerminate(() -> ended = true)
                .doOnCancel(() -> cancelled = true)
                .doOnRequest(n -> requested = Operators.addCap(requested, n));
    }

    boolean hasEnded() {
        return ended;
    }

    /** Returns whether the driver was told to cancel. */
    boolean isCancelled() {
        return cancelled;
    }

    long requested() {
        return requested;
    }

    ScriptedExecution result() {
        ScriptedResult result = new ScriptedResult();
        results.add(result);
        sequence.tryEmitNext(result).orThrow();
        return this;
    }

    ScriptedExecution row(Object value) {
        last().rows.tryEmitNext(value).orThrow();
        return this;
    }

    /** Ends the last result. */
    ScriptedExecution endResult() {
        last().rows.tryEmitComplete().orThrow();
        return this;
    }

    /** Ends the sequence of results. */
    ScriptedExecution end() {
        sequence.tryEmitComplete().orThrow();
        return this;
    }

    /** Answers with one result of these rows, to the end. */
    ScriptedExecution answer(Object... rows) {
        result();
        for (Object row : rows) {
            row(row);
        }
        return endResult().end();
    }

    /** Fails the last result, and ends the sequence, as drivers do. */
    ScriptedExecution failResult(Throwable error) {
        last().rows.tryEmitError(error).orThrow();
        return end();
    }

    /** Fails the sequence of results. */
    ScriptedExecution fail(Throwable error) {
        sequence.tryEmitError(error).orThrow();
        return this;
    }

    /** Fails whatever has not ended. */
    void lose() {
        results.forEach(result -> result.rows.tryEmitError(ScriptedDriver.lost()));
        sequence.tryEmitError(ScriptedDriver.lost());
    }

    /** Returns how many results nobody has consumed. */
    long unconsumed() {
        return results.stream().filter(result -> !result.consumed).count();
    }

    private ScriptedResult last() {
        return results.get(results.size() - 1);
    }

    private static final class ScriptedResult implements Result {

        final Sinks.Many<Object> rows = Sinks.many().unicast().onBackpressureBuffer();
        boolean consumed;

        private Flux<Object> consume() {
            consumed = true;
            return rows.asFlux();
        }

        private static final MockRowMetadata METADATA = MockRowMetadata.builder()
                .columnMetadata(MockColumnMetadata.builder()
                        .name("value")
                        .type(R2dbcType.INTEGER)
                        .build())
                .build();

        private static Row row(Object value) {
            return MockRow.builder()
                    .identified(0, Object.class, value)
                    .identified(0, String.class, String.valueOf(value))
                    .metadata(METADATA)
                    .build();
        }

        @Override
        public Publisher<Long> getRowsUpdated() {
            return Flux.defer(() -> consume().count());
        }

        @Override
        public <T> Publisher<T> map(BiFunction<Row, RowMetadata, ? extends T> mapping) {
            return Flux.defer(() -> consume().<T>map(value -> mapping.apply(row(value), MockRowMetadata.empty())));
        }

        @Override
        public <T> Publisher<T> map(Function<? super Readable, ? extends T> mapping) {
            return Flux.defer(() -> consume().<T>map(value -> mapping.apply(row(value))));
        }

        @Override
        public Result filter(Predicate<Segment> predicate) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <T> Publisher<T> flatMap(Function<Segment, ? extends Publisher<? extends T>> mapping) {
            return Flux.defer(() -> consume().concatMap(value -> mapping.apply((RowSegment) () -> row(value))));
        }
    }
}
