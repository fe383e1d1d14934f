package io.github.r2dbcrouting.balancing;

import java.util.Locale;

/**
 * What counts how much when nodes are compared by several numbers at once. The node with the lowest sum is taken:
 * {@code (lag × seconds behind + latency × milliseconds + load × statements in flight) × cost - weight × weight of the node}. A coefficient of 0
 * leaves its number out.
 *
 * @param lag for each second that the node is behind; an unknown lag counts as none
 * @param latency for each millisecond that it takes to answer
 * @param load for each statement that it has from this process
 * @param weight for each unit of its weight, in its favour
 */
public record Score(double lag, double latency, double load, double weight) {

    static final String NAME = "score";

    /** Each number counts 1. */
    public static final Score EQUAL = new Score(1, 1, 1, 1);

    private static final String REMEDY = "; write score(lag=1,latency=1,load=1,weight=1), of which any may be left out";

    public Score {
        require("lag", lag);
        require("latency", latency);
        require("load", load);
        require("weight", weight);
    }

    private static void require(String name, double coefficient) {
        if (!(coefficient >= 0 && coefficient < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "the coefficient of " + name + " must be 0 or more, got " + coefficient + "; 0 leaves it out");
        }
    }

    /**
     * Returns what stands in the parentheses of a name such as {@code score(lag=2,load=1)}; what is left out does not count.
     *
     * @throws IllegalArgumentException if it cannot be read
     */
    static Score parse(String coefficients) {
        Score score = new Score(0, 0, 0, 0);
        for (String entry : coefficients.split(",", -1)) {
            int equals = entry.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("'" + entry.trim() + "' is no coefficient" + REMEDY);
            }
            String name = entry.substring(0, equals).trim();
            double value = number(entry.substring(equals + 1).trim());
            score = switch (name.toLowerCase(Locale.ROOT)) {
                case "lag" -> new Score(value, score.latency, score.load, score.weight);
                case "latency" -> new Score(score.lag, value, score.load, score.weight);
                case "load" -> new Score(score.lag, score.latency, value, score.weight);
                case "weight" -> new Score(score.lag, score.latency, score.load, value);
                default -> throw new IllegalArgumentException("nothing is called '" + name + "' in a score" + REMEDY);
            };
        }
        return score;
    }

    private static double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is no number" + REMEDY, e);
        }
    }

    double of(Candidate candidate, long now) {
        NodeLoad numbers = candidate.load();
        // The live numbers last: after a volatile read, all else would be read anew.
        double fixed = lag * candidate.secondsBehind();
        double cost = candidate.cost();
        double inFavour = weight * candidate.weight();
        double perMilli = latency * 1e-6;
        return (fixed + load * numbers.inFlight() + perMilli * numbers.latency(now)) * cost - inFavour;
    }

    /** Returns the name by which {@link LoadBalancer#valueOf} finds the same balancer. */
    @Override
    public String toString() {
        return NAME + "(lag=" + plain(lag) + ",latency=" + plain(latency) + ",load=" + plain(load) + ",weight="
                + plain(weight) + ")";
    }

    private static String plain(double coefficient) {
        String text = Double.toString(coefficient);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
