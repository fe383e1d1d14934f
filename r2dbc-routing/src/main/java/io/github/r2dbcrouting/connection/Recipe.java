package io.github.r2dbcrouting.connection;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import org.reactivestreams.Publisher;

/** How to make a statement or a batch on any connection, as often as needed. */
interface Recipe {

    String sql();

    /** Makes it anew on {@code connection} and executes it. */
    Publisher<? extends Result> execute(Connection connection);
}
