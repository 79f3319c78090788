/// What a runtime was told about one container: the parts of an OCI `config.json` that checks read
/// (opencontainers/runtime-spec, config.md and config-linux.md), or docker's equivalent.
package struct Bundle: Sendable, Equatable, Codable {
    /// Namespaces that the container gets; a kind that is missing is the runtime's own, the host's.
    package var namespaces: [BundleNamespace]
    /// Everything that a process of the container may gain: bounding and permitted set together.
    package var capabilities: CapabilitySet
    package var noNewPrivileges: Bool
    /// The record has a seccomp filter that refuses what it does not name.
    package var hasSeccomp: Bool
    /// The record's seccomp filter, where it allows what it does not name.
    package var openSeccomp: OpenSeccomp?
    package var appArmorProfile: String?
    package var maskedPaths: [String]
    package var readonlyPaths: [String]
    package var devices: [BundleDevice]
    /// The device cgroup allows every device, as it does for a privileged container.
    package var allowsAllDevices: Bool
    package var mounts: [BundleMount]
    package var cgroupsPath: String?
    package var hasReadonlyRoot: Bool
    /// The user of the first process; `nil` where the record has only a name.
    package var uid: UInt32?
    package var uidMappings: [IDMapping]
    /// Kernel settings of the container's own namespaces; the runtime gives them to a pod's sandbox.
    package var sysctls: [String: String]?
    /// `user:role:type:level`; `nil` where the runtime does not use SELinux, and for a privileged container.
    package var selinuxLabel: String?
    /// The programs that the runtime runs on the node for the container, and which may change it; `nil` for none.
    package var hooks: [String]?
    /// Where the first process starts (runtime-spec config.md, process.cwd).
    package var workingDirectory: String?

    package init(
        namespaces: [BundleNamespace] = [], capabilities: CapabilitySet = [], noNewPrivileges: Bool = false,
        hasSeccomp: Bool = false, openSeccomp: OpenSeccomp? = nil, appArmorProfile: String? = nil,
        maskedPaths: [String] = [],
        readonlyPaths: [String] = [], devices: [BundleDevice] = [], allowsAllDevices: Bool = false,
        mounts: [BundleMount] = [], cgroupsPath: String? = nil, hasReadonlyRoot: Bool = false, uid: UInt32? = 0,
        uidMappings: [IDMapping] = [], sysctls: [String: String]? = nil,
        selinuxLabel: String? = nil, hooks: [String]? = nil, workingDirectory: String? = nil
    ) {
        self.namespaces = namespaces
        self.capabilities = capabilities
        self.noNewPrivileges = noNewPrivileges
        self.hasSeccomp = hasSeccomp
        self.openSeccomp = openSeccomp
        self.appArmorProfile = appArmorProfile
        self.maskedPaths = maskedPaths
        self.readonlyPaths = readonlyPaths
        self.devices = devices
        self.allowsAllDevices = allowsAllDevices
        self.mounts = mounts
        self.cgroupsPath = cgroupsPath
        self.hasReadonlyRoot = hasReadonlyRoot
        self.uid = uid
        self.uidMappings = uidMappings
        self.sysctls = sysctls
        self.selinuxLabel = selinuxLabel
        self.hooks = hooks
        self.workingDirectory = workingDirectory
    }

    /// The entry for a kind; `nil` means the container stays in the runtime's own namespace.
    package func namespace(_ kind: NamespaceKind) -> BundleNamespace? { namespaces.first { $0.kind == kind } }

    /// The container is privileged as the kubelet means it: every device, no mask and no seccomp filter,
    /// and the capabilities that make a process root on the node.
    package var isPrivileged: Bool {
        allowsAllDevices && maskedPaths.isEmpty && !hasSeccomp
            && capabilities.isSuperset(of: Self.privilegedCapabilities)
    }

    /// The kernel's settings in `/proc` are writable, or its memory is not hidden, as with `procMount: Unmasked`.
    package var hasOpenProc: Bool { !maskedPaths.contains("/proc/kcore") || !readonlyPaths.contains("/proc/sys") }

    private static let privilegedCapabilities = CapabilitySet.named(
        ["SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "DAC_READ_SEARCH", "NET_ADMIN", "MKNOD"]
    ).set
}

/// A seccomp filter that allows by default (seccomp_init(3)).
package enum OpenSeccomp: String, Sendable, Codable {
    /// It refuses some system calls by their names.
    case denyList = "deny-list"
    case allowsAll = "allows-all"
}

/// One entry of `linux.namespaces`: a new namespace, or the one at `path`.
package struct BundleNamespace: Sendable, Equatable, Codable {
    package var kind: NamespaceKind
    package var path: String?

    package init(kind: NamespaceKind, path: String? = nil) {
        self.kind = kind
        self.path = path
    }
}

/// One entry of `linux.devices`, or a device that docker was asked to add.
package struct BundleDevice: Sendable, Equatable, Codable {
    package var path: String
    /// `c`, `b`, `p` or `u` (mknod(1)); `nil` when the record does not say.
    package var type: String?
    package var number: DeviceNumber?

    package init(path: String, type: String? = nil, number: DeviceNumber? = nil) {
        self.path = path
        self.type = type
        self.number = number
    }
}

/// One entry of `mounts`.
package struct BundleMount: Sendable, Equatable, Codable {
    package var destination: String
    package var type: String?
    package var source: String?
    package var options: [String]

    package init(destination: String, type: String? = nil, source: String? = nil, options: [String] = []) {
        self.destination = destination
        self.type = type
        self.source = source
        self.options = options
    }

    /// The mount brings in an existing file or directory of the node.
    package var isBind: Bool { type == "bind" || options.contains("bind") || options.contains("rbind") }

    package var isReadonly: Bool { options.contains("ro") || options.contains("rro") }
}
