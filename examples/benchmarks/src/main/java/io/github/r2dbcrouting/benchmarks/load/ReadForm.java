package io.github.r2dbcrouting.benchmarks.load;

import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** How the reader of one row treats the sequence of rows. */
public enum ReadForm {
    /** Reads the rows to their end. */
    PLAIN("plain") {
        @Override
        Mono<String> end(Flux<String> rows) {
            return rows.collectList().map(ReadForm::only);
        }
    },
    /** Cancels the rows, and before them the execution, as soon as the first one has come. */
    FIND_BY_ID("findById") {
        @Override
        Mono<String> end(Flux<String> rows) {
            return rows.next();
        }
    };

    private final String text;

    ReadForm(String text) {
        this.text = text;
    }

    private static String only(List<String> rows) {
        if (rows.size() != 1) {
            throw new IllegalStateException("expected one row, got " + rows.size());
        }
        return rows.get(0);
    }

    /** Returns a cold {@link Mono} of the only row. */
    abstract Mono<String> end(Flux<String> rows);

    @Override
    public String toString() {
        return text;
    }
}
