package io.github.r2dbcrouting.cluster;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Marks a test that needs something which this machine may lack. Where it is absent the test is skipped and the Debian
 * package that has it is printed; under {@code -Drequire.everything} the test fails instead.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(RequiredPackageCondition.class)
public @interface RequiresPackage {

    /** Returns the name of the Debian package, such as {@code etcd-server}. */
    String debianPackage();

    /** Returns the command that must be on the {@code PATH}, such as {@code etcd}; empty when none is needed. */
    String command() default "";

    /** Returns the file name of the shared library that must be installed, such as {@code libaio.so.1}; empty: none. */
    String library() default "";
}
