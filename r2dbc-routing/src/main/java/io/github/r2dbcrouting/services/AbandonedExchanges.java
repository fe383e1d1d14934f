package io.github.r2dbcrouting.services;

/**
 * How the exchanges of a factory ended that were cancelled by their subscribers while they ran, counted since the factory
 * was made. One that ended before it was cancelled is not among them, nor one that was never sent.
 *
 * @param drained came to their end by themselves, within the drain time and the drain rows
 * @param cancelled were cancelled at the server, which only reads are; their connections are used again
 * @param discarded lost their connection: writes that went on for too long, series that were cut short, and whatever ran on a
 *     connection that broke
 */
public record AbandonedExchanges(long drained, long cancelled, long discarded) {

    public long total() {
        return drained + cancelled + discarded;
    }
}
