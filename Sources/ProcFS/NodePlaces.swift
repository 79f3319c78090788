import CLinux
import Glibc
import LinuxSystem
package import NodeModel

/// Where on the node files lie that tasks hold through mounts which neither their own mount table nor the host's shows.
///
/// Such mounts were detached, are in a namespace that the task has left, or in one whose tasks have all changed their
/// roots. Not for use by two threads at once.
package final class NodePlaces {
    /// What could not be placed.
    package private(set) var gaps: [Gap] = []
    /// The mount namespace of the task whose files are looked at.
    package var namespace: NamespaceID?
    private let root: String
    private let hostRoot: FileIdentity?
    private let hostDirectories: [FileIdentity]
    private let hostMounts: [Mount]
    private let diskControls: Set<DeviceNumber>
    private let hostMountIDs: Set<UInt32>
    private let tables: [NamespaceID: Table]
    private let mountsOfTables: Set<UInt32>
    /// Those of which no task shows all mounts.
    private let partial: Set<NamespaceID>
    private var trees: [DeviceNumber: Tree?] = [:]

    /// The mounts of a namespace, found by their numbers without a copy of each: there may be very many.
    private struct Table {
        let mounts: [Mount]
        let positions: [UInt32: Int32]

        init(_ table: MountTable) {
            mounts = table.mounts
            positions = Dictionary(
                zip(table.mounts.lazy.map(\.id), 0...), uniquingKeysWith: { first, _ in first })
        }

        subscript(_ mount: UInt32) -> Mount? { positions[mount].map { mounts[Int($0)] } }
    }

    /// A directory of the node, from which its file system's other files are opened by their handles.
    private final class Tree {
        let directory: Descriptor

        init(_ directory: consuming Descriptor) { self.directory = directory }
    }

    /// Directories are rarely deeper; a task may have made them as deep as it likes.
    private static let depthLimit = 256

    /// - Parameters:
    ///   - root: where the node's file tree is.
    ///   - hostFiles: the node's root and the other directories that tell its tree.
    ///   - hostMounts: the mounts of the host's namespace.
    ///   - tables: the mounts of all others.
    ///   - diskControls: the character devices of the node's disks.
    package init(
        root: String, hostFiles: [HostFile], hostMounts: [Mount], tables: [MountTable],
        diskControls: Set<DeviceNumber> = []
    ) {
        self.root = root
        self.diskControls = diskControls
        hostRoot = hostFiles.first { $0.path == "/" }?.file
        hostDirectories = hostFiles.map(\.file)
        self.hostMounts = hostMounts
        hostMountIDs = Set(hostMounts.map(\.id))
        self.tables = Dictionary(
            tables.map { ($0.namespace, Table($0)) }, uniquingKeysWith: { first, _ in first })
        mountsOfTables = Set(tables.lazy.flatMap(\.mounts).map(\.id))
        partial = Set(tables.filter { $0.isPartial == true }.map(\.namespace))
    }

    /// What is held of the node with a file, as in `FileIdentity.reach`.
    ///
    /// - Parameters:
    ///   - path: leads to the file, as a link of `/proc` does.
    ///   - text: of that link, where it is an open file's.
    func reach(
        of file: FileIdentity, at path: UnsafePointer<CChar>, in directory: Int32, text: String? = nil
    ) -> String? {
        guard [.directory, .regular].contains(file.kind),
            !isShown(file.mount) || text.map({ isBeside(file, $0) }) ?? false, let tree = tree(of: file.device)
        else { return nil }
        let number = retrying { linux_open_path(directory, path) }
        // Closed meanwhile, or ended.
        guard number >= 0 else { return nil }
        let top = file.kind == .directory ? top(from: Descriptor(adopting: number)) : Descriptor(adopting: number)
        if let hostRoot, FileIdentity(of: top)?.isSameFile(as: hostRoot) == true { return "/" }
        return place(of: top, in: tree)
    }

    /// A mount of another container's does not count: what it shows is none of this one's.
    private func isShown(_ mount: UInt32) -> Bool {
        ownMount(mount) != nil || hostMountIDs.contains(mount)
    }

    /// Of a file that only its device and mount are known of: nothing of the node's is held with it.
    ///
    /// It is on no disk, and not reached through a mount of the node's.
    func isForeign(_ file: FileIdentity) -> Bool { file.device.major == 0 && !hostMountIDs.contains(file.mount) }

    private func ownMount(_ mount: UInt32) -> Mount? { namespace.flatMap { tables[$0] }?[mount] }

    /// Whether no more can be told of an open file than of the many that any service holds: it lies where a mount of the
    /// task's own namespace shows it, or on nothing that the node or another container has.
    ///
    /// Not so of the memory of a process, which lies in a procfs as anything there, and of what is the node's own tree.
    func tellsNothing(_ file: FileIdentity, at path: String) -> Bool {
        switch file.kind {
        case .other: return true
        case .characterDevice: return file.memoryDevice == nil && file.node.map(diskControls.contains) != true
        case .blockDevice: return false
        case .directory, .regular: break
        }
        if file.reach != nil || hostDirectories.contains(where: { $0.isSameFile(as: file) }) { return false }
        guard let mount = ownMount(file.mount) else {
            return !hostMountIDs.contains(file.mount) && !mountsOfTables.contains(file.mount)
        }
        let isOfMemory = mount.fileSystemType == "proc" && path.utf8.suffix(4).elementsEqual("/mem".utf8)
        return !isOfMemory && !isBeside(file, path)
    }

    /// The file is not where the mount of the task's own namespace is through which it is held, as one that was opened by
    /// its handle (open_by_handle_at(2)); of a mount of everything that can be told of other files than directories alone.
    private func isBeside(_ file: FileIdentity, _ path: String) -> Bool {
        // Without a path nobody can tell.
        guard !path.isEmpty, let namespace, !partial.contains(namespace), let mount = ownMount(file.mount)
        else { return false }
        return !mount.shows(path) || file.kind == .regular && path == "/"
    }

    /// The highest directory of the same file system that `..` leads to: out of whatever root the task has, and as far as
    /// the mount itself where that is detached.
    private func top(from start: consuming Descriptor) -> Descriptor {
        var top = start
        guard var file = FileIdentity(of: top) else { return top }
        for _ in 0..<Self.depthLimit {
            let number = retrying { linux_open_path(top.number, "..") }
            guard number >= 0 else { break }
            let above = Descriptor(adopting: number)
            guard let next = FileIdentity(of: above), next.device == file.device, !next.isSameFile(as: file) else {
                break
            }
            top = above
            file = next
        }
        return top
    }

    private func place(of file: borrowing Descriptor, in tree: Tree) -> String? {
        let number = retrying { linux_open_in_tree(file.number, tree.directory.number) }
        guard number >= 0 else {
            // A file without any name left is on no path of the node.
            if errno != ESTALE { note(SystemError(errorNumber: errno, call: "open_by_handle_at", path: "")) }
            return nil
        }
        let opened = Descriptor(adopting: number)
        do {
            let text = try Descriptor.open("/proc/self/fd", LinuxFlags.path).linkTarget(of: "\(opened.number)")
            return pathOnNode(text.withUnsafeBytes { String(escaping: $0) })
        } catch {
            note(error)
            return nil
        }
    }

    private func pathOnNode(_ path: String) -> String {
        guard root != "/", path.hasPrefix(root) else { return path }
        let rest = path.dropFirst(root.utf8.last == UInt8(ascii: "/") ? root.count - 1 : root.count)
        return rest.isEmpty ? "/" : String(rest)
    }

    /// A directory of a file system that the node itself has: that of its root, or of another disk.
    private func tree(of device: DeviceNumber) -> Tree? {
        if let known = trees[device] { return known }
        let tree = openTree(of: device)
        trees[device] = .some(tree)
        return tree
    }

    private func openTree(of device: DeviceNumber) -> Tree? {
        let ofDisk = hostMounts.filter { device.major != 0 && $0.device == device && $0.root == "/" }
        let highest = ofDisk.min { $0.mountPoint.utf8.count < $1.mountPoint.utf8.count }?.mountPoint
        guard let path = hostRoot?.device == device ? "/" : highest else { return nil }
        do {
            return Tree(try Descriptor.open(root, LinuxFlags.directory).openDirectory(below: path))
        } catch {
            note(error)
            return nil
        }
    }

    private func note(_ error: SystemError) {
        gaps.add(.mounts, "a file held through a mount that no table shows was not placed: \(error.reason)")
    }
}
