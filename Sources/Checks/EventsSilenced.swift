import NodeModel

extension Check {
    /// The daemon's own act, which the kernel's events tell of, did not come to it: its self-test failed so.
    package static let eventsSilenced = Check(
        Technique(
            id: "events-silenced", title: "Keeps the kernel's events from breakoutd", class: .action, weight: .partial,
            attack: ["T1562.001", "T1562.006"], messageID: "4f56752d82484501bbdc8fcb9312f96b",
            reason: "breakoutd did not see an act of its own among the events of the kernel",
            meaning: """
                Now and then breakoutd acts as an escape would, and looks whether the kernel tells it so. Where it does not, \
                somebody has turned the events or the probes of the kernel off, or stopped who takes them; a node that \
                is overloaded beyond measure looks the same. What lasts less than a scan's period goes unseen meanwhile.
                """,
            remedy: """
                See what the node does, and what breakoutd status and the journal say; kernel.ftrace_enabled has to be 1. \
                Unless the load explains it, treat the node as taken: only root on the node can silence the events. It \
                is over when a self-test succeeds.
                """),
        reads: []
    ) { index in
        guard index.node.host.isOwnActSeen == false else { return [] }
        return [Evidence(declaration: .undeclared, detail: "the kernel did not tell all of an act of breakoutd's own")]
    }
}
