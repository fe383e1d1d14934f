package io.github.r2dbcrouting.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.consistency.Loss;
import io.github.r2dbcrouting.position.Lineage;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.session.SessionEvent.Kind;
import io.github.r2dbcrouting.topology.NodeId;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Schedulers;

/** What sessions are told of losses. */
class SessionReportsTests {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void shouldCompleteThoughItEndsWhileAnotherReports() {
        AtomicReference<Runnable> beside = new AtomicReference<>(() -> {});
        SessionReports reports = new SessionReports(Schedulers.fromExecutor(task -> {
            beside.getAndSet(() -> {}).run();
            task.run();
        }));
        CompletableFuture<Long> events = reports.events()
                .map(SessionEvent::kind)
                .filter(Kind.OUTCOME_UNKNOWN::equals)
                .count()
                .toFuture();
        beside.set(() -> CompletableFuture.runAsync(reports::end).join());
        reports.report(new Loss(false, PositionBound.NONE, 1, new NodeId("p"), Lineage.UNKNOWN));

        assertThat(events).succeedsWithin(LIMIT).isEqualTo(1L);
    }
}
