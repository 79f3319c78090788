/// One file by what the kernel knows it by, whatever paths lead to it.
package struct FileIdentity: Hashable, Sendable, Codable {
    /// The id of the mount through which it was reached, as in `/proc/<pid>/mountinfo`; one namespace's at a time, and
    /// taken again when the mount is gone.
    package var mount: UInt32
    /// The file system's device (st_dev, stat(2)).
    package var device: DeviceNumber
    package var inode: UInt64
    package var kind: Kind
    /// What a device node stands for (st_rdev).
    package var node: DeviceNumber?
    /// The path on the node of what is held with the file.
    ///
    /// Of a directory it is the highest one that `..` leads to, of another file its own. Looked up where no mount table
    /// shows the mount, for what is on a file system that the node has mounted; `nil` elsewhere.
    package var reach: String?

    /// The type of a file (inode(7)).
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case directory, regular, blockDevice, characterDevice, other
    }

    package init(
        mount: UInt32, device: DeviceNumber, inode: UInt64, kind: Kind, node: DeviceNumber? = nil, reach: String? = nil
    ) {
        self.mount = mount
        self.device = device
        self.inode = inode
        self.kind = kind
        self.node = node
        self.reach = reach
    }

    /// The same file, reached through whatever mount.
    package func isSameFile(as other: FileIdentity) -> Bool { device == other.device && inode == other.inode }

    /// Of a device node of the machine's memory or ports its usual path (mem(4), Documentation/admin-guide/devices.txt).
    package var memoryDevice: String? {
        guard kind == .characterDevice, let node, node.major == 1 else { return nil }
        return [1: "/dev/mem", 2: "/dev/kmem", 4: "/dev/port"][node.minor]
    }
}

/// What one task of a container has as root, working directory and program, and what it holds open.
package struct TaskFiles: Sendable, Equatable, Codable {
    package var task: TaskKey
    /// Root and working directory; `nil` for a thread that shares them with the first of its process that lives.
    package var root: FileIdentity?
    package var workingDirectory: FileIdentity?
    /// Of the first thread that lives, as all of a process have one program.
    package var program: FileIdentity?
    /// As the kernel writes it (d_path) in the program's mount namespace; `nil` where it lies in the mount of the root.
    package var programPath: String?
    /// In ascending order of number, each file once, where it may hold files of the node.
    ///
    /// Of a thread that is not the first, only where it is not known to share the table with that; and none of which its
    /// mount tells all there is to tell.
    package var open: [OpenFile]
    /// The sockets that are connected to a service of the node; `nil` where they were not read, as with `open`, or where
    /// the container has nothing of the node's tree and no rights to reach it.
    package var sockets: [HeldSocket]?
    /// What it holds open beside files, in the same order and of the same tasks; `nil` where there is none.
    package var objects: [OpenObject]?
    /// `true` where more is open than was looked at or kept.
    package var isCut: Bool?
    /// Why something of it could not be looked at, the first reason of several; `nil` where all was.
    package var unread: String?

    package init(
        task: TaskKey, root: FileIdentity? = nil, workingDirectory: FileIdentity? = nil,
        program: FileIdentity? = nil, programPath: String? = nil, open: [OpenFile] = [], sockets: [HeldSocket]? = nil,
        objects: [OpenObject]? = nil, isCut: Bool? = nil, unread: String? = nil
    ) {
        self.task = task
        self.root = root
        self.workingDirectory = workingDirectory
        self.program = program
        self.programPath = programPath
        self.open = open
        self.sockets = sockets
        self.objects = objects
        self.isCut = isCut
        self.unread = unread
    }
}

/// One open descriptor of a file that has a place in a file tree.
package struct OpenFile: Sendable, Equatable, Codable {
    package var number: Int32
    /// The path as the kernel writes it (d_path), which the task may have chosen; empty where it is too long to be told.
    package var path: String
    package var file: FileIdentity

    package init(number: Int32, path: String, file: FileIdentity) {
        self.number = number
        self.path = path
        self.file = file
    }
}

/// A file of the node that is worth knowing by more than its path.
package struct HostFile: Sendable, Equatable, Codable {
    /// On the node.
    package var path: String
    package var file: FileIdentity

    package init(path: String, file: FileIdentity) {
        self.path = path
        self.file = file
    }
}
