package io.github.r2dbcrouting.architecture;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.SynchronizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * Finds {@code synchronized} in sources. Bytecode would not do: ArchUnit shows no instruction that enters a monitor.
 */
public final class SynchronizedCode {

    private SynchronizedCode() {}

    /** Returns {@code File.java:line} of each {@code synchronized} block or method below a directory. */
    public static List<String> below(Path sources) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (Stream<Path> files = Files.walk(sources);
                StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            List<Path> javaFiles =
                    files.filter(file -> file.toString().endsWith(".java")).toList();
            if (javaFiles.isEmpty()) {
                throw new IllegalArgumentException("no Java source lies below " + sources);
            }
            JavacTask task = (JavacTask)
                    compiler.getTask(null, manager, null, null, null, manager.getJavaFileObjectsFromPaths(javaFiles));
            Finder finder = new Finder(Trees.instance(task));
            finder.scan(task.parse(), null);
            return finder.found;
        } catch (IOException e) {
            throw new IllegalStateException("cannot read the sources below " + sources, e);
        }
    }

    private static final class Finder extends TreePathScanner<@Nullable Void, @Nullable Void> {

        private final List<String> found = new ArrayList<>();
        private final Trees trees;

        Finder(Trees trees) {
            this.trees = trees;
        }

        @Override
        public @Nullable Void visitSynchronized(SynchronizedTree block, @Nullable Void unused) {
            add(block);
            return super.visitSynchronized(block, unused);
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void unused) {
            if (method.getModifiers().getFlags().contains(Modifier.SYNCHRONIZED)) {
                add(method);
            }
            return super.visitMethod(method, unused);
        }

        private void add(Tree tree) {
            CompilationUnitTree unit = getCurrentPath().getCompilationUnit();
            long start = trees.getSourcePositions().getStartPosition(unit, tree);
            found.add(Path.of(unit.getSourceFile().getName()).getFileName() + ":"
                    + unit.getLineMap().getLineNumber(start));
        }
    }
}
