import NodeModel

extension NodeJoin {
    /// Whose processes these are: in a PID namespace of its own a reader sees a `/proc` of its own, in which a node full of
    /// containers looks like one with none.
    ///
    /// The node's has kthreadd, or, where the node is in a PID namespace itself, the first process of some container, and
    /// a service manager where there is none. What PID 1 of another is in is not the host's: nothing can be compared.
    static func noteForeignProc(_ node: inout Node) {
        let reason = "this /proc does not show the node's processes"
        node.gaps.removeAll { $0.kind == .reference && $0.reason == reason }
        // Without any process there is a gap that says so.
        guard !node.tasks.isEmpty, !node.tasks.contains(where: \.isKthreadd) else { return }
        let started = node.containers.enumerated().compactMap { index, record in record.initPID.map { ($0, index) } }
        let isShown = started.contains { pid, index in
            node.tasks.contains { $0.pid == pid && $0.container == index }
        }
        guard started.isEmpty ? !node.tasks.contains(where: \.isServiceManager) : !isShown else { return }
        if node.host.reference?.pid == 1 { node.host.reference = nil }
        node.gaps.add(
            Gap(
                kind: .reference, reason: reason, count: max(1, started.count),
                examples: started.prefix(Gap.exampleLimit).map { node.containers[$0.1].id }))
    }
}

extension NodeTask {
    /// The kernel's own parent of kernel threads, which only the first PID namespace has.
    fileprivate var isKthreadd: Bool { pid == 2 && parent == 0 && isKernelThread }

    fileprivate var isServiceManager: Bool { pid == 1 && ["systemd", "init"].contains(comm) }
}
