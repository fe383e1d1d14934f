package io.github.r2dbcrouting.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.benchmarks.frame.Benchmark;
import io.github.r2dbcrouting.benchmarks.frame.FixedBenchmark;
import io.github.r2dbcrouting.benchmarks.load.Database;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchTests {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream problems = new ByteArrayOutputStream();

    @TempDir
    private Path results;

    @Test
    void shouldEndWithTheFigureAndItsReach() {
        assertThat(run("good")).isZero();
        assertThat(lines(out)).last().isEqualTo("good: 1.2 [1.2 .. 1.2] of nothing (at least 1: met)");
        assertThat(lines(out)).contains("figure      value", "the figure  1.200");
        assertThat(lines(problems)).isEmpty();
    }

    @Test
    void shouldTellByItsExitCodeWhetherTheReachIsMet() {
        assertThat(run("good")).isEqualTo(0);
        assertThat(run("bad")).isEqualTo(1);
        assertThat(run("unclear")).isEqualTo(2);
    }

    @Test
    void shouldKeepEverySampleWithTheMachineNamed() {
        run("good", "--quick", "--database", "mariadb");
        JsonNode file = JsonMapper.shared().readTree(results.resolve("good.json"));
        assertThat(file.get("benchmark").stringValue()).isEqualTo("good");
        assertThat(file.get("length").stringValue()).isEqualTo("quick");
        assertThat(file.get("database").stringValue()).isEqualTo("mariadb");
        assertThat(file.get("verdict").stringValue()).isEqualTo("met");
        assertThat(file.get("machine").get("cores").intValue()).isPositive();
        assertThat(file.get("machine").get("jvm").stringValue()).contains(System.getProperty("java.vm.version"));
        assertThat(file.at("/figures/0/samples").values()).hasSize(2);
        assertThat(file.at("/samples/0/value").doubleValue()).isEqualTo(1.2);
    }

    @Test
    void shouldGiveUpWhenAnOperationFails() {
        assertThat(run("failing")).isEqualTo(70);
        assertThat(lines(problems)).contains("java.lang.IllegalStateException: a statement failed");
        assertThat(results).isEmptyDirectory();
    }

    @Test
    void shouldListWhatThereIs() {
        assertThat(run("list")).isZero();
        assertThat(lines(out)).anyMatch(line -> line.matches("good +nothing at all +postgresql, mariadb"));
        assertThat(lines(out)).anyMatch(line -> line.matches("bad +nothing at all +none"));
    }

    @Test
    void shouldSayHowItIsUsedWhenItDoesNotUnderstand() {
        assertThat(run("excellent")).isEqualTo(64);
        assertThat(lines(problems)).first().isEqualTo("bench: no benchmark is called 'excellent'");
        assertThat(lines(problems)).anyMatch(line -> line.startsWith("usage: "));
    }

    private int run(String... arguments) {
        List<Benchmark> benchmarks = List.of(
                new FixedBenchmark("good", List.of(Database.POSTGRESQL, Database.MARIADB), 1.2, 1.2),
                new FixedBenchmark("bad", List.of(), 0.8),
                new FixedBenchmark("unclear", List.of(), 0.7, 0.8, 1.2, 1.3),
                new FixedBenchmark("failing", List.of()));
        return new Bench(benchmarks, results, print(out), print(problems)).run(arguments);
    }

    private static PrintStream print(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static List<String> lines(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
