package io.github.r2dbcrouting.selection;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Where reads go that nobody gave a hint for; after the read preferences of MongoDB. Writes always go to the primary. */
public enum ReadPreference {
    /** Replicas, and the primary while none is eligible. */
    REPLICA_PREFERRED("replicaPreferred"),
    /** Replicas only, also for reads that a hint sends to a replica: while none is eligible, they fail. */
    REPLICA("replica"),
    /** The primary, and replicas while there is none. */
    PRIMARY_PREFERRED("primaryPreferred"),
    /** The primary only. */
    PRIMARY("primary"),
    /** Whichever is nearest, the primary or a replica: those within the latency window of the fastest. */
    NEAREST("nearest");

    private final String text;

    ReadPreference(String text) {
        this.text = text;
    }

    /**
     * Returns the preference of a name, in upper or lower case: {@code replicaPreferred} or {@code REPLICA_PREFERRED}.
     *
     * @throws IllegalArgumentException if there is none of that name; the message names the valid ones
     */
    public static ReadPreference of(String name) {
        String plain = name.replace("_", "").toLowerCase(Locale.ROOT);
        for (ReadPreference preference : values()) {
            if (preference.text.toLowerCase(Locale.ROOT).equals(plain)) {
                return preference;
            }
        }
        throw new IllegalArgumentException("no read preference is named '" + name + "'; use one of "
                + Arrays.stream(values()).map(ReadPreference::toString).collect(Collectors.joining(", ")));
    }

    /** Returns whether a read that a replica was to serve may go to the primary. */
    boolean allowsFallback() {
        return this != REPLICA;
    }

    /** Returns the name as it is written in options. */
    @Override
    public String toString() {
        return text;
    }
}
