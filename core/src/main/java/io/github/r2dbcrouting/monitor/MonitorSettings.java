package io.github.r2dbcrouting.monitor;

import java.time.Duration;

/**
 * How nodes are watched.
 *
 * @param interval time from the end of one probe of a node to the next, lengthened or shortened at random by up to a
 *     tenth; 10 ms or more
 * @param timeout how long one probe may take, opening its connection included; positive
 * @param startupTimeout how long the first user waits for a usable node; positive
 */
public record MonitorSettings(Duration interval, Duration timeout, Duration startupTimeout) {}
