package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.sql.RoutingComment;
import io.github.r2dbcrouting.sql.StatementProfile;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfile.Trait;
import io.github.r2dbcrouting.sql.StatementProfile.Traits;
import io.github.r2dbcrouting.virtual.Recipe;
import io.github.r2dbcrouting.virtual.VirtualSession;
import io.r2dbc.spi.Batch;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/** A batch runs as one: on a replica only if each of its statements may. */
final class RoutingBatch implements Batch {

    private static final StatementProfile READS = StatementProfile.of(Access.READ, "a batch of reads", Traits.NONE);

    private final VirtualSession session;
    private final List<String> statements = new ArrayList<>();

    RoutingBatch(VirtualSession session) {
        this.session = session;
    }

    @Override
    public Batch add(String sql) {
        Objects.requireNonNull(sql, "sql must not be null");
        statements.add(sql);
        return this;
    }

    /** Returns a cold publisher of the results, as for a statement. */
    @Override
    public Publisher<? extends Result> execute() {
        Texts texts = new Texts(List.copyOf(statements));
        StatementProfile profile = profile();
        boolean refused = session.services().profiles().isRefused(texts.sql());
        return new Results(session, texts, refused ? refused(profile) : profile);
    }

    /** Some text of it was refused by a read-only server when they were last sent together. */
    private static StatementProfile refused(StatementProfile profile) {
        return StatementProfile.of(
                        Access.WRITE,
                        "refused by a read-only server",
                        profile.traits().and(Traits.of(Trait.ALTERS_SESSION)))
                .with(profile.comment());
    }

    private StatementProfile profile() {
        StatementProfile combined = READS;
        for (String sql : statements) {
            StatementProfile next = session.services().profiles().profile(sql);
            // A write outweighs what is not known, and that outweighs a read.
            StatementProfile decisive = weight(next) > weight(combined) ? next : combined;
            combined = StatementProfile.of(
                            decisive.access(),
                            decisive.reason(),
                            combined.traits().and(next.traits()))
                    .with(joined(combined.comment(), next.comment()));
        }
        return combined;
    }

    private static @Nullable RoutingComment joined(@Nullable RoutingComment one, @Nullable RoutingComment other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.and(other);
    }

    private static int weight(StatementProfile profile) {
        return switch (profile.access()) {
            case READ -> 0;
            case UNKNOWN -> 1;
            case WRITE -> 2;
        };
    }

    private record Texts(List<String> statements) implements Recipe {

        /** It is sent as a whole, and is a text as the driver sees it only if it is a single one. */
        @Override
        public Shape shape() {
            return statements.size() == 1 ? Shape.TEXT : Shape.BATCH;
        }

        @Override
        public String sql() {
            return String.join("; ", statements);
        }

        @Override
        public Publisher<? extends Result> execute(Connection connection) {
            Batch batch = connection.createBatch();
            statements.forEach(batch::add);
            return batch.execute();
        }
    }
}
