package io.github.r2dbcrouting.switches;

import io.github.r2dbcrouting.selection.OperatorSwitch;
import io.github.r2dbcrouting.selection.Overrides;
import io.github.r2dbcrouting.topology.NodeId;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Everything that is switched, as one immutable value, and each change of it as a function. What expires lies over what was last
 * switched without an expiry, and its end uncovers that again.
 *
 * @param standing what holds without an end
 * @param passing what lies over it, at most one for each switch
 * @param state what holds therefore
 * @param version counts the changes
 * @param lagChecksOffAt when lag checks were switched off, in nanoseconds of the factory's clock; means nothing while they are on
 */
record Switched(
        Overrides standing,
        Map<OperatorSwitch, Passing> passing,
        SwitchState state,
        long version,
        long lagChecksOffAt) {

    /**
     * What holds for a time.
     *
     * @param change what was switched
     * @param terms by whom and why
     * @param until when it ends, by the time of day
     * @param shown the same as people read it
     */
    record Passing(SwitchChange change, Terms terms, Instant until, String shown) {}

    static Switched initially(Overrides configured, long now) {
        return new Switched(configured, Map.of(), new SwitchState(configured, Map.of()), 0, now);
    }

    /** Returns the same with the time if it is now that lag checks were switched off. */
    Switched after(Switched before, long now) {
        return before.state.overrides().lagChecks() && !state.overrides().lagChecks()
                ? new Switched(standing, passing, state, version, now)
                : this;
    }

    /** Returns the state with something switched for good; this one if it is switched so. */
    Switched with(SwitchChange change) {
        Map<OperatorSwitch, Passing> others = new HashMap<>(passing);
        others.remove(change.what());
        Overrides stands = change.applyTo(standing);
        return stands.equals(standing) && others.equals(passing) ? this : next(stands, others);
    }

    /** Returns the state with something switched for a time. */
    Switched with(Passing added) {
        Map<OperatorSwitch, Passing> others = new HashMap<>(passing);
        others.put(added.change().what(), added);
        return next(standing, others);
    }

    /** Returns the state without what has expired; this one if something else was switched meanwhile. */
    Switched without(Passing expired) {
        OperatorSwitch what = expired.change().what();
        if (passing.get(what) != expired) {
            return this;
        }
        Map<OperatorSwitch, Passing> others = new HashMap<>(passing);
        others.remove(what);
        return next(standing, others);
    }

    /** Returns whether something holds for a time, or was superseded. */
    boolean holds(Passing present) {
        return passing.get(present.change().what()) == present;
    }

    /** Returns whether anything is switched for a node. */
    boolean names(NodeId node) {
        return standing.excluded().contains(node)
                || standing.maxLags().containsKey(node)
                || passing.keySet().stream().anyMatch(what -> node.equals(what.node()));
    }

    private Switched next(Overrides stands, Map<OperatorSwitch, Passing> passes) {
        Overrides overrides = stands;
        Map<OperatorSwitch, String> shown = new HashMap<>();
        Map<OperatorSwitch, Instant> expiries = new HashMap<>();
        for (Map.Entry<OperatorSwitch, Passing> each : passes.entrySet()) {
            overrides = each.getValue().change().applyTo(overrides);
            shown.put(each.getKey(), each.getValue().shown());
            expiries.put(each.getKey(), each.getValue().until());
        }
        return new Switched(
                stands,
                Map.copyOf(passes),
                new SwitchState(overrides.until(shown), expiries),
                version + 1,
                lagChecksOffAt);
    }
}
