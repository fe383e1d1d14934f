package io.github.r2dbcrouting.cluster;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Decides for {@link RequiresPackage} whether a test runs. */
final class RequiredPackageCondition implements ExecutionCondition {

    private static final String REQUIRE_EVERYTHING = "require.everything";

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        RequiresPackage required = AnnotationSupport.findAnnotation(context.getElement(), RequiresPackage.class)
                .orElse(null);
        if (required == null || isInstalled(required)) {
            return ConditionEvaluationResult.enabled("everything it needs is there");
        }
        String reason = "%s needs the Debian package %s: %s is not installed"
                .formatted(nameOf(context), required.debianPackage(), required.command() + required.library());
        boolean everything = context.getConfigurationParameter(REQUIRE_EVERYTHING)
                .map(value -> !value.equals("false"))
                .orElse(false);
        if (everything) {
            throw new IllegalStateException(reason + ", and -D" + REQUIRE_EVERYTHING + " lets no test be skipped");
        }
        // Surefire counts a skipped test but does not print why.
        System.out.println("Skipped: " + reason);
        return ConditionEvaluationResult.disabled(reason);
    }

    private static String nameOf(ExtensionContext context) {
        String type = context.getRequiredTestClass().getSimpleName();
        return context.getTestMethod()
                .map(method -> type + "." + method.getName())
                .orElse(type);
    }

    private static boolean isInstalled(RequiresPackage required) {
        return (required.command().isEmpty() || isOnPath(required.command()))
                && (required.library().isEmpty() || isLibrary(required.library()));
    }

    private static boolean isOnPath(String command) {
        String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
        return Stream.of(path.split(File.pathSeparator, -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, command)));
    }

    private static boolean isLibrary(String name) {
        // A Debian library lies in the directory of its architecture, such as /usr/lib/x86_64-linux-gnu.
        return Stream.of("/lib", "/usr/lib", "/usr/local/lib")
                .map(Path::of)
                .filter(Files::isDirectory)
                .anyMatch(directory -> holds(directory, name));
    }

    private static boolean holds(Path directory, String name) {
        try (Stream<Path> files =
                Files.find(directory, 2, (file, unused) -> Objects.equals(file.getFileName(), Path.of(name)))) {
            return files.findAny().isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
