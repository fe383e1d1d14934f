package io.github.r2dbcrouting.switches;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * On what terms something is switched: {@code Terms.because("replica disk is full").by("alice").expiringIn(Duration.ofHours(2))}.
 *
 * @param why the reason, for the log and whoever listens; not blank
 * @param who switches, or {@code null} if nobody says
 * @param expiry after which it no longer holds, more than 0 and at most 365 days; {@code null} for not by itself
 */
public record Terms(
        String why, @Nullable String who, @Nullable Duration expiry) {

    private static final Duration LONGEST = Duration.ofDays(365);

    public Terms {
        if (why.isBlank()) {
            throw new IllegalArgumentException("say why it is switched: whoever reads the log at night wants to know");
        }
        if (who != null && who.isBlank()) {
            throw new IllegalArgumentException("who switches must not be blank; leave it out if nobody says");
        }
        if (expiry != null && (expiry.isZero() || expiry.isNegative() || expiry.compareTo(LONGEST) > 0)) {
            throw new IllegalArgumentException("a switch cannot expire after " + expiry
                    + ": give it more than 0 and at most " + LONGEST.toDays() + " days, or no expiry at all");
        }
    }

    /** Returns terms that hold until something else is switched. */
    public static Terms because(String why) {
        return new Terms(why, null, null);
    }

    /** Returns the same terms, of somebody. */
    public Terms by(String name) {
        return new Terms(why, name, expiry);
    }

    /** Returns the same terms for a limited time. */
    public Terms expiringIn(Duration time) {
        return new Terms(why, who, time);
    }
}
