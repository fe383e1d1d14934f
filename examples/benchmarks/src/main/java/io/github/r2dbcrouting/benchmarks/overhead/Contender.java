package io.github.r2dbcrouting.benchmarks.overhead;

/** What is compared. */
enum Contender {
    /** r2dbc-pool over the driver, and nothing else. */
    DIRECT,
    /** The same again, with a pool of its own: how far it is from {@link #DIRECT} shows how well can be measured here. */
    CONTROL,
    /** The routing factory. */
    ROUTED
}
