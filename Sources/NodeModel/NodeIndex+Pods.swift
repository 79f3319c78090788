extension NodeIndex {
    /// Groups a node's containers by their pods.
    ///
    /// - Parameter starts: when the first task of each container started; `nil` where it has none.
    static func groupPods(_ node: Node, _ starts: [UInt64?]) -> ([PodView], [Int?]) {
        var pods: [PodView] = []
        var sandboxes: [[Int]] = []
        var keys: [String: Int] = [:]
        var podOfContainer: [Int?] = []
        for (index, container) in node.containers.enumerated() {
            let sandboxKey = container.sandboxID.map { "sandbox \($0)" }
            let podKey = container.pod?.uid.map { "uid \($0)" }
            guard let pod = container.pod, let key = sandboxKey ?? podKey else {
                podOfContainer.append(nil)
                continue
            }
            // A container known only by its cgroup has no sandbox id: its pod's uid ties it to the others.
            let position = [sandboxKey, podKey].compactMap { $0.flatMap { keys[$0] } }.first
            let number = position ?? pods.count
            if position == nil {
                pods.append(PodView(identity: pod, sandbox: nil, containers: []))
                sandboxes.append([])
            }
            keys[key] = number
            if let podKey { keys[podKey] = keys[podKey] ?? number }
            if container.kind == .sandbox {
                sandboxes[number].append(index)
            } else {
                pods[number].containers.append(index)
            }
            if pods[number].identity.name == nil, pod.name != nil { pods[number].identity = pod }
            podOfContainer.append(number)
        }
        for number in pods.indices { pods[number].choose(among: sandboxes[number], node, starts) }
        return (pods, podOfContainer)
    }
}

extension NodeIndex.PodView {
    /// The pod's own sandbox runs, and the pod's containers name it; a later one is the one that somebody added.
    fileprivate mutating func choose(among sandboxes: [Int], _ node: Node, _ starts: [UInt64?]) {
        let named = Set(containers.compactMap { node.containers[$0].sandboxID })
        func rank(_ sandbox: Int) -> (Int, Int, UInt64) {
            let isNamed = named.contains(node.containers[sandbox].id)
            return (starts[sandbox] == nil ? 1 : 0, isNamed ? 0 : 1, starts[sandbox] ?? 0)
        }
        sandbox = sandboxes.min { rank($0) < rank($1) }
        let lasting = sandboxes.filter { starts[$0].map { node.host.isYoung(startedAt: $0) != true } ?? false }
        if let sandbox, lasting.contains(sandbox) { secondSandboxes = lasting.filter { $0 != sandbox } }
    }
}
