package io.github.r2dbcrouting;

import io.r2dbc.spi.Option;
import io.r2dbc.spi.TransactionDefinition;
import org.jspecify.annotations.Nullable;

/** The definition of a read-only transaction. */
enum ReadOnly implements TransactionDefinition {
    TRANSACTION;

    @Override
    @SuppressWarnings("unchecked")
    public <T> @Nullable T getAttribute(Option<T> option) {
        return option.equals(READ_ONLY) ? (T) Boolean.TRUE : null;
    }
}
