package io.github.r2dbcrouting.benchmarks.measuring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MachineCpuTests {

    @Test
    void shouldCountEverythingButIdlenessAndGuestsAsBusy() {
        MachineCpu.Reading before = MachineCpu.parse("cpu  100 0 50 800 40 5 5 0 60 0");
        MachineCpu.Reading after = MachineCpu.parse("cpu  130 0 60 850 50 5 5 0 90 0");
        assertThat(before).isEqualTo(new MachineCpu.Reading(840, 1_000));
        assertThat(after.busySince(before)).isEqualTo(0.4);
    }

    @Test
    void shouldBeIdleWhereNoTimePassed() {
        MachineCpu.Reading reading = MachineCpu.parse("cpu  100 0 50 800 40 5 5 0 60 0");
        assertThat(reading.busySince(reading)).isZero();
    }
}
