package io.github.r2dbcrouting.transaction;

import io.github.r2dbcrouting.selection.RoutingHints;
import io.r2dbc.spi.Option;
import io.r2dbc.spi.TransactionDefinition;
import org.jspecify.annotations.Nullable;

/** What the definition of a transaction says of its route: any definition may carry hints beside its other attributes. */
public final class TransactionHints {

    /** The attribute that holds the hints. */
    public static final Option<RoutingHints> ATTRIBUTE = Option.valueOf("routingHints");

    private TransactionHints() {}

    /** Returns the hints of a definition, or none. */
    public static RoutingHints of(@Nullable TransactionDefinition definition) {
        RoutingHints hints = definition == null ? null : definition.getAttribute(ATTRIBUTE);
        return hints == null ? RoutingHints.NONE : hints;
    }

    /** Returns whether a definition says that it only reads. */
    public static boolean isReadOnly(@Nullable TransactionDefinition definition) {
        return definition != null && Boolean.TRUE.equals(definition.getAttribute(TransactionDefinition.READ_ONLY));
    }

    /** Returns the same definition, but read-only. */
    public static TransactionDefinition readOnly(@Nullable TransactionDefinition definition) {
        return definition != null && isReadOnly(definition) ? definition : new ReadOnly(definition);
    }

    /** A definition that is read-only whatever the one behind it says. */
    private record ReadOnly(@Nullable TransactionDefinition definition) implements TransactionDefinition {

        @Override
        @SuppressWarnings("unchecked") // The attribute's type is that of its name.
        public <T> @Nullable T getAttribute(Option<T> option) {
            if (option.equals(TransactionDefinition.READ_ONLY)) {
                return (T) Boolean.TRUE;
            }
            return definition == null ? null : definition.getAttribute(option);
        }
    }
}
