package io.github.r2dbcrouting.consistency;

import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.position.MariaDbGtidPosition;
import io.github.r2dbcrouting.position.MariaDbGtidPosition.Gtid;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.position.ReplicationPosition;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a token: version and number of the key, flags, its lot, when it was made, the cluster, and its positions. Numbers that are
 * small as a rule are written in groups of seven bits, lowest first.
 */
final class TokenContent {

    private static final int UNRESOLVED = 1;
    private static final int LOST = 2;
    private static final int WITH_LOT = 4;

    private static final int LOG = 0;
    private static final int LOG_WITH_FORK = 1;
    private static final int GTIDS = 2;

    /** The longest name of a promoted node that is kept; without it a branch is known by its fork. */
    private static final int LONGEST_NAME = 16;

    private final ByteBuffer bytes;

    private TokenContent(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    static byte[] write(int version, int key, SessionToken token) {
        TokenContent content = new TokenContent(ByteBuffer.allocate(size(token)));
        content.bytes.put((byte) version).put((byte) key);
        Instant unresolvedAt = token.unresolvedAt();
        int flags = (unresolvedAt != null ? UNRESOLVED : 0)
                | (token.bound().isLost() ? LOST : 0)
                | (token.lot() != SessionToken.NO_LOT ? WITH_LOT : 0);
        content.bytes.put((byte) flags);
        if (token.lot() != SessionToken.NO_LOT) {
            content.bytes.put((byte) token.lot());
        }
        content.bytes.putInt((int) token.issuedAt().getEpochSecond());
        if (unresolvedAt != null) {
            content.number(token.issuedAt().getEpochSecond() - unresolvedAt.getEpochSecond());
        }
        content.bytes.putLong(token.cluster());
        content.number(token.bound().positions().size());
        token.bound().positions().forEach(content::position);
        byte[] written = new byte[content.bytes.position()];
        content.bytes.flip().get(written);
        return written;
    }

    /** Returns more bytes than a token takes. */
    private static int size(SessionToken token) {
        int size = 42;
        for (ReplicationPosition position : token.bound().positions()) {
            size += position instanceof MariaDbGtidPosition gtids
                    ? 16 + 30 * gtids.domains().size()
                    : 48 + 4 * LONGEST_NAME;
        }
        return size;
    }

    private void position(ReplicationPosition position) {
        if (position instanceof LogPosition log) {
            branch(log.branch());
            bytes.putLong(log.lsn());
        } else if (position instanceof MariaDbGtidPosition gtids) {
            bytes.put((byte) GTIDS);
            number(gtids.domains().size());
            gtids.domains().forEach((domain, gtid) -> {
                number(domain);
                number(gtid.serverId());
                number(gtid.sequence());
            });
        }
    }

    private void branch(Branch branch) {
        Long fork = branch.forkPosition();
        bytes.put((byte) (fork == null ? LOG : LOG_WITH_FORK));
        number(branch.timeline());
        if (fork != null) {
            bytes.putLong(fork);
        }
        String node = branch.promotedNode();
        byte[] name = node == null ? new byte[0] : node.getBytes(StandardCharsets.UTF_8);
        if (name.length > LONGEST_NAME) {
            name = new byte[0];
        }
        number(name.length);
        bytes.put(name);
    }

    private void number(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes.put((byte) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        bytes.put((byte) rest);
    }

    /** Returns the token whose content, without its head, lies between two places; {@code null} if that is none. */
    static @Nullable SessionToken read(byte[] whole, int from, int to) {
        TokenContent content = new TokenContent(ByteBuffer.wrap(whole, from, to - from));
        try {
            return content.token();
        } catch (BufferUnderflowException | IllegalArgumentException notAToken) {
            return null;
        }
    }

    private SessionToken token() {
        int flags = bytes.get();
        int lot = (flags & WITH_LOT) != 0 ? bytes.get() : SessionToken.NO_LOT;
        Instant issuedAt = Instant.ofEpochSecond(Integer.toUnsignedLong(bytes.getInt()));
        Instant unresolvedAt = (flags & UNRESOLVED) != 0 ? before(issuedAt, readNumber()) : null;
        long cluster = bytes.getLong();
        PositionBound bound = (flags & LOST) != 0 ? PositionBound.LOST : PositionBound.NONE;
        for (long left = readNumber(); left > 0; left--) {
            bound = bound.merge(PositionBound.of(readPosition()));
        }
        if (bytes.hasRemaining()) {
            throw new IllegalArgumentException("more than a token");
        }
        return new SessionToken(cluster, bound, unresolvedAt, issuedAt, lot);
    }

    private static Instant before(Instant moment, long seconds) {
        if (seconds < 0 || seconds > moment.getEpochSecond()) {
            throw new IllegalArgumentException("a moment " + seconds + " s before " + moment);
        }
        return moment.minusSeconds(seconds);
    }

    private ReplicationPosition readPosition() {
        int kind = bytes.get();
        return switch (kind) {
            case LOG, LOG_WITH_FORK -> {
                Branch branch = readBranch(kind == LOG_WITH_FORK);
                yield new LogPosition(branch, bytes.getLong());
            }
            case GTIDS -> readGtids();
            default -> throw new IllegalArgumentException("no such position: " + kind);
        };
    }

    private Branch readBranch(boolean withFork) {
        long timeline = readNumber();
        Long fork = withFork ? bytes.getLong() : null;
        long length = readNumber();
        if (length < 0 || length > LONGEST_NAME) {
            throw new IllegalArgumentException("a name of " + length + " bytes");
        }
        byte[] name = new byte[(int) length];
        bytes.get(name);
        return new Branch(timeline, fork, length == 0 ? null : new String(name, StandardCharsets.UTF_8));
    }

    private MariaDbGtidPosition readGtids() {
        Map<Long, Gtid> domains = new HashMap<>();
        for (long left = readNumber(); left > 0; left--) {
            domains.put(readNumber(), new Gtid(readNumber(), readNumber()));
        }
        return new MariaDbGtidPosition(domains);
    }

    private long readNumber() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = bytes.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number of more than 64 bits");
    }
}
