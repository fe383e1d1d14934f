package io.github.r2dbcrouting.benchmarks.answers;

/** How somebody reads on replicas what was just written on the primary. */
public enum Answer {
    /** The router without any session: any replica will do. */
    NONE("no session"),
    /** The same again, with pools of its own: how far it is from {@link #NONE} shows how well can be measured here. */
    NONE_AGAIN("no session, again"),
    /** The router, with a session for each chain. */
    CONTEXT("session of the chain"),
    /** The router, whose own session all share. */
    FACTORY("session of the factory"),
    /** Home-made: for 5 s after a write of its session, everything on the primary. */
    STICKY("home-made: primary for 5 s"),
    /** Home-made: before each read, each replica is asked whether it has come as far as its session has written. */
    ASKING("home-made: ask each replica"),
    /** Everything on the primary, without a router. */
    PRIMARY("primary alone"),
    /** The same again, with a pool of its own. */
    PRIMARY_AGAIN("primary alone, again");

    private final String text;

    Answer(String text) {
        this.text = text;
    }

    public boolean isRouted() {
        return ordinal() <= FACTORY.ordinal();
    }

    /** Returns whether what is read must never be older than what the same session wrote. */
    public boolean isPromised() {
        return this == CONTEXT || this == FACTORY;
    }

    @Override
    public String toString() {
        return text;
    }
}
