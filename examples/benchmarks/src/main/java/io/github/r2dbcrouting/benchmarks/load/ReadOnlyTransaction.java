package io.github.r2dbcrouting.benchmarks.load;

import io.r2dbc.spi.Option;
import io.r2dbc.spi.TransactionDefinition;
import org.jspecify.annotations.Nullable;

/** A transaction that may begin on a replica. */
public final class ReadOnlyTransaction {

    public static final TransactionDefinition DEFINITION = new TransactionDefinition() {
        @Override
        @SuppressWarnings("unchecked")
        public <T> @Nullable T getAttribute(Option<T> option) {
            return option.equals(TransactionDefinition.READ_ONLY) ? (T) Boolean.TRUE : null;
        }
    };

    private ReadOnlyTransaction() {}
}
