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
    /// - Parameters:
    ///   - limit: how many descriptors are looked at; of more, those with the lowest numbers are.
    ///   - leader: another thread of the process that is looked at as well; what this one shares with it is left out.
    ///   - packetSockets: the packet sockets of the node, which are looked for among open descriptors.
    ///   - places: where files lie whose mounts no table shows.
    /// - Returns: `nil` when the task ended, and where it has nothing of its own.
    package func files(
        of task: TaskKey, _ descriptors: Descriptors, limit: Int = descriptorLimit, besides leader: Int32? = nil,
        packetSockets: Set<UInt64> = [], places: NodePlaces? = nil
    ) throws(ProcFSError) -> TaskFiles? {
        func isOwn(_ shared: Shared) -> Bool { leader.map { !share(shared, $0, task.tid) } ?? true }
        let descriptors = descriptors != .none && isOwn(.descriptors) ? descriptors : .none
        let hasDirectories = isOwn(.directories)
        guard hasDirectories || descriptors != .none else { return nil }
        func read(_ directory: borrowing Descriptor) -> TaskFiles {
            var files = TaskFiles(task: task)
            if hasDirectories {
                files.root = files.attempt { () throws(ProcFSError) in
                    try identity("root", in: directory.number, places)
                }
                files.workingDirectory = files.attempt { () throws(ProcFSError) in
                    try identity("cwd", in: directory.number, places)
                }
            }
            if leader == nil {
                files.program = files.attempt { () throws(ProcFSError) in
                    try identity("exe", in: directory.number, places)
                }
                // Most are their image's, and where those lie tells nothing.
                if let program = files.program, program.mount != files.root?.mount {
                    files.programPath = files.attempt { () throws(ProcFSError) in
                        try link("exe", in: directory.number)
                    }
                }
            }
            if descriptors == .filesAndSockets { files.sockets = [] }
            if descriptors != .none {
                readDescriptors(in: directory.number, limit: limit, packetSockets, places, &files)
            }
            return files
        }
        do {
            let kept = openTasks?.take(task)
            let isKept = kept != nil
            let directory = if let kept { kept } else { try openTask(task) }
            let files = read(directory)
            if isKept, files.unread == nil { return files }
            // What was read is another task's if the number was taken again meanwhile, and what was not read is none's
            // if the task has ended.
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

    func identity(
        _ path: UnsafePointer<CChar>, in directory: Int32, _ places: NodePlaces?, name: String, text: String? = nil
    ) throws(ProcFSError) -> FileIdentity? {
        var found = linux_file_identity()
        guard retrying({ linux_file_identity(directory, path, &found) }) == 0 else {
            // A zombie has none of them, and a kernel thread no program.
            if errno == ENOENT { return nil }
            throw .system(SystemError(errorNumber: errno, call: "statx", path: name))
        }
        if found.mount == 0 { found.mount = try mount(of: path, in: directory, name: name) }
        var file = FileIdentity(found)
        if found.mode == 0, places?.isForeign(file) != true {
            throw .system(SystemError(errorNumber: EACCES, call: "statx", path: name))
        }
        file.reach = places?.reach(of: file, at: path, in: directory, text: text)
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
}

extension TaskFiles {
    /// Looks at one thing of the task; what cannot be looked at is no reason not to look at the others.
    ///
    /// Any error may be that of a file system of the container's own (FUSE): even ESRCH does not tell that the task ended.
    mutating func attempt<Found>(_ look: () throws(ProcFSError) -> Found?) -> Found? {
        do throws(ProcFSError) {
            return try look()
        } catch .system(let error) where error.errorNumber == ENOENT {
            // Closed meanwhile.
            return nil
        } catch {
            noteUnread(error)
            return nil
        }
    }

    package mutating func noteUnread(_ error: ProcFSError) { unread = unread ?? error.reason }
}

extension FileIdentity {
    /// The file that a path leads to, through links; `nil` where there is none.
    package init?(path: String) {
        var found = linux_file_identity()
        guard retrying({ linux_file_identity(AT_FDCWD, path, &found) }) == 0, found.mode != 0 else { return nil }
        self.init(found)
    }

    /// The file of a descriptor, which may be one of O_PATH.
    init?(of file: borrowing Descriptor) { self.init(path: "/proc/self/fd/\(file.number)") }

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
