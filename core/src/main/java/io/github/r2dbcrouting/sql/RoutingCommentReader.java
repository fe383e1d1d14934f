package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.consistency.DurationText;
import io.github.r2dbcrouting.sql.RoutingComment.Defect;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.Places;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the hint comments of one text ask of the routing. In such a comment everything behind the word {@code route}
 * is for the routing; what stands before it, or in a comment without that word, belongs to others: no server and no
 * extension has a hint of that name, and their own hints have their arguments in parentheses.
 */
final class RoutingCommentReader {

    private static final String WORD = "route";
    private static final String ALLOWED =
            "primary, replica, node=NAME, consistency=LEVEL, tag=NAME, zone=NAME, region=NAME or maxLag=DURATION, several"
                    + " with blanks or commas between them";

    private static final int LONGEST_SHOWN = 80;

    private final String sql;
    private int position;
    private int end;
    private boolean found;
    private @Nullable NodeId node;
    private @Nullable NodeRole role;
    private @Nullable Consistency consistency;
    private List<String> tags = List.of();
    private List<String> zones = List.of();
    private List<String> regions = List.of();
    private @Nullable Duration maxLag;
    private @Nullable Defect defect;

    RoutingCommentReader(String sql) {
        this.sql = sql;
    }

    /** Returns what all comments so far ask for, or {@code null} if none of them asks for anything. */
    @Nullable
    RoutingComment comment() {
        return found ? new RoutingComment(node, role, consistency, places(), maxLag, defect) : null;
    }

    private Places places() {
        return tags.isEmpty() && zones.isEmpty() && regions.isEmpty() ? Places.ANY : new Places(tags, zones, regions);
    }

    /** Reads one hint comment, whose inside lies between these positions. */
    void read(int from, int to) {
        position = from;
        end = to;
        if (!skipToRoute()) {
            return;
        }
        found = true;
        int start = position;
        position += WORD.length();
        skipBlanks();
        if (position >= end || sql.charAt(position) != ':') {
            wrong(start, "is not followed by a colon", "route: and then " + ALLOWED);
            return;
        }
        position++;
        int hints = 0;
        while (defect == null && skipSeparators()) {
            readHint();
            hints++;
        }
        if (hints == 0) {
            wrong(start, "is followed by nothing", ALLOWED);
        }
    }

    /** Moves on to our word, past the hints of others. */
    private boolean skipToRoute() {
        int depth = 0;
        while (position < end) {
            char c = sql.charAt(position);
            if (isQuote(c)) {
                position = behind(c, position + 1);
            } else if (Character.isJavaIdentifierPart(c)) {
                int start = position;
                skipWord();
                if (depth == 0 && sql.substring(start, position).equalsIgnoreCase(WORD)) {
                    position = start;
                    return true;
                }
            } else {
                depth += c == '(' ? 1 : c == ')' ? -1 : 0;
                position++;
            }
        }
        return false;
    }

    private void skipWord() {
        while (position < end && Character.isJavaIdentifierPart(sql.charAt(position))) {
            position++;
        }
    }

    private void readHint() {
        int start = position;
        String name = bare("=");
        skipBlanks();
        boolean valued = position < end && sql.charAt(position) == '=';
        String value = "";
        if (valued) {
            position++;
            skipBlanks();
            value = value();
        }
        String known = name.toLowerCase(Locale.ROOT);
        try {
            boolean understood = valued ? take(start, known, value) : take(start, known);
            if (!understood) {
                position = Math.max(position, start + 1);
                wrong(start, "is not known", ALLOWED);
            }
        } catch (IllegalArgumentException e) {
            wrong(start, "cannot be read", known.equals("consistency") ? Consistency.FORM : DurationText.FORM);
        }
    }

    private boolean take(int start, String name) {
        switch (name) {
            case "primary" -> role = same(start, role, NodeRole.PRIMARY);
            case "replica" -> role = same(start, role, NodeRole.REPLICA);
            default -> {
                return false;
            }
        }
        requireOnePlace(start);
        return true;
    }

