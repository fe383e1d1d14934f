package io.github.r2dbcrouting.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shows for each rule that it trips, on fixtures that break it. */
final class ArchitectureRulesTests {

    private static final String FIXTURE = "io.github.r2dbcrouting.architecture.fixture";
    private static final JavaClasses FIXTURES = new ClassFileImporter().importPackages(FIXTURE);
    private static final Path FIXTURE_SOURCES =
            Path.of("src/test/java/io/github/r2dbcrouting/architecture/fixture/calls");

    @Test
    void shouldFindAPackageCycle() {
        assertThat(violations(ArchitectureRules.noPackageCycles(FIXTURE), "cycle"))
                .singleElement()
                .asString()
                .contains("Cycle detected", "cycle.left", "cycle.right");
    }

    @Test
    void shouldFindALookUpTheOrder() {
        assertThat(violations(
                        ArchitectureRules.packageOrder(FIXTURE + ".order", List.of("lower", "upper", "stray")),
                        "order"))
                .isNotEmpty()
                .allMatch(violation -> violation.startsWith("lower stands before what it sees"));
    }

    @Test
    void shouldFindAPackageWithoutAPlaceInTheOrder() {
        assertThat(violations(ArchitectureRules.packageOrder(FIXTURE + ".order", List.of("upper", "lower")), "order"))
                .isNotEmpty()
                .allMatch(violation -> violation.contains("lies in a package that has no place"));
    }

    @Test
    void shouldFindSomebodySeeingTheLastPackage() {
        assertThat(violations(
                        ArchitectureRules.packageOrder(FIXTURE, List.of("seen.port", "seen.outer", "seen.inner")),
                        "seen"))
                .anyMatch(violation -> violation.startsWith("seen.port stands before what it sees"))
                .anyMatch(violation -> violation.startsWith("seen.outer stands before what it sees"));
    }

    @Test
    void shouldFindSomebodyReachingPastThePort() {
        assertThat(violations(ArchitectureRules.seenOnlyBy(FIXTURE + ".seen.port", FIXTURE + ".seen.inner"), "seen"))
                .isNotEmpty()
                .allMatch(violation -> violation.contains("seen.outer.Outer"));
    }

    @Test
    void shouldFindASecondPublicType() {
        assertThat(violations(ArchitectureRules.onePublicType(FIXTURE + ".seen.inner"), "seen"))
                .singleElement()
                .asString()
                .contains("is public beside");
    }

    @Test
    void shouldFindIo() {
        assertThat(violations(ArchitectureRules.decisionsOnly(FIXTURE), "io"))
                .isNotEmpty()
                .allMatch(violation -> violation.contains("java.net.URI"));
    }

    @Test
    void shouldFindBlockingCalls() {
        assertThat(violations(ArchitectureRules.noBlockingCall(), "calls"))
                .hasSize(10)
                .allMatch(violation -> violation.contains("calls.Blocking."));
    }

    @Test
    void shouldFindAmbientInput() {
        assertThat(violations(ArchitectureRules.noAmbientInput("another.package"), "calls"))
                .filteredOn(violation -> !violation.contains("Mono.block("))
                .hasSize(11)
                .allMatch(violation -> violation.contains("calls.Ambient."));
    }

    @Test
    void shouldLeaveAmbientInputToTheSeam() {
        assertThat(violations(ArchitectureRules.noAmbientInput(FIXTURE + ".calls"), "calls"))
                .isEmpty();
    }

    @Test
    void shouldFindABareSubscribe() {
        assertThat(violations(ArchitectureRules.noBareSubscribe(), "calls"))
                .singleElement()
                .asString()
                .contains("Forgetful.subscribes");
    }

    @Test
    void shouldFindPrinting() {
        assertThat(violations(ArchitectureRules.noStandardStream(), "calls"))
                .singleElement()
                .asString()
                .contains("Printing.prints");
    }

    @Test
    void shouldFindATestThatTheBuildDoesNotFind() {
        assertThat(violations(ArchitectureRules.testSuffix(), "tests"))
                .singleElement()
                .asString()
                .contains("TestThatNobodyFinds");
    }

    @Test
    void shouldFindSynchronizedMethodsAndBlocks() {
        assertThat(SynchronizedCode.below(FIXTURE_SOURCES))
                .containsExactlyInAnyOrder("Locking.java:7", "Locking.java:12");
    }

    private static List<String> violations(ArchRule rule, String fixture) {
        return rule.evaluate(FIXTURES.that(resideInAPackage(FIXTURE + "." + fixture + "..")))
                .getFailureReport()
                .getDetails();
    }
}
