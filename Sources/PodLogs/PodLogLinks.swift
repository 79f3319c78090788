import NodeModel

/// Judges a link by its text alone: it is never followed.
package enum PodLogLinks {
    /// Whether a link of a log tree, `link` from the node's root, may have this text.
    ///
    /// Links of a kubelet name a log file of a tree, or, under docker, docker's own log of a container,
    /// `<data root>/containers/<id>/<id>-json.log`; docker's data root can be moved, so only the last three parts count.
    /// One that names another place of a tree, also by a way relative to its own directory, leads to an entry that the
    /// walk looks at itself. Whatever else lies beside or below a tree may be a link in turn, which the walk does not
    /// see.
    package static func isOrdinary(_ target: String, of link: String, logTrees: [String]) -> Bool {
        guard let parts = resolve(target, of: link) else { return false }
        let trees = logTrees.map { $0.pathComponents() }
        // At most `<pod>/<container>/<file>`: as deep as the walk goes.
        if let tree = trees.first(where: { parts.starts(with: $0) }) {
            return (tree.count + 1...tree.count + 3).contains(parts.count)
        }
        let isAbsolute = target.utf8.first == UInt8(ascii: "/")
        return isAbsolute && !trees.contains { parts.starts(with: $0.dropLast()) } && isDockerLog(parts)
    }

    /// The path that a link names, from the root; `nil` for a `..` after a name, which may itself be a link.
    private static func resolve(_ target: String, of link: String) -> [Substring]? {
        let parts = target.pathComponents().filter { $0 != "." }
        // The walk came to the link's directory without a link, so the way up from it is as its path says.
        let ups = target.utf8.first == UInt8(ascii: "/") ? 0 : parts.prefix { $0 == ".." }.count
        guard !parts.dropFirst(ups).contains("..") else { return nil }
        if target.utf8.first == UInt8(ascii: "/") { return parts }
        return link.pathComponents().dropLast(1 + ups) + parts.dropFirst(ups)
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
