import NodeModel

extension Finding {
    /// The finding without its evidence and with bounded texts: what is kept of it over scans and restarts.
    var remembered: Finding {
        var copy = self
        copy.evidence = [:]
        // A path that was cut names another file; of the watched places none is nearly as long.
        copy.nodeFile = nodeFile.flatMap { $0.utf8.count <= 4096 ? $0 : nil }
        copy.detail = detail.bounded
        copy.pod = pod.map {
            PodIdentity(namespace: $0.namespace?.bounded, name: $0.name?.bounded, uid: $0.uid?.bounded)
        }
        copy.podFacts = nil
        copy.container = container.map {
            ContainerSummary(
                id: $0.id.bounded, name: $0.name?.bounded, image: $0.image?.bounded, runtime: $0.runtime,
                isSandbox: $0.isSandbox)
        }
        copy.allowedBy = allowedBy?.bounded
        copy.task?.comm = task?.comm.bounded ?? ""
        copy.task?.parents = []
        copy.task?.executable = task?.executable?.bounded
        return copy
    }
}

extension String {
    /// At most 512 bytes of the text, no character cut.
    fileprivate var bounded: String {
        guard utf8.count > 512 else { return self }
        var end = utf8.index(startIndex, offsetBy: 511)
        while end > startIndex, end.samePosition(in: self) == nil { end = utf8.index(before: end) }
        return self[..<end] + "…"
    }
}
