import NodeModel

/// Judges a link by its text alone: it is never followed.
package enum PodLogLinks {
    /// Whether a log file may be this link.
    ///
    /// Links of a kubelet name a log file of the tree, or, under docker, docker's own log of a container,
    /// `<data root>/containers/<id>/<id>-json.log`; docker's data root can be moved, so only the last three parts count.
    /// Whatever else lies beside or below the tree may be a link in turn, which the walk does not see.
    package static func isOrdinary(_ target: String, logRoot: String) -> Bool {
        let parts = target.pathComponents()
        guard target.utf8.first == UInt8(ascii: "/"), !parts.contains(where: { $0 == ".." || $0 == "." }) else {
            return false
        }
        let root = logRoot.pathComponents()
        // `<pod>/<container>/<file>`: there the walk looks at the entry itself.
        if parts.starts(with: root) { return parts.count == root.count + 3 }
        return !parts.starts(with: root.dropLast()) && isDockerLog(parts)
    }

    private static func isDockerLog(_ parts: [Substring]) -> Bool {
        guard parts.count >= 4, parts[parts.count - 3] == "containers" else { return false }
        let id = parts[parts.count - 2]
        let isID =
            id.utf8.count == 64
            && id.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
        return isID && parts[parts.count - 1] == "\(id)-json.log"
    }
}
