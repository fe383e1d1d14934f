package io.github.r2dbcrouting.outlier;

import io.github.r2dbcrouting.topology.NodeProblem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How often one node has come and gone of late. Times are nanoseconds of the monitor's clock.
 *
 * @param changes when it did, the oldest first
 * @param problem what it is held back for, or {@code null} if it is not
 * @param until when that ends, if nothing changes before
 */
record Flaps(List<Long> changes, @Nullable NodeProblem problem, long until) {

    static final Flaps NONE = new Flaps(List.of(), null, 0);

    boolean isHeld(long now) {
        return problem != null && until - now > 0;
    }

    /** Returns whether it has come and gone of late, as no single accident makes it. */
    boolean hasChanged(OutlierSettings.Flapping settings, long now) {
        return changes.stream()
                        .filter(at -> now - at <= settings.window().toNanos())
                        .count()
                >= 2;
    }

    /**
     * Returns what follows when it comes or goes now.
     *
     * @param alone whether the others do not
     */
    Flaps changed(OutlierSettings.Flapping settings, boolean alone, long now) {
        long window = settings.window().toNanos();
        List<Long> recent = new ArrayList<>(changes);
        recent.add(now);
        // While it is held the number grows no further, so that what is said of it does not change with each change.
        recent.removeIf(at -> now - at > window);
        if (recent.size() > settings.changes() + 1) {
            recent.remove(0);
        }
        boolean held = isHeld(now);
        if (!held && (!alone || recent.size() <= settings.changes())) {
            return new Flaps(List.copyOf(recent), null, 0);
        }
        return new Flaps(List.copyOf(recent), held ? problem : problem(recent, window), now + window);
    }

    private static NodeProblem problem(List<Long> changes, long window) {
        String within = Spans.of(window);
        return new NodeProblem(
                NodeProblem.Kind.FLAPPING,
                "flaps: " + changes.size() + " changes in " + within + "; held back until it has been stable for "
                        + within,
                "",
                "");
    }

    Flaps ended() {
        return new Flaps(changes, null, until);
    }
}
