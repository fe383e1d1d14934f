package io.github.r2dbcrouting.switches;

import io.github.r2dbcrouting.selection.OperatorSwitch;
import org.jspecify.annotations.Nullable;

/**
 * Something was switched, or a switch has expired.
 *
 * @param what was switched
 * @param previous how everything was switched before
 * @param current how everything is switched now; never equal to {@code previous}
 * @param expired whether nobody switched, but the time of an earlier switch was over
 * @param why the reason that was given, for an expiry that of the switch which expired
 * @param who switched, for an expiry who had, or {@code null} if nobody said
 */
public record SwitchEvent(
        OperatorSwitch what,
        SwitchState previous,
        SwitchState current,
        boolean expired,
        String why,
        @Nullable String who) {}
