import NodeModel

extension PodSecurityPolicy {
    /// The kinds of volumes in the order in which the plugin looks for one (`GetVolumeFSType`).
    ///
    /// They are the names of the sources in a pod, but for `cephFS`, which a pod spells `cephfs`.
    static let volumeKinds = [
        "hostPath", "emptyDir", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "secret", "nfs", "iscsi",
        "glusterfs", "persistentVolumeClaim", "rbd", "flexVolume", "cinder", "cephFS", "flocker", "downwardAPI", "fc",
        "azureFile", "configMap", "vsphereVolume", "quobyte", "azureDisk", "photonPersistentDisk", "storageos",
        "projected", "portworxVolume", "scaleIO", "csi", "ephemeral",
    ]

    /// What the policy does not allow in the volumes of a pod.
    func volumeErrors(in pod: PodSpec) -> [FieldError] {
        let allowed = Set(spec.volumes ?? [])
        return (pod.volumes ?? []).enumerated().flatMap { index, volume -> [FieldError] in
            let path = "spec.volumes[\(index)]"
            guard let kind = Self.kind(of: volume) else {
                let sources = volume.sources.joined(separator: ", ")
                return [.invalid(path, .string(""), "unknown volume type for volume: \(sources)")]
            }
            guard allowed.contains("*") || allowed.contains(kind) else {
                return [.invalid(path, .string(kind), "\(kind) volumes are not allowed to be used")]
            }
            switch kind {
            case "hostPath": return hostPathErrors(in: volume, of: pod, path: path)
            case "flexVolume": return flexVolumeErrors(in: volume, path: path)
            case "csi": return csiErrors(in: volume, path: path)
            default: return []
            }
        }
    }

    /// The kind of a volume; the API makes one without a source an `emptyDir`.
    private static func kind(of volume: Volume) -> String? {
        if volume.sources.isEmpty { return "emptyDir" }
        return volumeKinds.first { volume.sources.contains($0 == "cephFS" ? "cephfs" : $0) }
    }

    private func hostPathErrors(in volume: Volume, of pod: PodSpec, path: String) -> [FieldError] {
        guard let rules = spec.allowedHostPaths, !rules.isEmpty else { return [] }
        let hostPath = volume.hostPath?.path ?? ""
        let matching = rules.filter { Self.path(hostPath, isBelow: $0.pathPrefix ?? "") }
        if matching.isEmpty {
            return [.invalid("\(path).hostPath.pathPrefix", .string(hostPath), "is not allowed to be used")]
        }
        guard matching.allSatisfy({ $0.readOnly == true }) else { return [] }
        return pod.placedContainers.flatMap { placed in
            (placed.container.volumeMounts ?? []).enumerated().compactMap { index, mount in
                guard mount.name ?? "" == volume.name ?? "", mount.readOnly != true else { return nil }
                return .invalid("\(placed.path).volumeMounts[\(index)].readOnly", .bool(false), "must be read-only")
            }
        }
    }

    /// Whether a path is the prefix or, by its text, below it; one slash at the end does not count.
    private static func path(_ path: String, isBelow prefix: String) -> Bool {
        let parts = [path, prefix].map { $0.hasSuffix("/") ? $0.utf8.dropLast() : Substring($0).utf8 }
        guard parts[0].starts(with: parts[1]) else { return false }
        return parts[0].dropFirst(parts[1].count).first.map { $0 == UInt8(ascii: "/") } ?? true
    }

    private func flexVolumeErrors(in volume: Volume, path: String) -> [FieldError] {
        let allowed = (spec.allowedFlexVolumes ?? []).map { $0.driver ?? "" }
        let driver = volume.flexVolumeDriver ?? ""
        guard !allowed.isEmpty, !allowed.contains(driver) else { return [] }
        return [.invalid("\(path).driver", .string(driver), "Flexvolume driver is not allowed to be used")]
    }

    private func csiErrors(in volume: Volume, path: String) -> [FieldError] {
        let allowed = (spec.allowedCSIDrivers ?? []).map { $0.name ?? "" }
        let driver = volume.csiDriver ?? ""
        guard !allowed.isEmpty, !allowed.contains(driver) else { return [] }
        return [.invalid("\(path).csi.driver", .string(driver), "Inline CSI driver is not allowed to be used")]
    }
}
