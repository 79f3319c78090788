/// What the node's kernel was told to run by itself, and what it keeps for processes outside of every file tree.
package struct KernelState: Sendable, Equatable, Codable {
    /// The settings that name a program.
    package var helpers: [HelperSetting]
    /// The inodes of the packet sockets in the host's network namespace (packet(7)).
    package var packetSockets: [UInt64]
    /// The System V shared memory of the host's IPC namespace; `nil` where it was not read.
    package var sharedMemory: [SharedMemory]?
    /// The files of the node's `/dev/shm` that a container in the host's IPC namespace has mapped, each with all that have.
    package var sharedFiles: [SharedFile]

    package init(
        helpers: [HelperSetting] = [], packetSockets: [UInt64] = [], sharedMemory: [SharedMemory]? = nil,
        sharedFiles: [SharedFile] = []
    ) {
        self.helpers = helpers
        self.packetSockets = packetSockets
        self.sharedMemory = sharedMemory
        self.sharedFiles = sharedFiles
    }
}

/// One setting of the kernel that names a program, which the kernel runs as root in the initial namespaces.
package struct HelperSetting: Sendable, Equatable, Codable {
    package var kind: Kind
    /// The file that the setting is read from.
    package var path: String
    /// The whole setting, or of a binary format its interpreter.
    package var value: String
    /// The program as the setting has it, a path in the initial mount namespace.
    package var program: String
    /// Where that leads on the node at the end of its links; `nil` where nothing is there, and where it was not looked at.
    package var target: String?
    /// `true` where there is no such file on the node.
    package var isMissing: Bool
    /// The kernel has kept a binary format's interpreter open from when the format was registered: the path tells nothing
    /// of it (flag F, Documentation/admin-guide/binfmt-misc.rst).
    package var isKeptOpen: Bool

    /// What the kernel runs the program for.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// kernel.core_pattern with a pipe: for a process that crashes (core(5)).
        case corePattern = "core-pattern"
        /// kernel.modprobe: for a module that it wants.
        case modprobe
        /// For an event of a device.
        case uevent
        /// kernel.poweroff_cmd: for an orderly end of the node.
        case poweroff
        /// A parameter of a file system's or disk's module.
        case parameter
        /// For a file of a format that somebody registered (binfmt_misc): the only one that runs as who starts the file.
        case interpreter
        /// For a cgroup of version 1 that has become empty (cgroups(7)).
        case releaseAgent = "release-agent"
    }

    package init(
        kind: Kind, path: String, value: String, program: String, target: String? = nil, isMissing: Bool = false,
        isKeptOpen: Bool = false
    ) {
        self.kind = kind
        self.path = path
        self.value = value
        self.program = program
        self.target = target
        self.isMissing = isMissing
        self.isKeptOpen = isKeptOpen
    }
}

/// One segment of System V shared memory (sysvipc(7), shmctl(2)).
package struct SharedMemory: Sendable, Equatable, Codable {
    package var key: Int32
    package var id: Int32
    /// The process that made it, which may have ended.
    package var creator: Int32
    /// The process that was the last to attach or detach it; 0 where none was.
    package var lastUser: Int32

    package init(key: Int32, id: Int32, creator: Int32, lastUser: Int32) {
        self.key = key
        self.id = id
        self.creator = creator
        self.lastUser = lastUser
    }
}

/// A file of the node's `/dev/shm` that processes have mapped: POSIX shared memory (shm_overview(7)).
package struct SharedFile: Sendable, Equatable, Codable {
    /// As the first of them has it, with ` (deleted)` behind it where it has no name any more (proc_pid_maps(5)).
    package var path: String
    /// The processes that have it mapped, ascending.
    package var processes: [Int32]

    package init(path: String, processes: [Int32]) {
        self.path = path
        self.processes = processes
    }
}
