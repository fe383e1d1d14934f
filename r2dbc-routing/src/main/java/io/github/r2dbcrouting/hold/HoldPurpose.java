package io.github.r2dbcrouting.hold;

/** What a connection is held for. */
public enum HoldPurpose {
    /** The results of reads, for as long as they run. */
    RESULTS,
    /** A read-only transaction, until its end. */
    READING_PIN,
    /** Whatever belongs to one session of the primary, until the virtual connection ends. */
    PIN
}
