package io.github.r2dbcrouting.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static io.github.r2dbcrouting.architecture.ForbiddenAccess.bare;
import static io.github.r2dbcrouting.architecture.ForbiddenAccess.everythingOf;
import static io.github.r2dbcrouting.architecture.ForbiddenAccess.of;
import static io.github.r2dbcrouting.architecture.ForbiddenAccess.withArguments;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.GeneralCodingRules;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.List;

/**
 * What main code of every module obeys. A rule holds over no class at all, since packages come one by one; whoever
 * checks it therefore asserts first that there are classes.
 */
public final class ArchitectureRules {

    /** The packages of {@code core} below {@code io.github.r2dbcrouting}; each sees only those before it. */
    public static final List<String> CORE = List.of(
            "position",
            "topology",
            "selector",
            "balancing",
            "outlier",
            "cost",
            "consistency",
            "sql",
            "selection",
            "monitor",
            "failover");

    private static final ForbiddenAccess BLOCKING = new ForbiddenAccess(
            "a call that blocks its thread",
            List.of(
                    of("reactor.core.publisher.Mono", "block", "blockOptional"),
                    of("reactor.core.publisher.Flux", "blockFirst", "blockLast", "toIterable", "toStream"),
                    of("java.lang.Thread", "sleep", "join"),
                    target -> target.getFullName().startsWith("java.lang.Object.wait("),
                    of("java.lang.Process", "waitFor"),
                    of("java.util.concurrent.TimeUnit", "sleep", "timedJoin", "timedWait"),
                    of("java.util.concurrent.CountDownLatch", "await"),
                    of("java.util.concurrent.CyclicBarrier", "await"),
                    of(
                            "java.util.concurrent.Phaser",
                            "awaitAdvance",
                            "awaitAdvanceInterruptibly",
                            "arriveAndAwaitAdvance"),
                    of("java.util.concurrent.Exchanger", "exchange"),
                    of("java.util.concurrent.Semaphore", "acquire", "acquireUninterruptibly"),
                    withArguments("java.util.concurrent.Semaphore", "tryAcquire"),
                    of("java.util.concurrent.Future", "get", "join"),
                    of("java.util.concurrent.ExecutorService", "awaitTermination", "invokeAll", "invokeAny", "close"),
                    of("java.util.concurrent.BlockingQueue", "take", "put"),
                    withArguments("java.util.concurrent.BlockingQueue", "poll"),
                    of(
                            "java.util.concurrent.locks.Condition",
                            "await",
                            "awaitNanos",
                            "awaitUntil",
                            "awaitUninterruptibly"),
                    of("java.util.concurrent.locks.Lock", "lock", "lockInterruptibly"),
                    withArguments("java.util.concurrent.locks.Lock", "tryLock"),
                    of(
                            "java.util.concurrent.locks.StampedLock",
                            "readLock",
                            "writeLock",
                            "readLockInterruptibly",
                            "writeLockInterruptibly"),
                    of("java.util.concurrent.locks.LockSupport", "park", "parkNanos", "parkUntil")));

    private static final ForbiddenAccess AMBIENT = new ForbiddenAccess(
            "time, scheduler or randomness that is not handed in",
            List.of(
                    of("java.lang.System", "nanoTime", "currentTimeMillis"),
                    of("java.time.Clock", "system", "systemUTC", "systemDefaultZone"),
                    target -> target.getOwner().getPackageName().equals("java.time")
                            && target.getName().equals("now")
                            && !ForbiddenAccess.takes(target, "java.time.Clock"),
                    bare("java.util.Date", "<init>"),
                    of("java.util.Timer", "<init>"),
                    everythingOf("java.util.concurrent.Executors"),
                    of("java.util.concurrent.CompletableFuture", "delayedExecutor", "orTimeout", "completeOnTimeout"),
                    everythingOf("reactor.core.scheduler.Schedulers"),
                    of("reactor.util.retry.Retry", "backoff", "fixedDelay"),
                    ArchitectureRules::runsOnTheDefaultScheduler,
                    of("java.lang.Math", "random"),
                    of("java.util.UUID", "randomUUID"),
                    bare("java.util.Random", "<init>"),
                    bare("java.util.SplittableRandom", "<init>"),
                    of("java.util.random.RandomGenerator", "getDefault"),
                    everythingOf("java.util.concurrent.ThreadLocalRandom"),
                    everythingOf("java.security.SecureRandom")));

    private static final ForbiddenAccess BARE_SUBSCRIBE = new ForbiddenAccess(
            "subscribe() without arguments", List.of(bare("org.reactivestreams.Publisher", "subscribe")));

    private ArchitectureRules() {}

