package io.github.r2dbcrouting.position;

/** Answers whether one position includes everything up to another. */
public enum Coverage {
    /** Everything up to the required position is included. */
    YES,
    /** Something up to the required position is missing. */
    NO,
    /** The positions stand on branches whose relation is not known; treat it as missing, report it as unknown. */
    UNKNOWN
}
