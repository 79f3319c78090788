import Glibc
package import LinuxSystem
package import NodeModel

/// What a runtime's records say of the node's containers.
package struct RuntimeReading: Sendable, Equatable {
    package var containers: [Container] = []
    /// The ids of every record that is there and could not be read; a gap names only some of them.
    package var unreadable: Set<String> = []
    package var gaps: [Gap] = []

    package init() {}

    mutating func addUnreadable(_ id: String, _ reason: String) {
        unreadable.insert(id)
        gaps.add(.bundle, reason, id)
    }
}

/// The OCI bundles of containerd's tasks, 1.4 to 2.x (containerd core/runtime/v2/bundle.go).
package struct ContainerdTasks: Sendable {
    /// The directories of tasks, one containerd namespace each below, relative to the node's root.
    ///
    /// The first is the kubelet's runtime; docker runs its own containerd, and both had an older shim in their time.
    package static let directories = [
        "run/containerd/io.containerd.runtime.v2.task", "run/containerd/io.containerd.runtime.v1.linux",
        "run/docker/containerd/daemon/io.containerd.runtime.v2.task",
        "run/docker/containerd/daemon/io.containerd.runtime.v1.linux",
    ]

    /// A config.json is some 10 kB; annotations and mounts of a large pod make it a few hundred.
    ///
    /// What its author can make of it: a process starts with some 2 MiB of arguments and variables (execve(2)), of which
    /// Go's encoding/json makes up to six times as many, and containerd takes messages of up to 16 MiB.
    package static let fileLimit = 32 << 20
    /// A node runs at most some hundred pods (kubelet --max-pods).
    package static let containerLimit = 4096
    /// containerd's clients have one each: the kubelet, docker, a few tools.
    static let namespaceLimit = 64

    private let root: String
    private let slices: Slices?
    private let known: KnownRecords

    /// - Parameters:
    ///   - slices: the thread rests between two records where a slice has been long enough.
    ///   - known: what was read before of records that have not changed since.
    package init(root: String = "/", slices: Slices? = nil, known: KnownRecords = KnownRecords()) {
        self.root = root
        self.slices = slices
        self.known = known
    }

    /// Every container that containerd has a task for, in ascending order of id.
    package func read(until deadline: Deadline) -> RuntimeReading {
        var reading = RuntimeReading()
        let top: Descriptor
        do {
            top = try Descriptor.open(root, LinuxFlags.path | O_DIRECTORY)
        } catch {
            reading.gaps.add(.bundle, "the node's root cannot be opened: \(error.reason)", root)
            return reading
        }
        for path in Self.directories {
            do {
                try readNamespaces(try top.openDirectory(below: path), top, path, deadline, &reading)
            } catch  where error.isGone {
                continue
            } catch {
                reading.gaps.add(.bundle, error.reason, "/\(path)")
            }
        }
        reading.containers.sort { $0.id < $1.id }
        known.forgetUnused()
        return reading
    }

    private func readNamespaces(
        _ tasks: borrowing Descriptor, _ top: borrowing Descriptor, _ path: String, _ deadline: Deadline,
        _ reading: inout RuntimeReading
    ) throws(SystemError) {
        let (names, isCut) = try tasks.entryNames(limit: Self.namespaceLimit)
        if isCut { reading.gaps.add(.bundle, "more than \(Self.namespaceLimit) namespaces", "/\(path)") }
        for namespace in reading.gaps.texts(names, in: "/\(path)") where !Self.isHidden(namespace) {
            do {
                let directory = try tasks.openEntry(namespace, O_RDONLY | O_DIRECTORY)
                try readContainers(directory, namespace, top, path, deadline, &reading)
            } catch  where error.isGone {
                continue
            } catch {
                reading.gaps.add(.bundle, error.reason, "/\(path)/\(namespace)")
            }
        }
    }

    /// What containerd has renamed in order to remove it, which is no container's any more.
    ///
    /// No id begins so (core/runtime/v2/bundle.go, atomicDelete; pkg/identifiers). The process id in there may be another
    /// process' by now.
    static func isHidden(_ name: String) -> Bool { name.hasPrefix(".") }

    private func readContainers(
        _ directory: borrowing Descriptor, _ namespace: String, _ top: borrowing Descriptor, _ path: String,
        _ deadline: Deadline, _ reading: inout RuntimeReading
    ) throws(SystemError) {
        let (names, isCut) = try directory.entryNames(limit: Self.containerLimit)
        if isCut { reading.gaps.add(.bundle, "more than \(Self.containerLimit) containers", "/\(path)/\(namespace)") }
        let states = RuncStates(below: top, namespace, &reading.gaps)
        for id in reading.gaps.texts(names, in: "/\(path)/\(namespace)") where !Self.isHidden(id) {
            slices?.endIfLong()
            if deadline.isPast {
                reading.gaps.add(.timeLimit, "container records not reached", "/\(path)/\(namespace)")
                return
            }
            readContainer(id, namespace, directory, &reading)
            if let last = reading.containers.indices.last, reading.containers[last].id == id {
                reading.containers[last].isCreated = states.isCreated(id, &reading.gaps)
            }
        }
    }

    private func readContainer(
        _ id: String, _ namespace: String, _ parent: borrowing Descriptor, _ reading: inout RuntimeReading
    ) {
        let bundle: Descriptor
        do {
            bundle = try parent.openEntry(id, LinuxFlags.path | O_DIRECTORY)
        } catch {
            if !error.isGone { reading.addUnreadable(id, error.reason) }
            return
        }
        var container = Container(id: id, runtime: .containerd, runtimeNamespace: namespace)
        do {
            try readRecord(of: &container, in: bundle)
        } catch  where error.isGone {
            // A sandbox made without a specification (containerd 2.x) has none; the node's tasks tell whether one is
            // missed.
        } catch {
            reading.addUnreadable(id, "config.json: \(error.reason)")
        }
        container.initPID = Self.initPID(id, in: bundle, &reading.gaps)
        reading.containers.append(container)
    }

    /// A container by its record, once it has a first process; what cannot be read is a gap of each scan.
    static func started(_ id: String, _ namespace: String, _ parent: borrowing Descriptor) -> Container? {
        var gaps: [Gap] = []
        guard let bundle = try? parent.openEntry(id, LinuxFlags.path | O_DIRECTORY),
            let pid = initPID(id, in: bundle, &gaps)
        else { return nil }
        var container = Container(id: id, runtime: .containerd, runtimeNamespace: namespace)
        if let status = try? bundle.status(of: "config.json") { try? read(&container, status, in: bundle) }
        container.initPID = pid
        return container
    }

    private func readRecord(
        of container: inout Container, in bundle: borrowing Descriptor
    ) throws(RuntimeRecordError) {
        let status: FileStatus
        do { status = try bundle.status(of: "config.json") } catch { throw .file(.system(error)) }
        // The same file in two directories is two containers.
        if let known = known.container(status),
            (known.id, known.runtimeNamespace) == (container.id, container.runtimeNamespace)
        {
            container = known
            return
        }
        try Self.read(&container, status, in: bundle)
        known.put(container, status)
    }

    private static func read(
        _ container: inout Container, _ status: FileStatus, in bundle: borrowing Descriptor
    ) throws(RuntimeRecordError) {
        container.apply(try config(in: bundle))
        // The record is the runtime's, in a directory that is root's alone, and it writes it once.
        container.recordedAt = status.changedAt
    }

    private static func config(in bundle: borrowing Descriptor) throws(RuntimeRecordError) -> OCIConfig {
        let bytes: [UInt8]
        do {
            bytes = try BoundedFile.read("config.json", in: bundle, limit: fileLimit)
        } catch {
            throw .file(error)
        }
        return try OCIConfig.decode(bytes)
    }

    /// Not there for a container that runs in a virtual machine.
    private static func initPID(_ id: String, in bundle: borrowing Descriptor, _ gaps: inout [Gap]) -> Int32? {
        do {
            let bytes = try BoundedFile.read("init.pid", in: bundle, limit: 32)
            if let pid = Int32(String(escaping: bytes).filter { !$0.isWhitespace }), pid > 0 { return pid }
            gaps.add(.bundle, "init.pid: no process id", id)
        } catch {
            if !error.isGone { gaps.add(.bundle, "init.pid: \(error.reason)", id) }
        }
        return nil
    }
}