    private boolean take(int start, String name, String value) {
        if (value.isBlank()) {
            wrong(start, "has no value", ALLOWED);
            return true;
        }
        switch (name) {
            case "node" -> {
                node = same(start, node, new NodeId(value));
                requireOnePlace(start);
            }
            case "consistency" -> consistency = same(start, consistency, Consistency.valueOf(value));
            case "tag" -> tags = sameNames(start, tags, value);
            case "zone" -> zones = sameNames(start, zones, value);
            case "region" -> regions = sameNames(start, regions, value);
            case "maxlag" -> maxLag = same(start, maxLag, positive(value));
            default -> {
                return false;
            }
        }
        return true;
    }

    private static Duration positive(String value) {
        Duration duration = DurationText.parse(value);
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException("a lag must be positive");
        }
        return duration;
    }

    private void requireOnePlace(int start) {
        if (node != null && role != null) {
            wrong(
                    start,
                    "stands beside another hint that says where",
                    "either node=NAME or one of primary and replica");
        }
    }

    /** Reads names in the order in which they are wished for: {@code eu|us}. */
    private List<String> sameNames(int start, List<String> before, String value) {
        List<String> names =
                Arrays.stream(value.split("\\|", -1)).map(String::trim).toList();
        if (names.contains("")) {
            wrong(start, "has an empty name", "a name, or several with | between them");
            return before;
        }
        return same(start, before.isEmpty() ? null : before, names);
    }

    private <T> T same(int start, @Nullable T before, T now) {
        if (before != null && !before.equals(now)) {
            wrong(start, "contradicts a hint before it", "one hint of a kind in a text");
        }
        return now;
    }

    /** Reads a value: in quotes, or up to the next blank or comma; a level may have its argument behind it. */
    private String value() {
        if (position < end && isQuote(sql.charAt(position))) {
            return quoted();
        }
        String word = bare("(");
        int behind = position;
        skipBlanks();
        if (position >= end || sql.charAt(position) != '(') {
            position = behind;
            return word;
        }
        int open = position;
        position = behind(')', open);
        return word + sql.substring(open, position);
    }

    /** Returns the position behind the next such character, or the end of the comment: nobody looks further. */
    private int behind(char c, int from) {
        int next = from;
        while (next < end && sql.charAt(next) != c) {
            next++;
        }
        return Math.min(next + 1, end);
    }

    /** Reads a quoted value, in which a doubled quote stands for one; without an end there is none. */
    private String quoted() {
        char quote = sql.charAt(position++);
        StringBuilder value = new StringBuilder();
        while (position < end) {
            char c = sql.charAt(position++);
            if (c == quote) {
                if (position >= end || sql.charAt(position) != quote) {
                    return value.toString();
                }
                position++;
            }
            value.append(c);
        }
        return "";
    }

    /** Reads up to the next blank, comma or one of the ends. */
    private String bare(String ends) {
        int start = position;
        while (position < end && !isSeparator(sql.charAt(position)) && ends.indexOf(sql.charAt(position)) < 0) {
            position++;
        }
        return sql.substring(start, position);
    }

    private boolean skipSeparators() {
        while (position < end && isSeparator(sql.charAt(position))) {
            position++;
        }
        return position < end;
    }

    private void skipBlanks() {
        while (position < end && isBlank(sql.charAt(position))) {
            position++;
        }
    }

    /** The first defect is the one that is told. */
    private void wrong(int start, String seen, String needed) {
        if (defect == null) {
            int shown = Math.min(Math.max(position, start), Math.min(end, start + LONGEST_SHOWN));
            String hint = sql.substring(start, shown).trim();
            defect = new Defect(hint, "character " + (start + 1), seen, needed);
        }
    }

    private static boolean isSeparator(char c) {
        return c == ',' || isBlank(c);
    }

    private static boolean isBlank(char c) {
        return c <= ' ' || Character.isWhitespace(c) || Character.isSpaceChar(c);
    }

    private static boolean isQuote(char c) {
        return c == '"' || c == '\'' || c == '`';
    }
}
