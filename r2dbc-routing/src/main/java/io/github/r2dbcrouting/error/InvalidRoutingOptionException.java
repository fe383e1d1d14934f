package io.github.r2dbcrouting.error;

import java.io.Serial;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A setting of the factory that cannot be used. */
public final class InvalidRoutingOptionException extends IllegalArgumentException implements Explained {

    @Serial
    private static final long serialVersionUID = 1L;

    private final String option;
    private final Problem problem;

    /**
     * Creates the error. What was seen must not be quoted where it may be a part of a password.
     *
     * @param option the option's name
     * @param seen what was given
     * @param needed what would do
     * @param remedy what to do
     */
    public InvalidRoutingOptionException(
            String option, String seen, String needed, String remedy, @Nullable Throwable cause) {
        this(option, new Problem("option '" + option + "'", seen, needed, remedy), cause);
    }

    public InvalidRoutingOptionException(String option, String seen, String needed, String remedy) {
        this(option, seen, needed, remedy, null);
    }

    private InvalidRoutingOptionException(String option, Problem problem, @Nullable Throwable cause) {
        super(problem.toString(), cause);
        this.option = option;
        this.problem = problem;
    }

    /** Returns the option's name alone. */
    public String option() {
        return option;
    }

    @Override
    public List<Problem> problems() {
        return List.of(problem);
    }
}
