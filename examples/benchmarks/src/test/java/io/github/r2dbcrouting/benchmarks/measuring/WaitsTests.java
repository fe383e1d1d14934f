package io.github.r2dbcrouting.benchmarks.measuring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class WaitsTests {

    @Test
    void shouldTimeEachAnswerByItselfAndNoneThatDidNotCome() {
        Waits waits = new Waits();
        assertThatThrownBy(() -> waits.millis()).hasMessageContaining("no sample");
        Mono<String> answer = waits.timed(Mono.just("answer"));
        assertThat(answer.repeat(2).count().block()).isEqualTo(3);
        waits.timed(Mono.error(new IllegalStateException("none")))
                .onErrorComplete()
                .block();
        assertThat(waits.millis().inOrder()).hasSize(3).allMatch(millis -> millis >= 0);
    }
}
