import NodeModel

extension NodeJoin {
    private static let unseenMounts =
        "no task of the mount namespace has its root: mounts outside of theirs are not seen"

    /// Mount namespaces of containers where only the mounts below the roots of their tasks are seen, which a task that
    /// changes its root can bring about.
    static func noteUnseenMounts(_ node: inout Node) {
        node.gaps.removeAll { $0.reason == unseenMounts }
        let partial = node.mountTables.filter { $0.isPartial == true }
        guard !partial.isEmpty else { return }
        let ofContainers = Set(node.tasks.lazy.filter { $0.container != nil }.compactMap { $0.namespaces[.mount] })
        for table in partial where ofContainers.contains(table.namespace) {
            node.gaps.add(.mounts, unseenMounts, "pid \(table.pid)")
        }
    }
}
