package io.github.r2dbcrouting.transaction;

import io.github.r2dbcrouting.error.ReplayConflictException;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Row;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * What the user of a transaction saw of a read: a checksum of the rows in their order, how many there were, and how it ended.
 * Rows that nobody was shown do not count. Its signals come one at a time.
 */
public final class SeenResult {

    private static final int FINISHING = 1 << 20;

    private final long limit;
    private final LongConsumer seenBytes;
    private final RowChecksum checksum = new RowChecksum();
    private final Sinks.Empty<Void> over = Sinks.empty();
    /** The driver's sequence of results, and each consumption that runs; a large number more once it is to be over. */
    private final AtomicInteger open = new AtomicInteger(1);

    private volatile Runnable hurry = () -> {};
    private volatile BooleanSupplier tooLong = () -> false;
    private long rows;
    private long counted = -1;
    private volatile boolean consumed;
    private volatile boolean complete;
    private volatile boolean lost;
    private volatile @Nullable String failure;

    /**
     * Creates a result of which nothing was seen yet.
     *
     * @param limit after how many rows no more is looked at
     * @param seenBytes is told of each row's size
     */
    SeenResult(long limit, LongConsumer seenBytes) {
        this.limit = limit;
        this.seenBytes = seenBytes;
    }

    /** A consumption begins. Returns {@code false} if it comes too late to be compared. */
    public boolean begin() {
        if (open.getAndIncrement() >= FINISHING) {
            end();
            return false;
        }
        consumed = true;
        return true;
    }

    /** A consumption has ended, or the driver's sequence of results. */
    public void end() {
        if (open.decrementAndGet() == FINISHING) {
            over.tryEmitEmpty();
        }
    }

    /** Notes what lets a consumption that runs go on without waiting for its consumer. */
    public void onHurry(Runnable task) {
        hurry = task;
        if (open.get() >= FINISHING) {
            task.run();
        }
    }

    /** Completes when nothing of it runs any more. */
    Mono<Void> finish(BooleanSupplier isTooLong) {
        return Mono.defer(() -> {
            tooLong = isTooLong;
            int before = open.getAndAdd(FINISHING);
            if (before == 0) {
                over.tryEmitEmpty();
            } else {
                hurry.run();
            }
            return over.asMono();
        });
    }

    /** A row was shown. */
    public Row row(Row row) {
        if (rows < limit) {
            seenBytes.accept(checksum.add(row));
            if (open.get() >= FINISHING && tooLong.getAsBoolean()) {
                over.tryEmitError(new ReplayConflictException(
                        "an optimistic transaction could not move to the primary for its first write: a read that was"
                                + " still being consumed is too large to be kept; it is rolled back, run it again",
                        null));
            }
        }
        rows++;
        return row;
    }

    /** A number of rows was shown. */
    public void count(long number) {
        counted = number;
    }

    /** The end was shown. */
    public void completed() {
        complete = true;
    }

    /**
     * An error was shown.
     *
     * @param connectionLost whether it says nothing of the statement
     */
    public void failed(Throwable error, boolean connectionLost) {
        lost |= connectionLost;
        failure = state(error);
    }

    private static String state(Throwable error) {
        return error instanceof R2dbcException answered
                ? String.valueOf(answered.getSqlState()) + answered.getErrorCode()
                : error.getClass().getName();
    }

    boolean isLost() {
        return lost;
    }

    boolean isUnseen() {
        return !consumed && failure == null;
    }

    boolean failedLike(Throwable error) {
        return state(error).equals(failure);
    }

    /** Returns what is to see of a repetition what was seen of this. */
    SeenResult again() {
        return new SeenResult(rows, bytes -> {});
    }

    /** Consumes a result of the repetition. */
    Publisher<Long> consume(Result result) {
        return Flux.from(result.map((row, metadata) -> {
            row(row);
            return 1L;
        }));
    }

    /** Returns in which way a repetition gave something else, or {@code null}. */
    @Nullable
    String difference(SeenResult again) {
        if (!checksum.isComparable()) {
            return "gave values that cannot be compared";
        }
        if (failure != null) {
            return again.complete ? "gave no error there" : null;
        }
        long before = Math.max(counted, rows);
        boolean all = complete && (counted < 0 || counted > 0);
        if (again.rows < before || all && again.rows != before) {
            return "gave " + again.rows + " rows there and " + before + " before";
        }
        return Objects.equals(checksum.value(), again.checksum.value()) ? null : "gave other rows there";
    }
}
