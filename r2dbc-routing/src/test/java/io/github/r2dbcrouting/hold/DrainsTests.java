package io.github.r2dbcrouting.hold;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

class DrainsTests {

    private final Drains drains = new Drains();

    @Test
    void shouldBeOverAtOnceWhenNothingIsDrained() {
        assertThat(drains.whenOver().toFuture()).isCompleted();
        assertThat(drains.areAwaited()).isFalse();
    }

    @Test
    void shouldBeOverWhenTheLastHasEnded() {
        drains.begin();
        drains.begin();
        assertThat(drains.count()).isEqualTo(2);
        CompletableFuture<Void> over = drains.whenOver().toFuture();
        assertThat(drains.areAwaited()).isTrue();
        drains.end();
        assertThat(over).isNotDone();
        assertThat(drains.areAwaited()).isTrue();
        drains.end();
        assertThat(over).isCompleted();
        assertThat(drains.count()).isZero();
        assertThat(drains.areAwaited()).isFalse();
    }

    @Test
    void shouldTellAllWhoWait() {
        drains.begin();
        CompletableFuture<Void> one = drains.whenOver().toFuture();
        CompletableFuture<Void> other = drains.whenOver().toFuture();
        assertThat(other).isNotDone();
        drains.end();
        assertThat(one).isCompleted();
        assertThat(other).isCompleted();
    }

    @Test
    void shouldForgetWhoGaveUpWaiting() {
        drains.begin();
        Disposable one = drains.whenOver().subscribe();
        Disposable other = drains.whenOver().subscribe();
        one.dispose();
        assertThat(drains.areAwaited()).isTrue();
        other.dispose();
        assertThat(drains.areAwaited()).isFalse();
    }

    @Test
    void shouldLetWaitersGoWhenThePinHasNoOwnerAnyMore() {
        drains.begin();
        CompletableFuture<Void> waiting = drains.whenOver().toFuture();
        drains.close();
        assertThat(waiting).isCompleted();
        assertThat(drains.whenOver().toFuture()).isCompleted();
        assertThat(drains.areAwaited()).isFalse();
    }

    @Test
    void shouldBeginAnew() {
        drains.begin();
        drains.whenOver().subscribe();
        drains.end();
        drains.begin();
        CompletableFuture<Void> second = drains.whenOver().toFuture();
        assertThat(second).isNotDone();
        drains.end();
        assertThat(second).isCompleted();
    }
}
