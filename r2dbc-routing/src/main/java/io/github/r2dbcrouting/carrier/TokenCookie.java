package io.github.r2dbcrouting.carrier;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A cookie that carries tokens, as the texts of the headers {@code Cookie} and {@code Set-Cookie} (RFC 6265), for any framework. Unless
 * it is told otherwise, scripts cannot read it, it goes over TLS only, to this host only, not along with requests that other sites
 * cause, but for links; and it ends when its token does.
 *
 * @param name its name; the prefix {@code __Host-} has browsers refuse one that another host set
 * @param path the paths that it is sent to
 * @param maxAge when it ends; whole seconds
 * @param secure whether it goes over TLS only
 * @param sameSite along with which requests of other sites it goes
 */
public record TokenCookie(String name, String path, Duration maxAge, boolean secure, SameSite sameSite) {

    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern PATH = Pattern.compile("/[\\x20-\\x3a\\x3c-\\x7e]*");
    private static final String HOST_PREFIX = "__Host-";

    /** Along with which requests that other sites cause a cookie goes. */
    public enum SameSite {
        /** None of them. */
        STRICT,
        /** Links that lead here. */
        LAX,
        /** All; browsers then demand TLS. */
        NONE
    }

    /**
     * Checks the attributes.
     *
     * @throws IllegalArgumentException if they cannot be written, or browsers would refuse them
     */
    public TokenCookie {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("a cookie cannot be named '" + name + "'; use letters, digits, - and _");
        }
        if (!PATH.matcher(path).matches()) {
            throw new IllegalArgumentException(
                    "a cookie cannot have the path '" + path + "'; begin with / and use no semicolon");
        }
        if (maxAge.toSeconds() < 1) {
            throw new IllegalArgumentException("a cookie must live for 1 s or more, got " + maxAge);
        }
        if (name.startsWith(HOST_PREFIX) && !(secure && path.equals("/"))) {
            throw new IllegalArgumentException(
                    "a cookie named " + name + " must be secure and have the path /; else name it otherwise");
        }
        if (sameSite == SameSite.NONE && !secure) {
            throw new IllegalArgumentException("a cookie with SameSite=None must be secure");
        }
    }

    /**
     * Returns the cookie with the safest attributes: {@code __Host-routing-session}.
     *
     * @param lifetime that of the tokens
     */
    public static TokenCookie of(Duration lifetime) {
        return new TokenCookie(HOST_PREFIX + TokenHeaders.NAME, "/", lifetime, true, SameSite.LAX);
    }

    /** Returns the same cookie for servers that are reached without TLS, as on a developer's machine. */
    public TokenCookie withoutTls() {
        String plain = name.startsWith(HOST_PREFIX) ? name.substring(HOST_PREFIX.length()) : name;
        return new TokenCookie(plain, path, maxAge, false, sameSite == SameSite.NONE ? SameSite.LAX : sameSite);
    }

    /** Returns the value of a header {@code Set-Cookie} that has the client keep a token. */
    public String setCookie(String token) {
        String site = sameSite.name();
        return name + "=" + token + "; Path=" + path + "; Max-Age=" + maxAge.toSeconds() + (secure ? "; Secure" : "")
                + "; HttpOnly; SameSite=" + site.charAt(0)
                + site.substring(1).toLowerCase(Locale.ROOT);
    }

    /**
     * Returns the token in a header {@code Cookie}.
     *
     * @param header its value, or {@code null} if there is none
     * @return the value of the first cookie of this name, or {@code null} if there is none
     */
    public @Nullable String find(@Nullable String header) {
        if (header == null) {
            return null;
        }
        for (String pair : header.split(";", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
                return unquoted(pair.substring(equals + 1).strip());
            }
        }
        return null;
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }
}
