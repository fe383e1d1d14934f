package io.github.r2dbcrouting.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.github.r2dbcrouting.architecture.ArchitectureRules;
import io.github.r2dbcrouting.architecture.SynchronizedCode;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Applies the architecture rules to the main code of this module. */
class ArchitectureTests {

    private static final JavaClasses MAIN = new ClassFileImporter().importPath(Path.of("target/classes"));

    @Test
    void shouldSeeTheMainCode() {
        assertThat(MAIN).isNotEmpty();
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

    private static Stream<ArchRule> rules() {
        return Stream.of(
                ArchitectureRules.noPackageCycles("io.github.r2dbcrouting.spring"),
                ArchitectureRules.noBlockingCall(),
                ArchitectureRules.noAmbientInput(),
                ArchitectureRules.noBareSubscribe(),
                ArchitectureRules.noStandardStream());
    }
}
