package io.github.r2dbcrouting.carrier;

import io.github.r2dbcrouting.session.SessionTokens;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.reactive.RedisScriptingReactiveCommands;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * Tokens in Redis, by an id of the user's choice, through Lettuce. An entry ends with the lifetime of its token, and only ever grows:
 * whoever stores replaces just what was read, and merges if that has changed meanwhile.
 *
 * <p>Redis must not forget in silence. A mark beside the entries tells since when it remembers: while that is younger than the grace, as
 * after a restart without its data, every token counts as one that does not tell all. What could not be stored is stored again as soon as
 * Redis answers; until then this process remembers it, and <em>another one may go back behind it</em>. So does one whose entry Redis
 * evicted for want of memory, or that is lost when a replica of Redis takes over: use a policy of {@code noeviction} or
 * {@code volatile-ttl} with room to spare.
 *
 * <p>Each request to Redis is bounded by a timeout. Safe for concurrent use.
 */
public final class RedisTokens implements Disposable {

    private static final String BEGIN_MARK = "redis.call('SET', KEYS[2], redis.call('TIME')[1], 'NX') ";
    private static final String LOAD = BEGIN_MARK
            + "return redis.call('TIME')[1] - redis.call('GET', KEYS[2]) .. ' ' .. (redis.call('GET', KEYS[1]) or '')";
    private static final String STORE = BEGIN_MARK
            + "local present = redis.call('GET', KEYS[1]) or '' "
            + "if present ~= ARGV[1] then return present end "
            + "redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) "
            + "redis.call('PEXPIRE', KEYS[2], 2 * ARGV[3]) "
            + "return ARGV[2]";

    /** Each attempt that fails is one in which somebody else succeeded. */
    private static final int ATTEMPTS = 100;

    /** Marks stand for as many slots of a cluster, in each of which a script must find both of its keys. */
    private static final int MARKS = 64;

    private final RedisScriptingReactiveCommands<String, String> redis;
    private final SessionTokens tokens;
    private final String prefix;
    private final Duration timeout;
    private final OwedTokens owed;
    private final LongAdder failed = new LongAdder();
    private final LongAdder young = new LongAdder();
    private final LongAdder contended = new LongAdder();

    /**
     * Creates it with entries under {@code routing:session:} and 100 ms for each request.
     *
     * @param redis the reactive commands of a connection, which stays the user's; its own timeout does not matter
     * @param tokens those of the factory
     */
    public RedisTokens(RedisScriptingReactiveCommands<String, String> redis, SessionTokens tokens) {
        this(redis, tokens, "routing:session:", Duration.ofMillis(100));
    }

    /**
     * Creates it.
     *
     * @param prefix of all keys; one for each cluster of databases
     * @param timeout how long a request to Redis may take; positive
     */
    public RedisTokens(
            RedisScriptingReactiveCommands<String, String> redis,
            SessionTokens tokens,
            String prefix,
            Duration timeout) {
        if (timeout.isZero() || timeout.isNegative()) {
            throw new IllegalArgumentException("the timeout of Redis must be positive, got " + timeout);
        }
        this.redis = redis;
        this.tokens = tokens;
        this.prefix = prefix;
        this.timeout = timeout;
        this.owed = new OwedTokens(tokens, (id, token) -> put(id, "", token, ATTEMPTS));
    }

    /**
     * Returns the carrier of a session for one exchange.
     *
     * @param id what tells the session from others, the same in all processes: an HTTP session's, a user's, an order's
     */
    public TokenCarrier of(String id) {
        return new Entry(id);
    }

    /** Stores what a token and the present one make together. */
    private Mono<Void> put(String id, String present, String token, int attempts) {
        return replace(id, present, tokens.merge(present, token), token, attempts);
    }

    /** Stores a text if the present one is what it is thought to be; else what that and a token make together. */
    private Mono<Void> replace(String id, String present, String text, String token, int attempts) {
        String millis = Long.toString(tokens.lifetime().toMillis());
        return run(STORE, id, present, text, millis).flatMap(reply -> {
            if (reply.equals(text)) {
                return Mono.empty();
            }
            contended.increment();
            return attempts > 1
                    ? put(id, reply, token, attempts - 1)
                    : Mono.error(new IllegalStateException(
                            "a session token was not stored: others were faster " + ATTEMPTS + " times"));
        });
    }

    /** Off the threads of Lettuce, on which nothing of the user's should run. */
    private Mono<String> run(String script, String id, String... values) {
        String mark = prefix + "{" + Math.floorMod(id.hashCode(), MARKS) + "}";
        String[] keys = {mark + id, mark};
        return redis.<String>eval(script, ScriptOutputType.VALUE, keys, values)
                .next()
                .timeout(timeout, tokens.timers())
                .publishOn(tokens.timers())
                .doOnError(error -> failed.increment());
    }

    /** Returns how Redis did so far. */
    public RedisCounts counts() {
        return new RedisCounts(failed.sum(), young.sum(), contended.sum(), owed.size(), owed.lost());
    }

    /** Gives up what waits to be stored again. The connection stays open. */
    @Override
    public void dispose() {
        owed.dispose();
    }

    @Override
    public boolean isDisposed() {
        return owed.isDisposed();
    }

    /** The entry of one session, as one exchange sees it. */
    private final class Entry implements TokenCarrier {

        private final String id;
        private volatile String seen = "";

        Entry(String id) {
            this.id = id;
        }

        @Override
        public Mono<String> load() {
            return run(LOAD, id).map(this::read).filter(token -> !token.isEmpty());
        }

        /** Reads for how many seconds Redis remembers, and the token. */
        private String read(String reply) {
            int space = reply.indexOf(' ');
            seen = reply.substring(space + 1);
            String token = owed.mergedInto(seen, id);
            if (Long.parseLong(reply.substring(0, space)) > tokens.grace().toSeconds()) {
                return token;
            }
            young.increment();
            return tokens.unresolved(token);
        }

        @Override
        public Mono<Void> store(String token) {
            return Mono.defer(() -> replace(id, seen, tokens.succeed(seen, token), token, ATTEMPTS))
                    .doOnError(error -> owed.add(id, token))
                    // Whoever waits no longer has not had it stored either.
                    .doOnCancel(() -> owed.add(id, token));
        }
    }
}
