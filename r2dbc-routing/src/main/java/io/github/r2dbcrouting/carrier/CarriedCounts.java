package io.github.r2dbcrouting.carrier;

/**
 * How many sessions were carried.
 *
 * @param opened how many were begun or gone on with
 * @param unreachable at how many of these the carrier did not say what it has, so that they read on the primary at first
 * @param saved how many were handed to the carrier
 * @param unsaved how many the carrier did not take
 */
public record CarriedCounts(long opened, long unreachable, long saved, long unsaved) {}
