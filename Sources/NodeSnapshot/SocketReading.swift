import Glibc
import LinuxSystem
import NodeModel
import ProcFS
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
    private let visits: NetworkVisits
    /// A service's socket, by the identity of its file.
    private let services: [SocketFile: HeldSocket]

    /// A directory has two sockets for each pod.
    private static let directoryLimit = 10_000
    /// Shims of old runtimes have one name each, and anybody in the node's network can listen on as many.
    private static let shimLimit = 1000

    init(proc: String, root: String, visits: NetworkVisits = NetworkVisits()) {
        self.proc = proc
        self.visits = visits
        services = Self.findServices(root: root)
    }

    /// Keeps of the sockets of all files those that lead to a service, with its name.
    ///
    /// - Parameters:
    ///   - networks: the network namespaces of the tasks.
    ///   - host: the node's own.
    mutating func resolve(_ files: inout [TaskFiles], networks: [TaskKey: NamespaceID], host: NamespaceID?) {
        var asked: [NamespaceID: Question] = [:]
        for entry in files {
            guard let network = networks[entry.task] else { continue }
            let hasSockets = entry.sockets?.isEmpty == false
            guard hasSockets || network == host else { continue }
            var states: Set<UnixSocket.State> = network == host ? [.listening] : []
            if hasSockets { states.insert(.connected) }
            asked[network, default: Question(task: entry.task.tid)].states.formUnion(states)
        }
        var clients: [UInt32: HeldSocket] = [:]
        for question in asked.values.sorted(by: { $0.task < $1.task }) {
            clients.merge(ask(question)) { first, _ in first }
        }
        for index in files.indices {
            files[index].sockets = files[index].sockets?.compactMap { socket in
                guard let inode = UInt32(exactly: socket.inode), var found = clients[inode] else { return nil }
                (found.number, found.inode) = (socket.number, socket.inode)
                return found
            }
        }
    }

    /// What is to be asked of a network namespace, by a task that is in it.
    private struct Question {
        var task: Int32
        /// Those that listen are asked for in the node's own alone.
        var states: Set<UnixSocket.State> = []
    }

    /// The services that sockets in a network namespace are connected to, by the sockets' inodes.
    private mutating func ask(_ question: Question) -> [UInt32: HeldSocket] {
        let sockets: [UnixSocket]
        do {
            sockets = try UnixSocketList.read(of: "\(proc)/\(question.task)/ns/net", question.states, visits: visits)
        } catch {
            if !error.isGone { gaps.add(.process, "Unix sockets: \(error.reason)", "pid \(question.task)") }
            return [:]
        }
        if question.states.contains(.listening) {
            let shims = sockets.compactMap(\.abstractName).filter { $0.hasPrefix("/containerd-shim/") }
            abstractShims = Array(shims.sorted().prefix(Self.shimLimit))
        }
        var clients: [UInt32: HeldSocket] = [:]
        for socket in sockets {
            guard let client = socket.peer, let service = socket.file.flatMap({ services[$0] }) else { continue }
            clients[client] = service
        }
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
