package io.github.r2dbcrouting.carrier;

/**
 * How Redis did with tokens.
 *
 * @param failed how many requests to Redis failed or were not answered in time
 * @param young how many tokens were asked of a Redis that had been empty within the grace, and so may have lost them
 * @param contended how often somebody else had stored a token meanwhile, so that both were merged
 * @param owed how many tokens wait to be stored again
 * @param lost how many could not be stored and were given up
 */
public record RedisCounts(long failed, long young, long contended, long owed, long lost) {}
