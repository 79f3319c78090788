import Glibc
import LinuxSystem
package import NodeModel

/// Looks up whose a process is by its cgroup, one process at a time and without remembering any.
package struct CgroupOwner: Sendable {
    private let root: String
    private let reader: ReaderCgroup

    /// - Parameter root: the `/proc` that shows the processes.
    package init(root: String = "/proc", reader: ReaderCgroup = .host) {
        self.root = root
        self.reader = reader
    }

    /// Whose the process is now; `nil` where it is gone or its cgroup cannot be read.
    package func callAsFunction(_ pid: Int32) -> CgroupPlacement.Owner? {
        guard let proc = try? Descriptor.open("\(root)/\(pid)", LinuxFlags.path | O_DIRECTORY),
            // A line for each hierarchy, of which there are some fifteen at most.
            let bytes = try? BoundedFile.read("cgroup", in: proc, limit: 65_536),
            let memberships = try? CgroupFile.parse(bytes)
        else { return nil }
        return CgroupPlacement(memberships, reader: reader).owner
    }
}
