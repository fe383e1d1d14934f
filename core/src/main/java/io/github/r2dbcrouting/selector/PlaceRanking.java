package io.github.r2dbcrouting.selector;

import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Places;
import io.github.r2dbcrouting.topology.Topology;
import java.util.ArrayList;
import java.util.List;

/** Nodes of the tags, zones and regions that are named before others. */
record PlaceRanking(Places places) implements NodeRanking {

    @Override
    public List<Group> rank(Topology topology, List<NodeState> candidates) {
        List<Group> groups = List.of(new Group("", candidates));
        for (Places.Kind kind : places.kinds()) {
            if (!kind.wished().isEmpty()) {
                groups = divided(groups, kind);
            }
        }
        return groups;
    }

    private static List<Group> divided(List<Group> groups, Places.Kind kind) {
        List<Group> finer = new ArrayList<>();
        for (Group group : groups) {
            List<NodeState> rest = group.nodes();
            for (String name : kind.wished()) {
                finer.add(new Group(group.label() + label(kind, name), having(kind, name, rest)));
                rest = lacking(kind, name, rest);
            }
            finer.add(new Group(group.label() + otherLabel(kind), rest));
        }
        return finer;
    }

    private static List<NodeState> having(Places.Kind kind, String name, List<NodeState> nodes) {
        return nodes.stream()
                .filter(node -> kind.of().apply(node.settings().placement()).contains(name))
                .toList();
    }

    private static List<NodeState> lacking(Places.Kind kind, String name, List<NodeState> nodes) {
        return nodes.stream()
                .filter(node -> !kind.of().apply(node.settings().placement()).contains(name))
                .toList();
    }

    private static String label(Places.Kind kind, String name) {
        return kind.areTags() ? " tagged " + name : " in " + name;
    }

    private static String otherLabel(Places.Kind kind) {
        String names = String.join(", ", kind.wished());
        return kind.areTags() ? " not tagged " + names : " outside " + names;
    }

    @Override
    public String toString() {
        return "by place " + places;
    }
}
