/// One volume of a pod (`v1.Volume`).
package struct Volume: Sendable, Equatable, Codable {
    package var name: String?
    /// The names of the sources that are set, such as `hostPath` or `configMap`, sorted; a valid volume has one.
    package var sources: [String]
    package var hostPath: HostPath?
    /// The driver of a `csi` source.
    package var csiDriver: String?
    /// The driver of a `flexVolume` source.
    package var flexVolumeDriver: String?

    /// `v1.HostPathVolumeSource`.
    package struct HostPath: Sendable, Equatable, Codable {
        package var path: String?
        package var type: String?

        package init() {}
    }

    private struct DriverSource: Codable {
        var driver: String?
    }

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    package init(name: String? = nil, sources: [String] = []) {
        self.name = name
        self.sources = sources
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        name = try container.decodeIfPresent(String.self, forKey: Key("name"))
        hostPath = try container.decodeIfPresent(HostPath.self, forKey: Key("hostPath"))
        csiDriver = try container.decodeIfPresent(DriverSource.self, forKey: Key("csi"))?.driver
        flexVolumeDriver = try container.decodeIfPresent(DriverSource.self, forKey: Key("flexVolume"))?.driver
        sources = try container.allKeys.filter { try $0.stringValue != "name" && !container.decodeNil(forKey: $0) }
            .map(\.stringValue).sorted()
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encodeIfPresent(name, forKey: Key("name"))
        for source in sources {
            switch source {
            case "hostPath": try container.encodeIfPresent(hostPath, forKey: Key(source))
            case "csi": try container.encode(DriverSource(driver: csiDriver), forKey: Key(source))
            case "flexVolume": try container.encode(DriverSource(driver: flexVolumeDriver), forKey: Key(source))
            default: try container.encode(DriverSource(), forKey: Key(source))
            }
        }
    }
}

extension Pod {
    /// The path on the node that a container's mount of a volume asks for; `nil` where the volume is no hostPath, and
    /// where an expression is part of it.
    package func hostPath(of mount: VolumeMount) -> String? {
        guard let path = volume(of: mount)?.hostPath?.path, mount.subPathExpr == nil else { return nil }
        return mount.subPath.map { "\(path)/\($0)" } ?? path
    }

    /// The volume that a mount names.
    package func volume(of mount: VolumeMount) -> Volume? { (spec.volumes ?? []).first { $0.name == mount.name } }

    /// Every path of the node that the pod asks for.
    package var hostPaths: Set<String> {
        Set(allContainers.flatMap { $0.specification.volumeMounts ?? [] }.compactMap(hostPath))
    }
}
