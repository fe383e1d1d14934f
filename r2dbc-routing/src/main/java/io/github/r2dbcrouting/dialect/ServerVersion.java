package io.github.r2dbcrouting.dialect;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of a server's version by which features are known.
 *
 * @param major the first number
 * @param minor the second one, 0 if there is none
 */
public record ServerVersion(int major, int minor) implements Comparable<ServerVersion> {

    /** MariaDB announces itself as an old MySQL to old clients: {@code 5.5.5-10.11.6-MariaDB}. */
    private static final Pattern NUMBERS = Pattern.compile("(?:5\\.5\\.5-)?(\\d{1,5})(?:\\.(\\d{1,5}))?.*");

    /** Reads what a server reports, such as {@code 18.6}, {@code 17beta1} or {@code 11.4.5-MariaDB}; 0.0 if it is unreadable. */
    public static ServerVersion parse(String reported) {
        Matcher numbers = NUMBERS.matcher(reported);
        if (!numbers.matches()) {
            return new ServerVersion(0, 0);
        }
        String minor = numbers.group(2);
        return new ServerVersion(Integer.parseInt(numbers.group(1)), minor == null ? 0 : Integer.parseInt(minor));
    }

    @Override
    public int compareTo(ServerVersion other) {
        return major == other.major ? Integer.compare(minor, other.minor) : Integer.compare(major, other.major);
    }
}
