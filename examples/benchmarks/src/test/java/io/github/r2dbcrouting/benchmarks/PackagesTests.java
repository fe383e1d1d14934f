package io.github.r2dbcrouting.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackagesTests {

    private static final String ROOT = PackagesTests.class.getPackageName();

    /** Each sees only those before it. All others hold a subject each, but for the root, which nobody sees. */
    private static final List<String> SHARED = List.of("load", "frame", "measuring", "answers");

    @Test
    void shouldLetNoSubjectSeeAnotherAndNothingSharedSeeASubject() {
        JavaClasses main = new ClassFileImporter().importPath(Path.of("target/classes"));

        assertThat(main).hasSizeGreaterThan(100);
        assertThat(main.stream()
                        .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                        .filter(dependency ->
                                dependency.getTargetClass().getPackageName().startsWith(ROOT))
                        .filter(dependency ->
                                !maySee(nameOf(dependency.getOriginClass()), nameOf(dependency.getTargetClass())))
                        .map(Dependency::getDescription))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "true, '', faults",
        "true, faults, load",
        "true, frame, load",
        "true, faults, faults",
        "false, faults, consistency",
        "false, load, frame",
        "false, answers, consistency",
        "false, faults, ''",
    })
    void shouldKnowWhoMaySeeWhom(boolean allowed, String from, String to) {
        assertThat(maySee(from, to)).isEqualTo(allowed);
    }

    private static boolean maySee(String from, String to) {
        if (from.equals(to) || from.isEmpty()) {
            return true;
        }
        return SHARED.contains(to) && (!SHARED.contains(from) || SHARED.indexOf(to) < SHARED.indexOf(from));
    }

    /** Returns the first name below the root, empty for the root itself; what JMH generates belongs to what it was made from. */
    private static String nameOf(JavaClass type) {
        String below = type.getPackageName().substring(ROOT.length());
        return below.isEmpty() ? "" : below.split("\\.")[1];
    }
}
