package io.github.r2dbcrouting.balancing;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** The balancers that have a name. */
final class Presets {

    private static final Map<String, Supplier<LoadBalancer>> NAMED = new LinkedHashMap<>();

    static {
        NAMED.put(Adaptive.NAME, () -> new Adaptive(0));
        NAMED.put(Weighted.NAME, () -> new Weighted(0));
        NAMED.put(RoundRobin.NAME, () -> new RoundRobin(0));
        NAMED.put(AtRandom.NAME, () -> new AtRandom(0));
        NAMED.put("leastConnections", Presets::leastConnections);
        NAMED.put("leastLag", Presets::leastLag);
        NAMED.put("fastest", Presets::fastest);
        NAMED.put(Score.NAME, () -> score(Score.EQUAL));
    }

    private Presets() {}

    static LoadBalancer leastConnections() {
        return new Least("leastConnections", (candidate, now) -> busy(candidate), 0);
    }

    private static double busy(Candidate candidate) {
        return (candidate.inFlightPerWeight() + 1) * candidate.cost();
    }

    static LoadBalancer leastLag() {
        return new Least("leastLag", (candidate, now) -> candidate.lagSteps() * candidate.cost(), 0);
    }

    static LoadBalancer fastest() {
        return new Least("fastest", (candidate, now) -> latency(candidate.load(), now) * candidate.cost(), 0);
    }

    private static double latency(NodeLoad load, long now) {
        double known = load.latency(now);
        // Who has been asked for the first time and has not answered may never do so.
        return known == 0 && load.inFlight() > 0 ? Candidate.UNKNOWN : known;
    }

    static LoadBalancer score(Score score) {
        return new Least(score.equals(Score.EQUAL) ? Score.NAME : score.toString(), score::of, 0);
    }

    /** Returns whether a balancer is of this package. */
    static boolean include(LoadBalancer balancer) {
        return balancer instanceof Adaptive
                || balancer instanceof Weighted
                || balancer instanceof RoundRobin
                || balancer instanceof AtRandom
                || balancer instanceof Least;
    }

    static LoadBalancer named(String name) {
        for (Map.Entry<String, Supplier<LoadBalancer>> preset : NAMED.entrySet()) {
            if (preset.getKey().equalsIgnoreCase(name)) {
                return preset.getValue().get();
            }
        }
        String score = Score.NAME + "(";
        if (name.toLowerCase(Locale.ROOT).startsWith(score) && name.endsWith(")")) {
            return score(Score.parse(name.substring(score.length(), name.length() - 1)));
        }
        throw new IllegalArgumentException("no load balancer is named '" + name + "'; use one of "
                + String.join(", ", NAMED.keySet()) + ", or " + Score.EQUAL);
    }
}
