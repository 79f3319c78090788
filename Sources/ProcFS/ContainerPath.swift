import NodeModel

/// What one cgroup path names: a pod, a container in it, and containers around it.
///
/// Forms are those of the kubelet with both cgroup drivers, containerd, CRI-O and docker (kubernetes
/// pkg/kubelet/cm/cgroup_manager_linux.go, containerd internal/cri/server/podsandbox/helpers_linux.go).
struct ContainerPath: Equatable {
    var podUID: String?
    /// The first container id after the pod element, or the first of all where there is no pod.
    var containerID: String?
    /// Container ids before the pod element: the node of a nested cluster.
    var outerContainerIDs: [String] = []

    init(_ path: String) {
        var isBelowKubepods = false
        for element in path.pathComponents() {
            defer { isBelowKubepods = isBelowKubepods || element.hasPrefix("kubepods") }
            // The colon form keeps pod and container in one element: `…-pod<uid>.slice:cri-containerd:<id>`.
            for part in element.split(separator: ":") {
                if podUID == nil, let uid = Self.podUID(part, isBelowKubepods: isBelowKubepods) {
                    podUID = uid
                    if let outer = containerID { outerContainerIDs.append(outer) }
                    containerID = nil
                } else if let id = Self.containerID(part), containerID == nil {
                    containerID = id
                }
            }
        }
    }

    /// The uid of an element such as `pod<uid>`, `kubepods-burstable-pod<uid>.slice` or `kubelet-kubepods-pod<uid>`.
    ///
    /// A uid is 8-4-4-4-12 hex digits with `-` or `_`, or 32 for a static pod; a manifest may also set any other, which
    /// is taken only at or below an element that names `kubepods`.
    static func podUID(_ element: Substring, isBelowKubepods: Bool = false) -> String? {
        let name = element.hasSuffix(".slice") ? element.dropLast(6) : element
        guard let start = podPrefixEnd(name) else { return nil }
        let uid = name[start...]
        guard !uid.isEmpty else { return nil }
        let digits = uid.utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
        let isHex = digits.count == 32 && digits.allSatisfy { ByteCursor.hexDigit($0) != nil }
        guard isHex || isBelowKubepods || name.containsBytes(of: "kubepods-") else { return nil }
        return String(uid.map { $0 == "_" ? "-" : $0 })
    }

    /// Where the uid begins: after `pod` at the element's start or after `-pod`.
    private static func podPrefixEnd(_ name: Substring) -> Substring.Index? {
        if name.hasPrefix("pod") { return name.index(name.startIndex, offsetBy: 3) }
        guard name.containsBytes(of: "kubepods") else { return nil }
        var rest = name
        while let dash = rest.firstIndex(of: "-") {
            rest = rest[rest.index(after: dash)...]
            if rest.hasPrefix("pod") { return rest.index(rest.startIndex, offsetBy: 3) }
        }
        return nil
    }

    /// The id of an element such as `<id>`, `cri-containerd-<id>.scope` or `crio-<id>`; a monitor's scope has none.
    static func containerID(_ element: Substring) -> String? {
        let name = element.hasSuffix(".scope") ? element.dropLast(6) : element
        guard name.utf8.count >= 64, !name.containsBytes(of: "conmon-") else { return nil }
        let id = name.suffix(64)
        let before = name.dropLast(64)
        guard before.isEmpty || before.hasSuffix("-") else { return nil }
        let isHex = id.utf8.allSatisfy {
            $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") || $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "f")
        }
        return isHex ? String(id) : nil
    }
}
