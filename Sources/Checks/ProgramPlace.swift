import NodeModel

/// Where on the node a program lies that a setting of the kernel names, and whose it can be.
struct ProgramPlace {
    /// For people.
    let words: String
    /// The container in whose own files it is.
    let container: Int?
    /// The containers that can write where it is, by a part of the node's tree that they have mounted.
    let writers: [Int]
    /// It is a file of the node below /usr.
    let isOfNode: Bool
    /// It is one of the node's files that a scan looks at.
    let isScanned: Bool

    init(of setting: HelperSetting, _ index: NodeIndex) {
        let paths = [setting.target, setting.program].compactMap { $0 }
        container = paths.lazy.compactMap { index.containerWithOwnFile($0) }.first
        let places = paths.map { PathParts($0) }
        writers = index.node.containers.indices.filter { container in
            index.hostPaths(of: container).contains { mount in
                guard mount.isWritable else { return false }
                let parts = ([mount.path] + mount.otherPaths).map { PathParts($0) }
                return parts.contains { part in places.contains { part.contains($0) } }
            }
        }
        let isInLayer = container == nil && places.contains(where: Self.isInLayer)
        isOfNode = setting.target.map { PathParts("/usr").contains(PathParts($0)) } ?? false
        isScanned = setting.target.map { target in Check.scannedPaths.contains { $0.covers(target) } } ?? false
        if let container {
            words =
                "in the files of container \(index.node.containers[container].name ?? "") of "
                + Self.pod(of: container, index)
        } else if isInLayer {
            words = "in the files of a container"
        } else if setting.isMissing {
            words = "which is not there"
        } else {
            words = "which is none of the usual ones"
        }
    }

    /// The pods that can write there, each once.
    func pods(_ index: NodeIndex) -> [String] {
        var seen: Set<String> = []
        return (container.map { [$0] } ?? writers).map { Self.pod(of: $0, index) }.filter { seen.insert($0).inserted }
    }

    private static func pod(of container: Int, _ index: NodeIndex) -> String {
        index.podOfContainer[container].map { index.pods[$0].identity.displayName }
            ?? index.node.containers[container].id
    }

    /// Where containerd's snapshotters and docker's storage drivers keep files of containers.
    private static func isInLayer(_ path: PathParts) -> Bool {
        path.isInContainerRoot
            || path.parts.contains {
                $0.hasPrefix("io.containerd.snapshotter.") || ["overlay2", "overlay"].contains($0)
            }
    }
}

extension NodeIndex {
    /// The container whose own file a path of the node leads to: in its upper layer, where its runtime mounts its root,
    /// or in the root of one of its processes.
    fileprivate func containerWithOwnFile(_ path: String) -> Int? {
        let parts = PathParts(path)
        if parts.parts.count > 3, parts.parts[0] == "proc", parts.parts[2] == "root" {
            return Int32(parts.parts[1]).flatMap { process($0)?.container }
        }
        if parts.isInContainerRoot, let named = parts.parts.lazy.compactMap({ self.container(String($0)) }).first {
            return named
        }
        return node.containers.indices.first { container in
            upperLayer(of: container).map { PathParts($0).contains(parts) } ?? false
        }
    }

    /// The directory of the node that takes what the container writes to its own root.
    private func upperLayer(of container: Int) -> String? {
        let device = node.containers[container].rootDevice
        let mounted = device.flatMap { hostMountsOfDevice[$0]?.first }
        let root = mounted ?? ownMountTable(of: container)?.mounts.last { $0.mountPoint == "/" }
        guard let root, root.fileSystemType == "overlay" else { return nil }
        let option = root.superOptions.first { $0.hasPrefix("upperdir=/") }
        return option.map { String($0.dropFirst("upperdir=".count)) }
    }
}
