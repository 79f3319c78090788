package import NodeModel

/// The names that a kubelet gives in the log tree (kubernetes pkg/kubelet/kuberuntime/helpers.go).
package enum PodLogName {
    /// The pod of a directory's name: `<namespace>_<pod>_<uid>`, or the bare uid of a kubelet before 1.14.
    ///
    /// Neither a namespace nor a pod's name can hold an underscore, so any other number of parts is no kubelet's.
    package static func pod(_ name: String) -> PodIdentity? {
        let parts = name.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 1, isUID(name) { return PodIdentity(uid: name) }
        guard parts.count == 3, isDNSName(parts[0]), isDNSName(parts[1]), isUID(parts[2]) else { return nil }
        return PodIdentity(namespace: parts[0], name: parts[1], uid: parts[2])
    }

    /// 8-4-4-4-12 hex digits, or 32 for a static pod.
    private static func isUID(_ text: String) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false).map(\.utf8.count)
        guard groups == [8, 4, 4, 4, 12] || groups == [32] else { return false }
        return text.utf8.allSatisfy {
            $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
    }

    /// The characters of a DNS subdomain, all that the API server admits in these names (RFC 1123).
    private static func isDNSName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 253
            && text.utf8.allSatisfy {
                $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
            }
    }

    /// What a file in a container's directory is.
    enum FileKind: Equatable {
        /// `<restart count>.log`.
        case log(instance: UInt64)
        /// `<restart count>.log.<YYYYMMDD-HHMMSS>`, with `.gz` once it is compressed
        /// (pkg/kubelet/logs/container_log_manager.go).
        case rotated
        /// The temporary file of a rotation, or a name that no kubelet makes.
        case other
    }

    static func fileKind(_ name: String) -> FileKind {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[1] == "log", let instance = UInt64(parts[0]), isDecimal(parts[0]) else {
            return .other
        }
        if parts.count == 2 { return .log(instance: instance) }
        let stamp = parts[2].split(separator: "-", omittingEmptySubsequences: false)
        guard stamp.map(\.utf8.count) == [8, 6], stamp.allSatisfy(isDecimal) else { return .other }
        return parts.count == 3 || (parts.count == 4 && parts[3] == "gz") ? .rotated : .other
    }

    private static func isDecimal(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
