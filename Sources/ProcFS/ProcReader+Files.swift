import CLinux
import Glibc
import LinuxSystem
package import NodeModel

/// The files of a task by their identities: links of `/proc` lead to the files themselves, whatever their paths are now
/// (proc_pid_root(5), proc_pid_cwd(5), proc_pid_exe(5), proc_pid_fd(5)).
///
/// No file is opened, only looked at by the kernel's own knowledge of it. A dead NFS server can hold that up all the same
/// (d_weak_revalidate, fs/nfs/dir.c), so callers do it under a time limit.
extension ProcReader {
    /// A process may hold a million files; one with more than this is a gap.
    static let openFileLimit = 4096

    /// What is wanted of a process' open descriptors.
    package enum Descriptors: Sendable, Comparable {
        case none
        /// Files, and objects of the kernel that matter.
        case files
        /// Sockets, too, of which it is not known yet where they lead.
        case filesAndSockets
    }

    /// - Parameters:
    ///   - leader: another thread of the process that is looked at as well; what this one shares with it is left out.
    ///   - packetSockets: the packet sockets of the node, which are looked for among open descriptors.
    ///   - places: where files lie whose mounts no table shows.
    /// - Returns: `nil` when the task ended, and where it has nothing of its own.
    package func files(
        of task: TaskKey, _ descriptors: Descriptors, besides leader: Int32? = nil, packetSockets: Set<UInt64> = [],
        places: NodePlaces? = nil
    ) throws(ProcFSError) -> TaskFiles? {
        func isOwn(_ shared: Shared) -> Bool { leader.map { !share(shared, $0, task.tid) } ?? true }
        let descriptors = descriptors != .none && isOwn(.descriptors) ? descriptors : .none
        let hasDirectories = isOwn(.directories)
        guard hasDirectories || descriptors != .none else { return nil }
        do {
            let directory = try openTask(task)
            var files = TaskFiles(task: task)
            if hasDirectories {
                files.root = try identity("root", in: directory.number, places)
                files.workingDirectory = try identity("cwd", in: directory.number, places)
            }
            if leader == nil { files.program = try identity("exe", in: directory.number, places) }
            if descriptors == .filesAndSockets { files.sockets = [] }
            if descriptors != .none { try readDescriptors(in: directory.number, packetSockets, places, &files) }
            // What was read is another task's if the number was taken again meanwhile.
            return try TaskStat.parse(readFile(directory.number, "stat")).startTime == task.startTime ? files : nil
        } catch {
            if error.isGone { return nil }
            throw error
        }
    }

    private func openTask(_ task: TaskKey) throws(ProcFSError) -> Descriptor {
        do {
            // A thread has an entry as well, which no listing shows (proc_tid(5)).
            return try proc.openEntry("\(task.tid)", LinuxFlags.path | O_DIRECTORY)
        } catch {
            throw .system(error)
        }
    }

    private func identity(
        _ name: StaticString, in directory: Int32, _ places: NodePlaces?
    ) throws(ProcFSError) -> FileIdentity? {
        try identity(cString(name), in: directory, places, name: "\(name)")
    }

    private func identity(
        _ path: UnsafePointer<CChar>, in directory: Int32, _ places: NodePlaces?, name: String
    ) throws(ProcFSError) -> FileIdentity? {
        var found = linux_file_identity()
        guard retrying({ linux_file_identity(directory, path, &found) }) == 0 else {
            // A zombie has none of them, and a kernel thread no program.
            if errno == ENOENT { return nil }
            throw .system(SystemError(errorNumber: errno, call: "statx", path: name))
        }
        if found.mount == 0 { found.mount = try mount(of: path, in: directory, name: name) }
        var file = FileIdentity(found)
        file.reach = places?.reach(of: file, at: path, in: directory)
        return file
    }

