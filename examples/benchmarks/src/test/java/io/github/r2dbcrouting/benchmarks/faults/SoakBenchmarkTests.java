package io.github.r2dbcrouting.benchmarks.faults;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SoakBenchmarkTests {

    @Test
    void shouldCompareWholeCyclesOfFaults() {
        assertThat(SoakRun.CYCLE).isEqualTo(5);
        assertThat(SoakBenchmark.third(10)).isEqualTo(5);
        assertThat(SoakBenchmark.third(25)).isEqualTo(5);
        assertThat(SoakBenchmark.third(115)).isEqualTo(35);
        assertThat(SoakBenchmark.third(120)).isEqualTo(40);
    }
}
