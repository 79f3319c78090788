import LinuxSystem
import NodeModel
import ProcFS

extension SnapshotBuilder {
    /// Reads who has files of the node's `/dev/shm` mapped, where a container in the host's IPC namespace has.
    ///
    /// By itself, as a process that holds its own memory's lock holds up everyone who asks what it has mapped
    /// (mmap_lock, fs/proc/task_mmu.c).
    func readSharedFiles(_ node: inout Node, until deadline: Deadline) {
        guard options.parts.isSuperset(of: [.kernel, .mounts]), let device = node.host.sharedMemoryDevice
        else { return }
        let (users, others) = node.processesWithSharedMemory(on: device)
        guard !users.isEmpty else { return }
        let reading = BoundedWork.run(until: deadline) { [options] in
            var reading = SharedFileReading(options, device)
            reading.read(users, until: deadline)
            if !reading.files.isEmpty { reading.read(others, amongKnown: true, until: deadline) }
            return reading
        }
        guard let reading else {
            return node.gaps.add(.kernel, SharedFileReading.late, "/dev/shm")
        }
        node.host.kernelState?.sharedFiles = reading.shared
        for gap in reading.gaps { node.gaps.add(gap) }
    }
}

/// Who has which file of one file system mapped.
private struct SharedFileReading: Sendable {
    private(set) var files: [UInt64: SharedFile] = [:]
    private(set) var gaps: [Gap] = []
    private let options: SnapshotOptions
    private let device: DeviceNumber
    /// What is left of room for names, in bytes, and of room for processes of files: whoever may write there may make as many
    /// as there are inodes.
    private var room = 4 << 20
    private var places = 50_000

    static let late = "what is mapped of /dev/shm was not read in time"
    /// A process has 65,530 mappings unless somebody asked for more (vm.max_map_count), of some hundred bytes each.
    private static let limit = 8 << 20

    init(_ options: SnapshotOptions, _ device: DeviceNumber) {
        self.options = options
        self.device = device
    }

    /// Those that more than one process has.
    var shared: [SharedFile] {
        files.sorted { $0.key < $1.key }.map(\.value).filter { $0.processes.count > 1 }.map { file in
            SharedFile(path: file.path, processes: file.processes.sorted())
        }
    }

    /// - Parameter amongKnown: only files that were found before are of interest.
    mutating func read(_ processes: [Int32], amongKnown: Bool = false, until deadline: Deadline) {
        guard let reader = try? ProcReader(root: options.proc, slices: options.slices) else { return }
        for pid in processes {
            if deadline.isPast { return gaps.add(.kernel, Self.late, "pid \(pid)") }
            do throws(ProcFSError) {
                let mapped = try MappedFiles.parse(reader.file("maps", of: pid, limit: Self.limit), on: device)
                for (inode, path) in mapped where !amongKnown || files[inode] != nil { add(pid, to: inode, path) }
            } catch {
                if !error.isGone { gaps.add(.kernel, "mapped files: \(error.reason)", "pid \(pid)") }
            }
        }
    }

    private mutating func add(_ pid: Int32, to inode: UInt64, _ path: String) {
        let size = files[inode] == nil ? path.utf8.count : 0
        guard size <= room, places > 0 else {
            return gaps.add(.kernel, "mapped files: more than are looked at", "pid \(pid)")
        }
        (room, places) = (room - size, places - 1)
        files[inode, default: SharedFile(path: path, processes: [])].processes.append(pid)
    }
}

extension Host {
    /// Where POSIX shared memory lies (shm_overview(7)).
    fileprivate var sharedMemoryDevice: DeviceNumber? {
        mounts.last { $0.mountPoint == "/dev/shm" && $0.fileSystemType == "tmpfs" }?.device
    }
}

extension Node {
    /// The processes of containers in the host's IPC namespace, and all others, that see a file system.
    fileprivate func processesWithSharedMemory(on device: DeviceNumber) -> (users: [Int32], others: [Int32]) {
        let tables = mountTables.filter { table in table.mounts.contains { $0.device == device } }
        let namespaces = Set(tables.map(\.namespace)).union(host.reference?.namespaces[.mount].map { [$0] } ?? [])
        let processes = tasks.filter { task in
            task.isMainThread && !task.isKernelThread && task.namespaces[.mount].map(namespaces.contains) ?? false
        }
        return (
            processes.filter(isOfContainerInHostIPC).map(\.pid),
            processes.filter { !isOfContainerInHostIPC($0) }.map(\.pid)
        )
    }
}
