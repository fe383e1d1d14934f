package io.github.r2dbcrouting.error;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A setting of the factory that cannot be used. Its fields let a tool explain it; none of them holds a secret. */
public final class InvalidRoutingOptionException extends IllegalArgumentException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final String option;
    private final String remedy;

    /**
     * Creates the error.
     *
     * @param option the option's name
     * @param problem what was seen, against what is needed
     * @param remedy what to do
     */
    public InvalidRoutingOptionException(String option, String problem, String remedy, @Nullable Throwable cause) {
        super("option '" + option + "': " + problem + "; " + remedy, cause);
        this.option = option;
        this.remedy = remedy;
    }

    public InvalidRoutingOptionException(String option, String problem, String remedy) {
        this(option, problem, remedy, null);
    }

    public String option() {
        return option;
    }

    public String remedy() {
        return remedy;
    }
}
