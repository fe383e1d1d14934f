package io.github.r2dbcrouting;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.github.r2dbcrouting.architecture.ArchitectureRules;
import io.github.r2dbcrouting.architecture.SynchronizedCode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Applies the architecture rules to the main code of this module, and to the local cluster below it. */
final class ArchitectureTests {

    private static final String BASE = "io.github.r2dbcrouting";
    private static final String CLUSTER = BASE + ".cluster";

    /** Below the packages of {@code core}; each sees only those before it, and nobody sees the root, which is last. */
    private static final List<String> OWN_PACKAGES = List.of(
            "error",
            "settings",
            "retry",
            "switches",
            "credentials",
            "dialect",
            "dialect.postgresql",
            "dialect.mysql",
            "dialect.mariadb",
            "functions",
            "pool",
            "membership",
            "discovery",
            "session",
            "carrier",
            "transaction",
            "services",
            "acquiring",
            "hold",
            "virtual",
            "connection",
            "metrics",
            "cache",
            "");

    private static final Map<String, String> DRIVERS = Map.of(
            "postgresql", "io.r2dbc.postgresql",
            "mysql", "io.asyncer.r2dbc.mysql",
            "mariadb", "org.mariadb.r2dbc");

    private static final JavaClasses MAIN = new ClassFileImporter().importPath(Path.of("target/classes"));

    @Test
    void shouldSeeTheMainCode() {
        assertThat(MAIN).hasSizeGreaterThan(20);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void shouldObey(ArchRule rule) {
        rule.check(MAIN);
    }

    @Test
    void shouldNameTestsSoThatTheyRun() {
        ArchitectureRules.testSuffix().check(new ClassFileImporter().importPath(Path.of("target/test-classes")));
    }

    @Test
    void shouldTakeNoMonitor() {
        assertThat(SynchronizedCode.below(Path.of("src/main/java"))).isEmpty();
    }

    @Test
    void shouldKeepTheLocalClusterFreeOfCyclesAndOfTheOtherModules() {
        JavaClasses cluster = new ClassFileImporter().importPackages(CLUSTER);

        assertThat(cluster).isNotEmpty();
        ArchitectureRules.noPackageCycles(CLUSTER).check(cluster);
        noClasses()
                .should()
                .dependOnClassesThat(resideInAPackage(BASE + "..").and(resideOutsideOfPackage(CLUSTER + "..")))
                .check(cluster);
    }

    @Test
    void shouldFindR2dbcInADecision() {
        assertThat(ArchitectureRules.decisionsOnly(BASE)
                        .evaluate(MAIN)
                        .getFailureReport()
                        .getDetails())
                .anyMatch(violation -> violation.contains("io.r2dbc.spi"));
    }

    private static Stream<ArchRule> rules() {
        return Stream.concat(
                Stream.of(
                        ArchitectureRules.noPackageCycles(BASE),
                        ArchitectureRules.packageOrder(
                                BASE,
                                Stream.concat(ArchitectureRules.CORE.stream(), OWN_PACKAGES.stream())
                                        .toList()),
                        ArchitectureRules.noBlockingCall(),
                        ArchitectureRules.noAmbientInput(BASE),
                        ArchitectureRules.noBareSubscribe(),
                        ArchitectureRules.noStandardStream(),
                        ArchitectureRules.seenOnlyBy(BASE + ".carrier", "io.lettuce")),
                DRIVERS.entrySet().stream().flatMap(driver -> dialectRules(driver.getKey(), driver.getValue())));
    }

    /** The port is not bent by one database: only the root knows which there are, each shows one type, and hides its driver. */
    private static Stream<ArchRule> dialectRules(String name, String driver) {
        String dialect = BASE + ".dialect." + name;
        return Stream.of(
                ArchitectureRules.seenOnlyBy(BASE, dialect),
                ArchitectureRules.onePublicType(dialect),
                ArchitectureRules.seenOnlyBy(dialect, driver));
    }
}
