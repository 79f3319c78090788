/// Judges a link by its text alone: it is never followed.
package enum PodLogLinks {
    /// Whether a log file may be this link.
    ///
    /// Links of a kubelet stay in the log tree, or, under docker, name docker's own log of a container,
    /// `<data root>/containers/<id>/<id>-json.log`; docker's data root can be moved, so only the last three parts count.
    package static func isOrdinary(_ target: String, logRoot: String) -> Bool {
        let parts = target.split(separator: "/", omittingEmptySubsequences: true)
        guard target.hasPrefix("/"), !parts.contains(where: { $0 == ".." || $0 == "." }) else { return false }
        return isBelow(parts, logRoot) || isDockerLog(parts)
    }

    private static func isBelow(_ parts: [Substring], _ root: String) -> Bool {
        let rootParts = root.split(separator: "/")
        return parts.count > rootParts.count && parts.starts(with: rootParts)
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
