package import LinuxSystem
package import NodeModel

/// One entry of a container's log directory, as fstatat(2) and readlinkat(2) show it.
package struct PodLogEntry: Sendable, Equatable {
    package var name: String
    package var kind: FileStatus.Kind
    package var linkTarget: String?

    package init(name: String, kind: FileStatus.Kind, linkTarget: String? = nil) {
        self.name = name
        self.kind = kind
        self.linkTarget = linkTarget
    }
}

extension ContainerLogs {
    /// Sorts the entries of one container's directory, which is given by its path, by what the kubelet's names say.
    ///
    /// The highest instance is the running one's; a link that no kubelet makes is no log at all.
    package init(name: String, entries: [PodLogEntry], directory: String, logTrees: [String]) {
        self.init(name: name)
        var logs: [(instance: UInt64, name: String)] = []
        for entry in entries {
            let isLog =
                entry.kind == .regular
                || entry.linkTarget.map {
                    PodLogLinks.isOrdinary($0, of: "\(directory)/\(entry.name)", logTrees: logTrees)
                } ?? false
            switch PodLogName.fileKind(entry.name) {
            case .log(let instance) where isLog: logs.append((instance, entry.name))
            case .rotated where isLog: rotated.append(entry.name)
            default: ignored.append(entry.name)
            }
        }
        logs.sort { $0.instance > $1.instance }
        live = logs.first?.name
        previous = logs.dropFirst().map(\.name)
    }
}
