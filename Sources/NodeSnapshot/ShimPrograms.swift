import NodeModel

/// The programs that stay beside a container after its runtime has started it.
///
/// They are told by the names of their files, which processes of the node have and no container chooses. Names are
/// compared by bytes, as the kernel does: for a `Character`, a combining mark behind a name makes it another one.
extension NodeTask {
    /// A containerd shim for runc, whose children are the container's own processes; those of virtual machines have
    /// other children.
    var isRuncShim: Bool {
        ["containerd-shim", "containerd-shim-runc-v1", "containerd-shim-runc-v2"].contains {
            programName.elementsEqual($0.utf8)
        }
    }

    /// A containerd shim of any kind, docker's own, or the monitor of CRI-O and podman.
    var isContainerMonitor: Bool {
        ["containerd-shim", "docker-containerd-shim", "conmon"].contains { programName.starts(with: $0.utf8) }
    }

    /// A shim goes on with the program that an update has taken away, of which the kernel says so (d_path); a file of such a
    /// name only root of the node can make where runtimes are started from.
    private var programName: Substring.UTF8View {
        let name = executable?.pathComponents().last ?? ""
        let mark = " (deleted)"
        return name.utf8.reversed().starts(with: mark.utf8.reversed()) ? name.utf8.dropLast(mark.utf8.count) : name.utf8
    }
}
