package io.github.r2dbcrouting.cluster;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedSuccessfully;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.EventConditions.skippedWithReason;
import static org.junit.platform.testkit.engine.EventConditions.test;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import org.junit.jupiter.api.Test;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

final class RequiresPackageTests {

    @Test
    void shouldRunATestWhoseCommandIsInstalled() {
        run(NeedsAShell.class, "true").assertThatEvents().haveExactly(1, event(test(), finishedSuccessfully()));
    }

    @Test
    void shouldSkipATestAndNameTheMissingPackage() {
        run(NeedsACommand.class, "false")
                .assertThatEvents()
                .haveExactly(
                        1,
                        event(
                                skippedWithReason(
                                        "NeedsACommand.shouldRun needs the Debian package absent-server: absentd is not installed")));
    }

    @Test
    void shouldSkipATestWhoseLibraryIsMissing() {
        run(NeedsALibrary.class, "false")
                .assertThatEvents()
                .haveExactly(
                        1,
                        event(
                                skippedWithReason(
                                        "NeedsALibrary.shouldRun needs the Debian package libabsent1: libabsent.so.1 is not installed")));
    }

    @Test
    void shouldFailATestWhenEverythingIsRequired() {
        run(NeedsACommand.class, "true")
                .assertThatEvents()
                .haveExactly(
                        1,
                        event(
                                test(),
                                finishedWithFailure(
                                        message(text -> text.contains("needs the Debian package absent-server")))));
    }

    private static Events run(Class<?> tests, String requireEverything) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(tests))
                .configurationParameter("require.everything", requireEverything)
                .execute()
                .testEvents();
    }

    static final class NeedsAShell {

        @Test
        @RequiresPackage(debianPackage = "dash", command = "sh")
        void shouldRun() {}
    }

    static final class NeedsACommand {

        @Test
        @RequiresPackage(debianPackage = "absent-server", command = "absentd")
        void shouldRun() {}
    }

    static final class NeedsALibrary {

        @Test
        @RequiresPackage(debianPackage = "libabsent1", library = "libabsent.so.1")
        void shouldRun() {}
    }
}
