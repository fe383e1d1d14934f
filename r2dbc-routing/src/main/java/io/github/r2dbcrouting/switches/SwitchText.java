package io.github.r2dbcrouting.switches;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** What operators read of their switches in the log. */
final class SwitchText {

    private SwitchText() {}

    /** Returns a moment as people read it, with the day if it is not within a day. */
    static String until(Instant moment, Instant now, ZoneId zone) {
        ZonedDateTime there = moment.truncatedTo(ChronoUnit.SECONDS).atZone(zone);
        return moment.isBefore(now.plus(1, ChronoUnit.DAYS))
                ? there.toLocalTime().toString()
                : there.toLocalDate() + " " + there.toLocalTime();
    }

    /**
     * Returns what writes the line of a change: at WARN if it is none that leads back to what is usual.
     *
     * @param until when it expires, with a word before it; empty for never
     */
    static Consumer<Logger> line(SwitchChange change, Terms terms, boolean expired, String until) {
        String by = by(terms.who());
        if (expired) {
            return log -> log.info("expired: {}, switched{} because {}", change.text(), by, terms.why());
        }
        return change.isUsual()
                ? log -> log.info("switched{}: {}{}, because {}", by, change.text(), until, terms.why())
                : log -> log.warn("switched{}: {}{}, because {}", by, change.text(), until, terms.why());
    }

    private static String by(@Nullable String who) {
        return who == null ? "" : " by " + who;
    }
}
