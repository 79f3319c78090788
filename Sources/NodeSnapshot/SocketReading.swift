import Glibc
import LinuxSystem
import NodeModel
import ProcFS
import Synchronization
import UnixSockets

/// Finds out which sockets of container tasks lead to a service of the node.
///
/// A connection has both its ends in the network namespace of whoever made it, and the end that the service accepted has
/// the identity of the service's socket file, which nobody else can give a socket. So each network namespace is asked
/// once, and only where a task that may reach the node's files holds sockets at all.
struct SocketReading {
    /// See `Host.abstractShims`.
    private(set) var abstractShims: [String]?
    private(set) var gaps: [Gap] = []
    private let proc: String
    /// A service's socket, by the identity of its file.
    private let services: [SocketFile: HeldSocket]

    /// A directory has two sockets for each pod.
    private static let directoryLimit = 10_000
    /// Shims of old runtimes have one name each, and anybody in the node's network can listen on as many.
    private static let shimLimit = 1000

    init(proc: String, root: String) {
        self.proc = proc
        services = Self.findServices(root: root)
    }

    /// Keeps of the sockets of all files those that lead to a service, with its name.
    ///
    /// - Parameters:
    ///   - networks: the network namespaces of the tasks.
    ///   - host: the node's own.
    mutating func resolve(_ files: inout [TaskFiles], networks: [TaskKey: NamespaceID], host: NamespaceID?) {
        var asked: [NamespaceID: Int32] = [:]
        for entry in files {
            guard let network = networks[entry.task], asked[network] == nil else { continue }
            if network == host || entry.sockets?.isEmpty == false { asked[network] = entry.task.tid }
        }
        var clients: [UInt32: HeldSocket] = [:]
        for (network, task) in asked.sorted(by: { $0.value < $1.value }) {
            clients.merge(ask(of: task, isHost: network == host)) { first, _ in first }
        }
        for index in files.indices {
            files[index].sockets = files[index].sockets?.compactMap { socket in
                guard let inode = UInt32(exactly: socket.inode), var found = clients[inode] else { return nil }
                (found.number, found.inode) = (socket.number, socket.inode)
                return found
            }
        }
    }

    /// The services that sockets in a task's network namespace are connected to, by the sockets' inodes.
    private mutating func ask(of task: Int32, isHost: Bool) -> [UInt32: HeldSocket] {
        let found = Mutex((clients: [UInt32: HeldSocket](), shims: [String]()))
        do {
            try UnixSocketList.read(of: "\(proc)/\(task)/ns/net", isHost ? [.connected, .listening] : [.connected]) {
                [services] socket in
                if let name = socket.abstractName, name.hasPrefix("/containerd-shim/") {
                    found.withLock { if $0.shims.count < Self.shimLimit { $0.shims.append(name) } }
                }
                guard let client = socket.peer, let service = socket.file.flatMap({ services[$0] }) else { return }
                found.withLock { $0.clients[client] = service }
            }
        } catch {
            if !error.isGone { gaps.add(.process, "Unix sockets: \(error.reason)", "pid \(task)") }
            return [:]
        }
        let (clients, shims) = found.withLock { $0 }
        if isHost { abstractShims = shims.sorted() }
        return clients
    }

    private static func findServices(root: String) -> [SocketFile: HeldSocket] {
        var found: [SocketFile: HeldSocket] = [:]
        for service in NodeService.allCases {
            for path in service.sockets + service.socketDirectories.flatMap({ entries(of: $0, root: root) }) {
                guard let file = FileIdentity(path: root + path) else { continue }
                found[SocketFile(file)] = HeldSocket(number: 0, inode: 0, service: service, path: path)
            }
        }
        return found
    }

    private static func entries(of path: String, root: String) -> [String] {
        guard let directory = try? Descriptor.open(root + path, LinuxFlags.directory),
            let entries = try? directory.entryNames(limit: directoryLimit)
        else { return [] }
        return entries.names.map { "\(path)/\(String(escaping: $0))" }
    }
}
