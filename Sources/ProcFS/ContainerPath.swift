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
            defer { isBelowKubepods = isBelowKubepods || element.utf8.starts(with: "kubepods".utf8) }
            // The colon form keeps pod and container in one element: `…-pod<uid>.slice:cri-containerd:<id>`.
            for part in element.utf8.split(separator: UInt8(ascii: ":")).map(Substring.init) {
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
        let name = element.withoutEnding(".slice")
        guard let uid = uidPart(of: name.utf8), !uid.isEmpty else { return nil }
        let digits = uid.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
        let isHex = digits.count == 32 && digits.allSatisfy { ByteCursor.hexDigit($0) != nil }
        guard isHex || isBelowKubepods || name.containsBytes(of: "kubepods-") else { return nil }
        return String(decoding: uid.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }, as: UTF8.self)
    }

    /// What comes after `pod` at the element's start, or after `-pod`.
    private static func uidPart(of name: Substring.UTF8View) -> Substring.UTF8View? {
        if name.starts(with: "pod".utf8) { return name.dropFirst(3) }
        guard Substring(name).containsBytes(of: "kubepods") else { return nil }
        var rest = name
        while let dash = rest.firstIndex(of: UInt8(ascii: "-")) {
            rest = rest[rest.index(after: dash)...]
            if rest.starts(with: "pod".utf8) { return rest.dropFirst(3) }
        }
        return nil
    }

    /// The id of an element such as `<id>`, `cri-containerd-<id>.scope` or `crio-<id>`; a monitor's scope has none.
    static func containerID(_ element: Substring) -> String? {
        let name = element.withoutEnding(".scope")
        guard name.utf8.count >= 64, !name.containsBytes(of: "conmon-") else { return nil }
        let id = name.utf8.suffix(64)
        guard name.utf8.count == 64 || name.utf8.dropLast(64).last == UInt8(ascii: "-") else { return nil }
        let isHex = id.allSatisfy {
            $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") || $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "f")
        }
        return isHex ? String(Substring(id)) : nil
    }
}

extension Substring {
    /// By bytes, as the kernel has paths: for a `Character`, a letter before a combining mark is another one.
    fileprivate func withoutEnding(_ ending: StaticString) -> Substring {
        let count = ending.utf8CodeUnitCount
        let isThere = ending.withUTF8Buffer { utf8.suffix(count).elementsEqual($0) }
        return isThere ? Substring(utf8.dropLast(count)) : self
    }
}