    /// The id of a file's mount where statx does not tell: from what the kernel says of an open file (proc_pid_fdinfo(5)).
    private func mount(
        of path: UnsafePointer<CChar>, in directory: Int32, name: String
    ) throws(ProcFSError) -> UInt64 {
        let number = retrying { linux_open_path(directory, path) }
        guard number >= 0 else { throw .system(SystemError(errorNumber: errno, call: "openat", path: name)) }
        let file = Descriptor(adopting: number)
        let bytes: [UInt8]
        do {
            bytes = try BoundedFile.read(path: "/proc/self/fdinfo/\(file.number)", limit: 4096)
        } catch {
            throw .malformed(file: "fdinfo", line: 1)
        }
        return DescriptorInfo.number("mnt_id", in: bytes) ?? 0
    }

    /// The descriptors that lead into a file tree, those of the kernel's objects that matter, and the sockets where they
    /// are wanted: pipes and files without a name have no place on the node.
    private func readDescriptors(
        in directory: Int32, _ packetSockets: Set<UInt64>, _ places: NodePlaces?, _ files: inout TaskFiles
    ) throws(ProcFSError) {
        let list = Syscall.open(at: directory, cString("fd"), O_DIRECTORY)
        guard list >= 0 else { throw .system(SystemError(errorNumber: -list, call: "openat", path: "fd")) }
        let descriptors = Descriptor(adopting: list)
        let found: [Int32]
        do {
            found = try numbers(in: descriptors)
        } catch {
            throw .system(error)
        }
        guard found.count <= Self.openFileLimit else { throw .tooLong(file: "fd", limit: Self.openFileLimit) }
        var objects: [OpenObject] = []
        for number in found {
            guard let path = link("\(number)", in: descriptors.number) else { continue }
            if path.utf8.first == UInt8(ascii: "/") {
                guard let file = try identity("\(number)", in: descriptors.number, places, name: "fd/\(number)") else {
                    continue
                }
                files.open.append(OpenFile(number: number, path: path, file: file))
                continue
            }
            let named = HeldObjectLink(path)
            if case .socket(let inode) = named { files.sockets?.append(HeldSocket(number: number, inode: inode)) }
            if let object = try object(named, number, in: directory, packetSockets) {
                objects.append(OpenObject(number: number, object: object))
            }
        }
        if !objects.isEmpty { files.objects = objects }
    }

    /// What a descriptor names that is no file, where it is one of the objects that matter.
    private func object(
        _ link: HeldObjectLink?, _ number: Int32, in directory: Int32, _ packetSockets: Set<UInt64>
    ) throws(ProcFSError) -> HeldObject? {
        switch link {
        case nil: return nil
        case .socket(let inode): return packetSockets.contains(inode) ? .packetSocket(inode) : nil
        case .namespace(let kind, let id): return .namespace(kind, id)
        case .described(let name, let make):
            let info = Syscall.open(at: directory, "fdinfo/\(number)", 0)
            // Closed meanwhile.
            if info == -ENOENT { return nil }
            guard info >= 0 else { throw .system(SystemError(errorNumber: -info, call: "openat", path: "fdinfo")) }
            defer { Syscall.close(info) }
            let count = Syscall.readOnce(info, buffer)
            guard count >= 0 else { return nil }
            return DescriptorInfo.number(name, in: buffer[..<count]).flatMap(make)
        }
    }

    private func link(_ name: String, in directory: Int32) -> String? {
        let count = Syscall.readlink(at: directory, name, buffer)
        return count < 0 ? nil : String(escaping: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
}

extension FileIdentity {
    /// The file that a path leads to, through links; `nil` where there is none.
    package init?(path: String) {
        var found = linux_file_identity()
        guard retrying({ linux_file_identity(AT_FDCWD, path, &found) }) == 0 else { return nil }
        self.init(found)
    }

    init(_ found: linux_file_identity) {
        let kind: Kind =
            switch found.mode & UInt32(S_IFMT) {
            case UInt32(S_IFDIR): .directory
            case UInt32(S_IFREG): .regular
            case UInt32(S_IFBLK): .blockDevice
            case UInt32(S_IFCHR): .characterDevice
            default: .other
            }
        let isDevice = kind == .blockDevice || kind == .characterDevice
        self.init(
            mount: UInt32(truncatingIfNeeded: found.mount),
            device: DeviceNumber(major: found.major, minor: found.minor), inode: found.inode, kind: kind,
            node: isDevice ? DeviceNumber(major: found.node_major, minor: found.node_minor) : nil)
    }
}