    /** No package depends on itself through others. */
    public static ArchRule noPackageCycles(String base) {
        return SlicesRuleDefinition.slices()
                .assignedFrom(packagesOf(base))
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true);
    }

    /** A package sees only those before it in {@code order}; {@code ""} stands for {@code base} itself. */
    public static ArchRule packageOrder(String base, List<String> order) {
        return classes()
                .that()
                .resideInAPackage(base + "..")
                .should(new PackageOrder(base, order))
                .allowEmptyShould(true);
    }

    /** A package, its children included, is seen by itself and by one other package only. */
    public static ArchRule seenOnlyBy(String seeingPackage, String seenPackage) {
        return noClasses()
                .that()
                .resideOutsideOfPackages(seeingPackage, seenPackage + "..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(seenPackage + "..")
                .allowEmptyShould(true);
    }

    /** A package has one public top-level type, its entry. */
    public static ArchRule onePublicType(String packageName) {
        return classes()
                .that()
                .resideInAPackage(packageName)
                .and()
                .arePublic()
                .and()
                .areTopLevelClasses()
                .should(beTheOnlyOne())
                .allowEmptyShould(true);
    }

    /** The decisions know no database access, no framework, no network and no file; {@code java.nio} itself is memory only. */
    public static ArchRule decisionsOnly(String base) {
        return classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        base + "..",
                        "java.lang..",
                        "java.math..",
                        "java.nio",
                        "java.nio.charset..",
                        "java.time..",
                        "java.util..",
                        "javax.crypto..",
                        "java.security..",
                        "org.jspecify..",
                        "org.slf4j..",
                        "org.reactivestreams..",
                        "reactor..",
                        "com.github.benmanes.caffeine..",
                        "org.HdrHistogram..")
                .because("core decides and does no I/O")
                .allowEmptyShould(true);
    }

    /** No call waits on its thread. */
    public static ArchRule noBlockingCall() {
        return noClasses()
                .should()
                .accessTargetWhere(BLOCKING)
                .because("one blocked event loop stops every connection that it serves")
                .allowEmptyShould(true);
    }

    /** Time, scheduler and randomness come in as arguments. */
    public static ArchRule noAmbientInput() {
        return noAmbientInput("");
    }

    /** Time, scheduler and randomness come in as arguments, but for the seam, where their defaults are chosen. */
    public static ArchRule noAmbientInput(String seamPackage) {
        return noClasses()
                .that(DescribedPredicate.describe(
                        "lie outside of <" + seamPackage + ">",
                        type -> !type.getPackageName().equals(seamPackage)))
                .should()
                .accessTargetWhere(AMBIENT)
                .because("what is handed in can be virtual, seeded and replayed")
                .allowEmptyShould(true);
    }

    /** Every subscription of ours has somebody who gets its error. */
    public static ArchRule noBareSubscribe() {
        return noClasses()
                .should()
                .accessTargetWhere(BARE_SUBSCRIBE)
                .because("nobody owns the errors of such a subscription")
                .allowEmptyShould(true);
    }

    /** Nothing is printed; it is logged. */
    public static ArchRule noStandardStream() {
        return GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.allowEmptyShould(true);
    }

    /** Every test class has the suffix by which the build finds it. */
    public static ArchRule testSuffix() {
        return classes()
                .that()
                .areTopLevelClasses()
                .and()
                .doNotHaveModifier(JavaModifier.ABSTRACT)
                .and(DescribedPredicate.describe("hold tests", ArchitectureRules::holdsTests))
                .should()
                .haveSimpleNameEndingWith("Tests")
                .because("the build runs no other")
                .allowEmptyShould(true);
    }

    private static boolean holdsTests(JavaClass type) {
        return type.getAllMethods().stream()
                .anyMatch(method -> method.isMetaAnnotatedWith("org.junit.platform.commons.annotation.Testable"));
    }

    /** Reactor's operators that take a duration and no scheduler, or that read a clock, use the parallel scheduler. */
    private static boolean runsOnTheDefaultScheduler(CodeUnitAccessTarget target) {
        if (!target.getOwner().isAssignableTo("org.reactivestreams.Publisher")
                || !target.getOwner().getPackageName().equals("reactor.core.publisher")
                || ForbiddenAccess.takes(target, "reactor.core.scheduler.Scheduler")) {
            return false;
        }
        return ForbiddenAccess.takes(target, "java.time.Duration")
                || List.of("elapsed", "timed", "timestamp").contains(target.getName());
    }

    private static SliceAssignment packagesOf(String base) {
        return new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass type) {
                return type.getPackageName().startsWith(base)
                        ? SliceIdentifier.of(type.getPackageName())
                        : SliceIdentifier.ignore();
            }

            @Override
            public String getDescription() {
                return "the packages of " + base;
            }
        };
    }

    private static ArchCondition<JavaClass> beTheOnlyOne() {
        return new ArchCondition<>("be the only one") {
            private String first = "";

            @Override
            public void check(JavaClass type, ConditionEvents events) {
                if (first.isEmpty()) {
                    first = type.getSimpleName();
                } else {
                    events.add(SimpleConditionEvent.violated(
                            type, "%s is public beside %s".formatted(type.getName(), first)));
                }
            }
        };
    }
}
