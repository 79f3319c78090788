import CLinux
import Glibc
import LinuxSystem
import NodeModel

/// What a task holds open (proc_pid_fd(5)).
extension ProcReader {
    /// How many descriptors are looked at, so that one process does not keep the others waiting.
    package static let descriptorLimit = 4096
    /// How many are looked at of a process with more, once every other was.
    ///
    /// It is the most that a kernel lets it have unless somebody asks for more (fs.nr_open). Each takes some microseconds.
    package static let longDescriptorLimit = 1 << 20
    /// How much is kept of what may tell something of the node, each thing once.
    static let heldLimit = 4096
    /// How many sockets are kept until it is known which lead to a service.
    static let socketLimit = 65_536

    /// What is wanted of a process' open descriptors.
    package enum Descriptors: Sendable, Comparable {
        case none
        /// Files, and objects of the kernel that matter.
        case files
        /// Sockets, too, of which it is not known yet where they lead.
        case filesAndSockets
    }

    /// The descriptors that lead into a file tree, those of the kernel's objects that matter, and the sockets where they
    /// are wanted: pipes and files without a name have no place on the node.
    func readDescriptors(
        in directory: Int32, limit: Int, _ packetSockets: Set<UInt64>, _ places: NodePlaces?, _ files: inout TaskFiles
    ) {
        let list = Syscall.open(at: directory, cString("fd"), O_DIRECTORY)
        guard list >= 0 else {
            return files.noteUnread(.system(SystemError(errorNumber: -list, call: "openat", path: "fd")))
        }
        let descriptors = Descriptor(adopting: list)
        let found: [Int32]
        do {
            found = try numbers(in: descriptors, limit: limit + 1)
        } catch {
            return files.noteUnread(.system(error))
        }
        var held = Held(limit: Self.heldLimit, socketLimit: Self.socketLimit)
        for number in found.prefix(limit) {
            endSliceIfLong()
            // A path may be too long to be told (proc_pid_fd(5), d_path): its file can be looked at all the same.
            let path = files.attempt { () throws(ProcFSError) in try link("\(number)", in: descriptors.number) } ?? ""
            if path.isEmpty || path.utf8.first == UInt8(ascii: "/") {
                let found = files.attempt { () throws(ProcFSError) in
                    try identity("\(number)", in: descriptors.number, places, name: "fd/\(number)", text: path)
                }
                guard let file = found,
                    places?.tellsNothing(file, at: path) != true
                else { continue }
                held.add(OpenFile(number: number, path: path, file: file))
                continue
            }
            let named = HeldObjectLink(path)
            if files.sockets != nil, case .socket(let inode) = named {
                held.add(HeldSocket(number: number, inode: inode))
            }
            let kept = files.attempt { () throws(ProcFSError) in
                try object(named, number, in: directory, packetSockets)
            }
            if let kept {
                held.add(OpenObject(number: number, object: kept))
            }
        }
        files.open = held.files
        if files.sockets != nil { files.sockets = held.sockets }
        if !held.objects.isEmpty { files.objects = held.objects }
        if found.count > limit || held.isCut { files.isCut = true }
    }

    /// What is held, each thing once and no more than a bound of each kind.
    private struct Held {
        private(set) var files: [OpenFile] = []
        private(set) var sockets: [HeldSocket] = []
        private(set) var objects: [OpenObject] = []
        /// There was more than is kept.
        private(set) var isCut = false
        private var seenFiles: Set<FileIdentity> = []
        private var seenSockets: Set<UInt64> = []
        private var seenObjects: Set<HeldObject> = []
        private let limit: Int
        private let socketLimit: Int

        init(limit: Int, socketLimit: Int) {
            self.limit = limit
            self.socketLimit = socketLimit
        }

        mutating func add(_ file: OpenFile) {
            guard seenFiles.count < limit else { return isCut = isCut || !seenFiles.contains(file.file) }
            if seenFiles.insert(file.file).inserted { files.append(file) }
        }

        mutating func add(_ socket: HeldSocket) {
            guard seenSockets.count < socketLimit else { return isCut = isCut || !seenSockets.contains(socket.inode) }
            if seenSockets.insert(socket.inode).inserted { sockets.append(socket) }
        }

        mutating func add(_ object: OpenObject) {
            guard seenObjects.count < limit else { return isCut = isCut || !seenObjects.contains(object.object) }
            if seenObjects.insert(object.object).inserted { objects.append(object) }
        }
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
            guard info >= 0 else { throw .system(SystemError(errorNumber: -info, call: "openat", path: "fdinfo")) }
            defer { Syscall.close(info) }
            let count = Syscall.readOnce(info, buffer)
            guard count >= 0 else { return nil }
            return DescriptorInfo.number(name, in: buffer[..<count]).flatMap(make)
        }
    }

    func link(_ name: String, in directory: Int32) throws(ProcFSError) -> String {
        let count = Syscall.readlink(at: directory, name, buffer)
        guard count >= 0 else { throw .system(SystemError(errorNumber: Int32(-count), call: "readlinkat", path: name)) }
        return String(escaping: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
}
