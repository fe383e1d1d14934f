package io.github.r2dbcrouting.cluster;

/** Says that somebody else bound a server's port between our probe and the server's start: another port may do. */
final class PortTakenException extends LocalClusterException {

    private static final long serialVersionUID = 1L;

    PortTakenException(String message) {
        super(message);
    }
}