extension Container {
    /// Takes over what a config.json says, CRI annotations first (containerd pkg/cri/annotations).
    mutating func apply(_ config: OCIConfig) {
        bundle = Bundle(config)
        let annotations = config.annotations ?? [:]
        func annotation(_ name: String) -> String? { annotations["io.kubernetes.cri.\(name)"] }
        sandboxID = annotation("sandbox-id")
        name = annotation("container-name")
        image = annotation("image-name") ?? annotation("podsandbox.image-name")
        kind =
            switch annotation("container-type") {
            case "sandbox": .sandbox
            case "container": .container
            default: .plain
            }
        logDirectory = annotation("sandbox-log-directory")
        let logPod = logDirectory.flatMap(PodIdentity.init(logDirectory:))
        let identity = PodIdentity(
            namespace: annotation("sandbox-namespace") ?? logPod?.namespace,
            name: annotation("sandbox-name") ?? logPod?.name,
            uid: annotation("sandbox-uid") ?? logPod?.uid)
        if kind != .plain, identity != PodIdentity() { pod = identity }
    }
}

extension [Gap] {
    /// Names of a directory as text; bytes that are no UTF-8 cannot be opened again and are a gap.
    mutating func texts(_ names: [[UInt8]], in path: String) -> [String] {
        names.compactMap { bytes in
            if let name = String(validating: bytes, as: UTF8.self) { return name }
            add(.bundle, "name is no UTF-8", "\(path)/\(String(escaping: bytes))")
            return nil
        }
    }
}

extension PodIdentity {
    /// The pod of `/var/log/pods/<namespace>_<name>_<uid>`: names and namespaces hold no underscore.
    init?(logDirectory path: String) {
        let parts = (path.pathComponents().last ?? "").split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.init(namespace: String(parts[0]), name: String(parts[1]), uid: String(parts[2]))
    }
}
