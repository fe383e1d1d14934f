package io.github.r2dbcrouting.switches;

import io.github.r2dbcrouting.selection.OperatorSwitch;
import io.github.r2dbcrouting.selection.Overrides;
import java.time.Instant;
import java.util.Map;

/**
 * How everything is switched at one moment.
 *
 * @param overrides what holds
 * @param expiries which switches expire, and when, by the time of day
 */
public record SwitchState(Overrides overrides, Map<OperatorSwitch, Instant> expiries) {

    public SwitchState {
        expiries = Map.copyOf(expiries);
    }
}
