import FoundationEssentials
import NodeModel

/// The parts of an OCI `config.json` that a node needs (opencontainers/runtime-spec).
///
/// Every member is optional: a record lacks what its runtime did not set, and `null` counts as absent.
struct OCIConfig: Decodable {
    var annotations: [String: String]?
    var process: Process?
    var root: Root?
    var mounts: [Mount]?
    var linux: Linux?
    var hooks: Hooks?

    struct Process: Decodable {
        var user: User?
        var cwd: String?
        var capabilities: Capabilities?
        var noNewPrivileges: Bool?
        var apparmorProfile: String?
        var selinuxLabel: String?
    }

    struct User: Decodable {
        var uid: UInt32?
    }

    struct Capabilities: Decodable {
        // The effective set is never more than the permitted one (capabilities(7)).
        var bounding: [String]?
        var permitted: [String]?
    }

    struct Root: Decodable {
        var path: String?
        var readonly: Bool?
    }

    struct Mount: Decodable {
        var destination: String
        var type: String?
        var source: String?
        var options: [String]?
    }

    struct Linux: Decodable {
        var namespaces: [Namespace]?
        var uidMappings: [Mapping]?
        var maskedPaths: [String]?
        var readonlyPaths: [String]?
        var devices: [Device]?
        var resources: Resources?
        var seccomp: Seccomp?
        var cgroupsPath: String?
        var sysctl: [String: String]?
    }

    struct Namespace: Decodable {
        var type: String
        var path: String?
    }

    struct Mapping: Decodable {
        var containerID: UInt32
        var hostID: UInt32
        var size: UInt32
    }

    struct Device: Decodable {
        var path: String
        var type: String?
        var major: Int64?
        var minor: Int64?
    }

    struct Resources: Decodable {
        var devices: [DeviceRule]?
    }

    struct DeviceRule: Decodable {
        var allow: Bool
        var type: String?
        var major: Int64?
        var minor: Int64?
        var access: String?
    }

    /// What it does counts here, not to which system calls, which are most of the file.
    struct Seccomp: Decodable {
        var defaultAction: String?
        var syscalls: [Rule]?

        struct Rule: Decodable {
            var action: String?
        }
    }

    /// Those that run before the container's own program does.
    struct Hooks: Decodable {
        var prestart: [Hook]?
        var createRuntime: [Hook]?
        var createContainer: [Hook]?
        var startContainer: [Hook]?

        struct Hook: Decodable {
            var path: String
        }

        var programs: [String] {
            [prestart, createRuntime, createContainer, startContainer].flatMap { $0 ?? [] }.map(\.path)
        }
    }

    /// Decodes a whole file.
    static func decode(_ bytes: [UInt8]) throws(RuntimeRecordError) -> OCIConfig {
        do {
            return try JSONDecoder().decode(OCIConfig.self, from: Data(bytes))
        } catch {
            throw .malformed(RuntimeRecordError.reason(error))
        }
    }
}

extension Bundle {
    init(_ config: OCIConfig) {
        let sets = config.process?.capabilities
        let names = Set((sets?.bounding ?? []) + (sets?.permitted ?? []))
        let rules = config.linux?.resources?.devices ?? []
        let open = config.linux?.seccomp?.open
        let hooks = config.hooks?.programs ?? []
        self.init(
            namespaces: (config.linux?.namespaces ?? []).compactMap { entry in
                NamespaceKind(ociType: entry.type).map { BundleNamespace(kind: $0, path: entry.path) }
            },
            capabilities: CapabilitySet.named(names).set,
            noNewPrivileges: config.process?.noNewPrivileges ?? false,
            hasSeccomp: config.linux?.seccomp != nil && open == nil,
            openSeccomp: open,
            appArmorProfile: config.process?.apparmorProfile,
            maskedPaths: config.linux?.maskedPaths ?? [],
            readonlyPaths: config.linux?.readonlyPaths ?? [],
            devices: (config.linux?.devices ?? []).map(BundleDevice.init),
            allowsAllDevices: rules.contains(where: \.allowsEverything),
            mounts: (config.mounts ?? []).map {
                BundleMount(destination: $0.destination, type: $0.type, source: $0.source, options: $0.options ?? [])
            },
            cgroupsPath: config.linux?.cgroupsPath,
            hasReadonlyRoot: config.root?.readonly ?? false,
            uid: config.process?.user?.uid ?? 0,
            uidMappings: (config.linux?.uidMappings ?? []).map {
                IDMapping(inside: $0.containerID, outside: $0.hostID, count: $0.size)
            },
            sysctls: config.linux?.sysctl,
            selinuxLabel: config.process?.selinuxLabel.flatMap { $0.isEmpty ? nil : $0 },
            hooks: hooks.isEmpty ? nil : hooks,
            workingDirectory: config.process?.cwd)
    }
}

extension OCIConfig.Seccomp {
    /// `nil` for a filter that refuses by default, as one without a default action does.
    fileprivate var open: OpenSeccomp? {
        // To log a call is to allow it (seccomp_rule_add(3)).
        let allowing: Set<String?> = ["SCMP_ACT_ALLOW", "SCMP_ACT_LOG"]
        guard allowing.contains(defaultAction) else { return nil }
        return (syscalls ?? []).allSatisfy { allowing.contains($0.action) } ? .allowsAll : .denyList
    }
}

extension BundleDevice {
    fileprivate init(_ device: OCIConfig.Device) {
        let numbers = (device.major.flatMap(UInt32.init(exactly:)), device.minor.flatMap(UInt32.init(exactly:)))
        let number: DeviceNumber? =
            if case (let major?, let minor?) = numbers { DeviceNumber(major: major, minor: minor) } else { nil }
        self.init(path: device.path, type: device.type, number: number)
    }
}

extension OCIConfig.DeviceRule {
    /// `allow: true` with no type, number or only `-1`, and every access: what a privileged container gets.
    fileprivate var allowsEverything: Bool {
        allow && (type ?? "a") == "a" && (major ?? -1) < 0 && (minor ?? -1) < 0 && Set(access ?? "rwm") == Set("rwm")
    }
}

extension NamespaceKind {
    /// The kind of an OCI namespace type (runtime-spec config-linux.md, namespaces).
    fileprivate init?(ociType: String) {
        switch ociType {
        case "network": self = .network
        case "mount": self = .mount
        case "pid", "ipc", "uts", "user", "cgroup", "time": self.init(rawValue: ociType)
        default: return nil
        }
    }
}
