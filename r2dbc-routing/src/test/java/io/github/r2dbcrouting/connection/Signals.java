package io.github.r2dbcrouting.connection;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.util.ArrayList;
import java.util.List;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** What a subscriber got so far. */
final class Signals {

    final List<Object> values = new ArrayList<>();
    Throwable error;
    boolean completed;

    private Disposable subscription;

    static Signals of(Publisher<?> publisher) {
        Signals signals = new Signals();
        signals.subscription = Flux.from(publisher)
                .subscribe(signals.values::add, error -> signals.error = error, () -> signals.completed = true);
        return signals;
    }

    /** Runs a statement, and takes the first value of each row. */
    static Signals rows(Connection connection, String sql) {
        return of(Flux.from(connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0))));
    }

    /** Runs a statement, and takes the number of rows that it changed. */
    static Signals update(Connection connection, String sql) {
        return of(Flux.from(connection.createStatement(sql).execute()).concatMap(Result::getRowsUpdated));
    }

    void cancel() {
        subscription.dispose();
    }

    boolean isOver() {
        return completed || error != null;
    }
}
