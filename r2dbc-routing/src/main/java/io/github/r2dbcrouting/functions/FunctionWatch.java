package io.github.r2dbcrouting.functions;

import io.github.r2dbcrouting.dialect.BackgroundTasks;
import io.github.r2dbcrouting.sql.FunctionCatalog;
import io.github.r2dbcrouting.sql.SqlClassifier;
import io.github.r2dbcrouting.sql.SqlDialect;
import io.github.r2dbcrouting.sql.StatementProfiles;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Reads the catalogue of functions from a node and has statements judged by it: once a node is usable, when a text calls a
 * function that the catalogue does not have, after a change of the schema, and now and then for changes that others make.
 * Nobody waits for it: until a function is known, statements that call it go to the primary.
 *
 * <p>One reading is under way at most, and none begins within the pause after the last one began. A name that a reading did
 * not bring up asks for no other one until the schema has changed or the interval has passed.
 */
public final class FunctionWatch implements Disposable {

    private static final Logger logger = LoggerFactory.getLogger(FunctionWatch.class);

    /** Names that do not exist; more of them than this are a flood, and the flood is forgotten. */
    private static final int MOST_MISSING = 1_000;

    private final Supplier<Topology> topology;
    private final Function<NodeId, Mono<FunctionCatalog>> catalogs;
    private final SqlDialect dialect;
    private final StatementProfiles profiles;
    private final BackgroundTasks background;
    private final Scheduler clock;
    private final long pause;
    private final long interval;

    private final AtomicBoolean reading = new AtomicBoolean();
    private final AtomicBoolean disposed = new AtomicBoolean();
    private final Sinks.Empty<Void> ending = Sinks.empty();
    private final Set<String> missing = ConcurrentHashMap.newKeySet();
    private volatile boolean wanted = true;
    private volatile boolean again;
    private volatile boolean everRead;
    private volatile long begunAt;
    private volatile boolean failed;
    private volatile FunctionCatalog catalog = FunctionCatalog.NONE;

    /**
     * Creates the watch; it reads nothing before it is called.
     *
     * @param topology the latest snapshot
     * @param catalogs asks a node for its functions, over a connection of the application's user
     * @param clock tells the time
     * @param pause between the beginnings of two readings, at least
     * @param interval between two readings that nothing has asked for
     */
    public FunctionWatch(
            Supplier<Topology> topology,
            Function<NodeId, Mono<FunctionCatalog>> catalogs,
            SqlDialect dialect,
            StatementProfiles profiles,
            BackgroundTasks background,
            Scheduler clock,
            Duration pause,
            Duration interval) {
        this.topology = topology;
        this.catalogs = catalogs;
        this.dialect = dialect;
        this.profiles = profiles;
        this.background = background;
        this.clock = clock;
        this.pause = pause.toNanos();
        this.interval = interval.toNanos();
        profiles.whenUnheardOf(this::unheardOf);
        profiles.whenSchemaChanges(this::schemaChanged);
    }

    /** Returns what is known of the functions now. */
    public FunctionCatalog catalog() {
        return catalog;
    }

    /** Reads now, and once more after the pause: what was changed in a transaction shows only when that has ended. */
    private void schemaChanged() {
        missing.clear();
        again = true;
        want();
    }

    private void unheardOf(Set<String> names) {
        // Before the first reading they are as good as asked for.
        if (everRead && !missing.containsAll(names)) {
            if (missing.size() > MOST_MISSING) {
                missing.clear();
            }
            missing.addAll(names);
            want();
        }
    }

    private void want() {
        wanted = true;
        look();
    }

    /** Begins a reading if one is due; to be called from time to time while the factory is in use. Quick, and on any thread. */
    public void look() {
        long now = clock.now(TimeUnit.NANOSECONDS);
        long since = now - begunAt;
        boolean due = wanted || since >= interval;
        if (!due || (begunAt != 0 && since < pause)) {
            return;
        }
        NodeState node = node();
        if (node != null && !disposed.get() && reading.compareAndSet(false, true)) {
            begunAt = now == 0 ? 1 : now;
            if (!wanted) {
                missing.clear();
            }
            wanted = again;
            again = false;
            background.run("reading the functions from node " + node.id(), read(node.id()));
        }
    }

    /** Gives up a reading that is under way, and begins no other one. */
    @Override
    public void dispose() {
        if (disposed.compareAndSet(false, true)) {
            ending.tryEmitEmpty().orThrow();
        }
    }

    @Override
    public boolean isDisposed() {
        return disposed.get();
    }

    /** The primary, which knows of the latest changes; any other one where there is none. */
    private @Nullable NodeState node() {
        Topology present = topology.get();
        NodeState primary = present.primary();
        if (primary != null) {
            return primary;
        }
        return present.nodes().stream().filter(NodeState::isUsable).findFirst().orElse(null);
    }

    private Mono<FunctionCatalog> read(NodeId node) {
        return Mono.defer(() -> catalogs.apply(node))
                .takeUntilOther(ending.asMono())
                .doOnNext(this::publish)
                .doOnError(error -> fail(node, error))
                .doFinally(signal -> reading.set(false));
    }

    private void publish(FunctionCatalog latest) {
        everRead = true;
        failed = false;
        if (!latest.equals(catalog)) {
            catalog = latest;
            profiles.reclassify(SqlClassifier.forDialect(dialect, latest));
            logger.debug("statements are judged by a {}", latest);
        }
    }

    /** Once, until it has worked again. */
    private void fail(NodeId node, Throwable error) {
        wanted = true;
        if (!failed) {
            failed = true;
            logger.warn(
                    "node {}: cannot read what functions there are: {}; until then statements that call functions which are"
                            + " not built in go to the primary",
                    node,
                    error.getMessage());
        }
    }
}
