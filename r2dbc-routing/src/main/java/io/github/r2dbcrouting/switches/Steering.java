package io.github.r2dbcrouting.switches;

/**
 * What operators want of the path of statements.
 *
 * @param switches what they have switched
 * @param lots tells sessions apart while they send only a share of them to replicas
 * @param shadow records what is decided in shadow mode
 */
public record Steering(RoutingSwitches switches, Lots lots, ShadowTally shadow) {}
