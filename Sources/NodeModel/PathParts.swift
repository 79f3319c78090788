/// A path as components, without `.`, `..` and empty parts.
///
/// `/var/run` is `/run` and `/lib` is `/usr/lib`: links on every supported node and in most images.
package struct PathParts: Hashable, Sendable {
    package let parts: [Substring]

    package init(_ path: String) {
        var parts: [Substring] = []
        for part in path.pathComponents() where part != "." {
            if part == ".." {
                _ = parts.popLast()
            } else {
                parts.append(part)
            }
            // At once: what is above /var/run is what is above /run.
            if parts.count == 2, parts[0] == "var", parts[1] == "run" { parts.removeFirst() }
            if parts.count == 1, ["bin", "sbin", "lib", "lib64"].contains(part) { parts.insert("usr", at: 0) }
        }
        self.parts = parts
    }

    /// The other path is this one or lies below it.
    package func contains(_ other: PathParts) -> Bool { other.parts.starts(with: parts) }

    /// The directory that it is in; `nil` of the root.
    package var directory: PathParts? { parts.isEmpty ? nil : PathParts(parts: Array(parts.dropLast())) }

    private init(parts: [Substring]) { self.parts = parts }

    /// At or below a container's root file system where its runtime mounts it on the node: containerd in
    /// `io.containerd.runtime.v2.task/NAMESPACE/ID/rootfs`, docker and CRI-O in `overlay2/ID/merged` or `overlay/ID/merged`.
    package var isInContainerRoot: Bool {
        parts.indices.contains { index in
            switch parts[index] {
            case "rootfs": index >= 3 && parts[index - 3].hasPrefix("io.containerd.runtime.v")
            case "merged": index >= 2 && ["overlay", "overlay2"].contains(parts[index - 2])
            default: false
            }
        }
    }
}
