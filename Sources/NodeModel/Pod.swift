/// A pod as the Kubernetes API describes it: the fields of a `v1` Pod that say what it may share with the node.
///
/// Names and shapes are the API's own (kubernetes.io/docs/reference/kubernetes-api), so that an API object, or the
/// template of a workload, decodes as it is. A field that is `nil` was not set: what that means is the reader's to say.
package struct Pod: Sendable, Equatable, Codable {
    package var metadata = PodMetadata()
    package var spec = PodSpec()
    /// `nil` in a manifest.
    package var status: PodStatus?

    package init() {}

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        metadata = try container.decodeIfPresent(PodMetadata.self, forKey: .metadata) ?? PodMetadata()
        spec = try container.decodeIfPresent(PodSpec.self, forKey: .spec) ?? PodSpec()
        status = try container.decodeIfPresent(PodStatus.self, forKey: .status)
    }
}

/// Who a pod is and who made it.
package struct PodMetadata: Sendable, Equatable, Codable {
    package var name: String?
    package var generateName: String?
    package var namespace: String?
    package var uid: String?
    /// Opaque: compared for equality only.
    package var resourceVersion: String?
    /// RFC 3339 times, as the API writes them.
    package var creationTimestamp: String?
    package var deletionTimestamp: String?
    package var ownerReferences: [OwnerReference]?
    /// Those annotations alone that change what the pod may do or whose it is; others can be 256 KiB long.
    package var annotations: [String: String]?

    package init() {}

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decodeIfPresent(String.self, forKey: .name)
        generateName = try container.decodeIfPresent(String.self, forKey: .generateName)
        namespace = try container.decodeIfPresent(String.self, forKey: .namespace)
        uid = try container.decodeIfPresent(String.self, forKey: .uid)
        resourceVersion = try container.decodeIfPresent(String.self, forKey: .resourceVersion)
        creationTimestamp = try container.decodeIfPresent(String.self, forKey: .creationTimestamp)
        deletionTimestamp = try container.decodeIfPresent(String.self, forKey: .deletionTimestamp)
        ownerReferences = try container.decodeIfPresent([OwnerReference].self, forKey: .ownerReferences)
        let all = try container.decodeIfPresent([String: String].self, forKey: .annotations)
        let kept = all?.filter { Self.isKept($0.key) } ?? [:]
        annotations = kept.isEmpty ? nil : kept
    }

    /// The owner that manages the object, or the first of several that do not.
    package var controller: OwnerReference? {
        let owners = ownerReferences ?? []
        return owners.first { $0.controller == true } ?? owners.first
    }

    /// The annotations that are kept: seccomp and AppArmor of old pods, the kubelet's of static and mirror pods, and
    /// the name of the PodSecurityPolicy that admitted the pod.
    private static func isKept(_ name: String) -> Bool {
        let prefixes = [
            "seccomp.security.alpha.kubernetes.io/pod", "container.seccomp.security.alpha.kubernetes.io/",
            "container.apparmor.security.beta.kubernetes.io/", "kubernetes.io/config.", "kubernetes.io/psp",
        ]
        return prefixes.contains { name.hasPrefix($0) }
    }
}

/// One owner of an object (`metav1.OwnerReference`).
package struct OwnerReference: Sendable, Equatable, Codable {
    package var kind: String
    package var name: String
    /// The one owner that manages the object.
    package var controller: Bool?

    package init(kind: String, name: String, controller: Bool?) {
        self.kind = kind
        self.name = name
        self.controller = controller
    }
}
