package io.github.r2dbcrouting.connection;

/** What a connection is held for. */
enum HoldPurpose {
    /** The results of reads, for as long as they run. */
    RESULTS,
    /** A read-only transaction, until its end. */
    READING_PIN,
    /** Whatever belongs to one session of the primary, until the virtual connection ends. */
    PIN
}
