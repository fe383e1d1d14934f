package io.github.r2dbcrouting.error;

import java.util.List;

/**
 * An error that comes with its explanation in parts, for tools that present it better than a message can, such as a
 * {@code FailureAnalyzer} of Spring Boot. The message holds the same in sentences.
 */
public interface Explained {

    /** Returns what is wrong, at least one thing: of a node or an option each. */
    List<Problem> problems();
}
