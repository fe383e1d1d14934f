package io.github.r2dbcrouting;

import io.r2dbc.spi.IsolationLevel;
import io.r2dbc.spi.Option;
import io.r2dbc.spi.TransactionDefinition;
import org.jspecify.annotations.Nullable;

/** Definitions of read-only transactions. */
public enum ReadOnly implements TransactionDefinition {
    TRANSACTION,
    SERIALIZABLE;

    @Override
    @SuppressWarnings("unchecked")
    public <T> @Nullable T getAttribute(Option<T> option) {
        if (option.equals(ISOLATION_LEVEL) && this == SERIALIZABLE) {
            return (T) IsolationLevel.SERIALIZABLE;
        }
        return option.equals(READ_ONLY) ? (T) Boolean.TRUE : null;
    }
}
