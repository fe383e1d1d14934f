package io.github.r2dbcrouting.virtual;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import org.reactivestreams.Publisher;

/** How to make a statement or a batch on any connection, as often as needed. */
public interface Recipe {

    /** Returns its text; of a batch, all its texts. */
    String sql();

    /** Returns how its results come about. */
    Shape shape();

    /** How the results of a statement come about at the driver. */
    enum Shape {
        /** One text without parameters: what was sent runs, whether its results are consumed or not. */
        TEXT,
        /** One execution with parameters: some drivers send it only when its result is consumed. */
        BOUND,
        /** Several executions, the next one sent when the result before it was consumed. */
        SERIES,
        /** Several texts that were sent together. */
        BATCH;

        /** Returns whether there is one result and no more. */
        public boolean hasOneResult() {
            return this == TEXT || this == BOUND;
        }

        /** Returns whether some drivers send it only when its result is consumed. */
        public boolean hasParameters() {
            return this == BOUND || this == SERIES;
        }
    }

    /** Binds its parameters, if it has any. */
    default void bind(Statement statement) {}

    /** Makes it anew on {@code connection} and executes it. */
    Publisher<? extends Result> execute(Connection connection);
}
