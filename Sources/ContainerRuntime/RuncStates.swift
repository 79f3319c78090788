import Glibc
import LinuxSystem
import NodeModel

/// What runc keeps of the containers of one containerd namespace (cmd/containerd-shim-runc-v2/process/utils.go).
struct RuncStates: ~Copyable {
    private let containerd: Descriptor?
    private let docker: Descriptor?

    /// - Parameter top: the node's root.
    init(below top: borrowing Descriptor, _ namespace: String, _ gaps: inout [Gap]) {
        containerd = Self.open("run/containerd/runc/\(namespace)", below: top, &gaps)
        docker = Self.open("run/docker/runtime-runc/\(namespace)", below: top, &gaps)
    }

    private static func open(_ path: String, below top: borrowing Descriptor, _ gaps: inout [Gap]) -> Descriptor? {
        do {
            return try top.openDirectory(below: path)
        } catch {
            if !error.isGone { gaps.add(.bundle, "runc's state: \(error.reason)", "/\(path)") }
            return nil
        }
    }

    /// Whether a container was created and not started: runc keeps a FIFO in between (libcontainer/container_linux.go,
    /// execFifoFilename).
    func isCreated(_ id: String, _ gaps: inout [Gap]) -> Bool {
        Self.isCreated(id, in: containerd, &gaps) || Self.isCreated(id, in: docker, &gaps)
    }

    private static func isCreated(_ id: String, in states: borrowing Descriptor?, _ gaps: inout [Gap]) -> Bool {
        switch states {
        case .none: return false
        case .some(let directory):
            do {
                let state = try directory.openEntry(id, LinuxFlags.path | O_DIRECTORY)
                return try state.status(of: "exec.fifo").kind == .fifo
            } catch {
                if !error.isGone { gaps.add(.bundle, "runc's state: \(error.reason)", id) }
                return false
            }
        }
    }
}
