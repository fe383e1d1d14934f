package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.sql.StatementProfile;
import io.github.r2dbcrouting.virtual.Recipe;
import io.github.r2dbcrouting.virtual.VirtualSession;
import io.r2dbc.spi.Result;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/** The results of a statement or a batch, cold: each subscription is a run of its own. */
final class Results extends Flux<Result> {

    private final VirtualSession session;
    private final Recipe recipe;
    private final StatementProfile profile;

    Results(VirtualSession session, Recipe recipe, StatementProfile profile) {
        this.session = session;
        this.recipe = recipe;
        this.profile = profile;
    }

    @Override
    public void subscribe(CoreSubscriber<? super Result> actual) {
        StatementRun run = new StatementRun(actual, session, recipe, profile);
        actual.onSubscribe(run);
        run.start();
    }
}
