package io.github.r2dbcrouting.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class TallyTests {

    private final Tally tally = new Tally();

    @Test
    void shouldCountEachTimeThatWorkIsDone() {
        Mono<Integer> work = tally.counted(Mono.just(1));
        work.block();
        work.block();
        assertThat(tally.done()).isEqualTo(2);
        assertThat(tally.failed()).isZero();
    }

    @Test
    void shouldCountAFailureAndNameIt() {
        tally.counted(Mono.error(new IllegalStateException("broken"))).block();
        assertThat(tally.done()).isZero();
        assertThat(tally.failed()).isOne();
        assertThat(tally.errors()).containsEntry("java.lang.IllegalStateException: broken", 1L);
    }
}
