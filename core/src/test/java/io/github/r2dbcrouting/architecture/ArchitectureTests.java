package io.github.r2dbcrouting.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Applies the rules to the main code of {@code core}. */
final class ArchitectureTests {

    private static final String BASE = "io.github.r2dbcrouting";
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
        ArchitectureRules.testSuffix()
                .check(new ClassFileImporter()
                        .importPath(Path.of("target/test-classes"))
                        .that(resideOutsideOfPackage("..fixture..")));
    }

    @Test
    void shouldTakeNoMonitor() {
        assertThat(SynchronizedCode.below(Path.of("src/main/java"))).isEmpty();
    }

    private static Stream<ArchRule> rules() {
        return Stream.of(
                ArchitectureRules.noPackageCycles(BASE),
                ArchitectureRules.packageOrder(BASE, ArchitectureRules.CORE),
                ArchitectureRules.decisionsOnly(BASE),
                ArchitectureRules.noBlockingCall(),
                ArchitectureRules.noAmbientInput(),
                ArchitectureRules.noBareSubscribe(),
                ArchitectureRules.noStandardStream());
    }
}
