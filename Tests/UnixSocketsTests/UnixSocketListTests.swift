import Glibc
import LinuxSystem
import NodeModel
import ProcFS
import Synchronization
import TestSupport
import Testing

@testable import UnixSockets

@Suite(.enabled(if: geteuid() == 0 && HelperProcess.isAvailable, "needs root and /usr/bin/python3"))
struct UnixSocketListTests {
    /// A client in a network namespace of its own, connected to a service that listens in that of this process, and says
    /// which sockets there are.
    private static func connected(_ path: String) -> String {
        """
        import ctypes, os, socket
        service = socket.socket(socket.AF_UNIX)
        service.bind("\(path)")
        service.listen()
        shim = socket.socket(socket.AF_UNIX)
        shim.bind("\\0/test-shim/" + str(os.getpid()))
        shim.listen()
        ctypes.CDLL(None).unshare(0x40000000)
        client = socket.socket(socket.AF_UNIX)
        client.connect("\(path)")
        accepted, _ = service.accept()
        for number, held in ((50, service), (51, client), (52, accepted)):
            os.dup2(held.fileno(), number)
        os.write(1, b"ready")
        os.read(0, 1)
        """
    }

    private static func sockets(
        of namespace: String, _ states: Set<UnixSocket.State> = [.connected, .listening],
        visits: NetworkVisits = NetworkVisits()
    ) throws(UnixSocketError) -> [UnixSocket] {
        try UnixSocketList.read(of: namespace, states, visits: visits)
    }

    private static func inode(_ pid: Int32, _ number: Int) throws -> UInt32 {
        let directory = try Descriptor.open("/proc/\(pid)/fd", LinuxFlags.directory)
        let link = String(decoding: try directory.linkTarget(of: "\(number)"), as: UTF8.self)
        return try #require(UInt32(link.dropFirst(8).dropLast()))
    }

    @Test func connectionOutOfANetworkNamespace() throws {
        try TemporaryDirectory.with { directory in
            let path = "\(directory.path)/x.sock"
            try HelperProcess.with(Self.connected(path)) { helper in
                let file = SocketFile(try #require(FileIdentity(path: path)))
                let client = try Self.inode(helper.pid, 51)
                let accepted = try Self.inode(helper.pid, 52)
                let inside = try Self.sockets(of: "/proc/\(helper.pid)/ns/net")
                #expect(inside == [UnixSocket(inode: accepted, file: file, peer: client)])
                let outside = try Self.sockets(of: "/proc/self/ns/net")
                #expect(outside.contains(UnixSocket(inode: try Self.inode(helper.pid, 50), file: file)))
                #expect(outside.contains { $0.abstractName == "/test-shim/\(helper.pid)" })
                #expect(!outside.contains { $0.inode == client || $0.inode == accepted })
                #expect(try !Self.sockets(of: "/proc/self/ns/net", [.connected]).contains { $0.file == file })
            }
        }
    }

    /// This thread and its process stay where they were.
    @Test func theCallerStays() throws {
        try TemporaryDirectory.with { directory in
            try HelperProcess.with(Self.connected("\(directory.path)/x.sock")) { helper in
                let before = try FileStatus(following: "/proc/thread-self/ns/net").inode
                _ = try Self.sockets(of: "/proc/\(helper.pid)/ns/net")
                #expect(try FileStatus(following: "/proc/thread-self/ns/net").inode == before)
                #expect(try FileStatus(following: "/proc/self/ns/net").inode == before)
            }
        }
    }

    /// Only a thread that leaves this process' network is told of, and before it does.
    @Test func visitsAreAnnounced() throws {
        try TemporaryDirectory.with { directory in
            try HelperProcess.with(Self.connected("\(directory.path)/x.sock")) { helper in
                let visits = NetworkVisits()
                _ = try Self.sockets(of: "/proc/self/ns/net", visits: visits)
                #expect(visits.threads == [])
                _ = try? Self.sockets(of: "/proc/self/ns/mnt", visits: visits)
                #expect(visits.threads == [])
                _ = try Self.sockets(of: "/proc/\(helper.pid)/ns/net", visits: visits)
                let thread = try #require(visits.threads.first)
                #expect(visits.threads == [thread] && thread != getpid())
                #expect(!visits.claim(thread, at: 0) && !visits.claim(thread + 1, at: .max))
                #expect(visits.claim(thread, at: .max) && !visits.claim(thread, at: .max))
            }
        }
    }

    @Test func visitsThatNobodyAsksAbout() {
        let visits = NetworkVisits()
        for thread in 1...Int32(NetworkVisits.limit) + 2 { visits.begin(thread) }
        #expect(visits.threads == Array(3...Int32(NetworkVisits.limit) + 2))
    }

    @Test func noNamespace() {
        #expect(throws: UnixSocketError.system(SystemError(errorNumber: ENOENT, call: "stat", path: "/proc/0/ns/net")))
        {
            _ = try Self.sockets(of: "/proc/0/ns/net")
        }
        #expect(
            throws: UnixSocketError.system(SystemError(errorNumber: EINVAL, call: "setns", path: "/proc/self/ns/mnt"))
        ) { _ = try Self.sockets(of: "/proc/self/ns/mnt") }
        #expect(UnixSocketError.system(SystemError(errorNumber: ESRCH, call: "", path: "")).isGone)
        #expect(!UnixSocketError.malformed.isGone)
    }
}

extension NetworkVisits {
    fileprivate var threads: [Int32] { visits.withLock { $0.map(\.thread) } }
}
