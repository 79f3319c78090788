import Glibc
import LinuxSystem
import NodeModel
import ProcFS
import Synchronization
import TestSupport
import Testing

@testable import NodeSnapshot
@testable import UnixSockets

@Suite(.enabled(if: geteuid() == 0 && HelperProcess.isAvailable, "needs root and /usr/bin/python3"))
struct SocketReadingTests {
    /// Services of a node below a directory, in this network namespace; then clients in one of its own.
    private static func clients(_ root: String) -> String {
        """
        import ctypes, os, socket
        services = []
        def serve(path):
            service = socket.socket(socket.AF_UNIX)
            service.bind(path)
            service.listen()
            services.append(service)
        for path in ("containerd/containerd.sock", "containerd/s/4f2a", "systemd/private", "own.sock"):
            serve("\(root)/run/" + path)
        serve("\\0/containerd-shim/" + str(os.getpid()))
        ctypes.CDLL(None).unshare(0x40000000)
        for index, path in enumerate(("containerd/containerd.sock", "containerd/s/4f2a", "systemd/private", "own.sock")):
            client = socket.socket(socket.AF_UNIX)
            client.connect("\(root)/run/" + path)
            os.dup2(client.fileno(), 50 + index)
            client.close()
            services.append(services[index].accept()[0])
        os.write(1, b"ready")
        os.read(0, 1)
        """
    }

    private static func resolved(
        _ root: String, _ pid: Int32, host: NamespaceID?, visits: NetworkVisits = NetworkVisits()
    ) throws -> (files: [TaskFiles], reading: SocketReading) {
        let reader = try ProcReader()
        let task = try #require(reader.readWholeProcess(pid).first)
        var files = [try #require(try reader.files(of: task.key, .filesAndSockets))]
        var reading = SocketReading(proc: "/proc", root: root, visits: visits)
        let networks = [task.key: try #require(task.namespaces[.network])]
        reading.resolve(&files, networks: networks, host: host)
        return (files, reading)
    }

    private static func with(_ body: (String, Int32) throws -> Void) throws {
        try TemporaryDirectory.with { directory in
            for name in ["run/containerd/s", "run/systemd"] { try directory.directory(name) }
            try HelperProcess.with(clients(directory.path)) { try body(directory.path, $0.pid) }
        }
    }

    /// Sockets of services are kept with their names, all others are not.
    @Test func connectionsToServices() throws {
        try Self.with { root, pid in
            let visits = NetworkVisits()
            let (files, reading) = try Self.resolved(root, pid, host: nil, visits: visits)
            #expect(visits.visits.withLock { $0.count } == 1)
            let sockets = try #require(files.first?.sockets).filter { $0.number >= 50 }
            #expect(sockets.map(\.number) == [50, 51, 52])
            #expect(
                sockets.map(\.path) == [
                    "/run/containerd/containerd.sock", "/run/containerd/s/4f2a", "/run/systemd/private",
                ])
            #expect(sockets.map(\.service) == [.containerRuntime, .containerRuntime, .serviceManager])
            #expect(reading.gaps == [] && reading.abstractShims == nil)
        }
    }

    /// The same sockets of another node: nothing there is a service of this one.
    @Test func socketsOfNoService() throws {
        try Self.with { _, pid in
            let (files, reading) = try Self.resolved("/nowhere", pid, host: nil)
            #expect(files.first?.sockets == [] && reading.gaps == [])
        }
    }

    /// Shims are looked for in the node's network namespace alone.
    @Test func shimsOfTheNode() throws {
        try Self.with { root, pid in
            let own = try #require(try ProcReader().readWholeProcess(getpid()).first)
            var files = [TaskFiles(task: own.key)]
            var reading = SocketReading(proc: "/proc", root: root)
            let network = try #require(own.namespaces[.network])
            reading.resolve(&files, networks: [own.key: network], host: NamespaceID(rawValue: 7))
            #expect(reading.abstractShims == nil)
            reading.resolve(&files, networks: [own.key: network], host: network)
            #expect(reading.abstractShims?.contains("/containerd-shim/\(pid)") == true)
            #expect(files.first?.sockets == nil)
        }
    }

    @Test func taskThatEndedIsNoGap() {
        let key = TaskKey(pid: 4_194_305, tid: 4_194_305, startTime: 1)
        var files = [TaskFiles(task: key, sockets: [HeldSocket(number: 3, inode: 4)])]
        var reading = SocketReading(proc: "/proc", root: "/")
        reading.resolve(&files, networks: [key: NamespaceID(rawValue: 7)], host: nil)
        #expect(files.first?.sockets == [] && reading.gaps == [])
    }
}
