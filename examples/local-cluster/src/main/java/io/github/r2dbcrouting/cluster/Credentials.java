package io.github.r2dbcrouting.cluster;

import java.security.SecureRandom;
import java.util.HexFormat;

/** A user of the database and its password; the password never shows in {@link #toString()}. */
record Credentials(String username, String password) {

    /** Makes a marked password that nobody else on this machine can guess: the servers listen on the loopback interface. */
    static Credentials generate(String username, SecureRandom random) {
        byte[] bytes = new byte[12];
        random.nextBytes(bytes);
        return new Credentials(
                username, LocalCluster.PASSWORD_MARK + HexFormat.of().formatHex(bytes));
    }

    @Override
    public String toString() {
        return username + ":<hidden>";
    }
}
