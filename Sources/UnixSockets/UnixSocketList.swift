import CLinux
import Glibc
import LinuxSystem

/// Lists the Unix sockets of a network namespace, by asking the kernel and no process (sock_diag(7)).
package enum UnixSocketList {
    /// A node with more than this is a gap; the kernel lists as many in less than a second.
    static let limit = 1 << 20
    /// The kernel fills at most 32 KiB at once (net/netlink/af_netlink.c, netlink_dump).
    private static let answerLimit = 64 << 10

    /// The sockets in one of the states that have a name, or were accepted by one that has; a client's, which has none, is
    /// the peer of one of these.
    ///
    /// A network namespace is only told of from within: that is entered by a thread which ends afterwards. It is
    /// nothing but a view of the network, and nothing in it is run or believed.
    ///
    /// - Parameters:
    ///   - namespace: the path of its link, such as `/proc/1/ns/net`.
    ///   - visits: told of the thread before it enters.
    package static func read(
        of namespace: String, _ states: Set<UnixSocket.State>, visits: NetworkVisits
    ) throws(UnixSocketError) -> [UnixSocket] {
        let result: Result<[UnixSocket], UnixSocketError>
        do {
            result = try SeparateThread.run {
                Result { () throws(UnixSocketError) in
                    try enter(namespace, visits)
                    return try list(states)
                }
            }
        } catch {
            throw .system(error)
        }
        return try result.get()
    }

    private static func enter(_ namespace: String, _ visits: NetworkVisits) throws(UnixSocketError) {
        let file: Descriptor
        do {
            if try FileStatus(following: namespace) == FileStatus(following: "/proc/thread-self/ns/net") { return }
            file = try Descriptor.open(namespace, O_RDONLY)
        } catch {
            throw .system(error)
        }
        let thread = linux_thread_id()
        visits.begin(thread)
        guard linux_enter_network_namespace(file.number) == 0 else {
            let error = SystemError(errorNumber: errno, call: "setns", path: namespace)
            visits.cancel(thread)
            throw .system(error)
        }
    }

    private static func list(_ states: Set<UnixSocket.State>) throws(UnixSocketError) -> [UnixSocket] {
        let number = linux_open_socket_diagnosis()
        guard number >= 0 else { throw .system(SystemError(errorNumber: errno, call: "socket", path: "sock_diag")) }
        let socket = Descriptor(adopting: number)
        guard linux_request_unix_sockets(socket.number, states.reduce(0) { $0 | $1.rawValue }) == 0 else {
            throw .system(SystemError(errorNumber: errno, call: "send", path: "sock_diag"))
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: answerLimit, alignment: 8)
        defer { buffer.deallocate() }
        var (found, count) = ([UnixSocket](), 0)
        while true {
            // Each answer is there when the one before was taken, so nothing is waited for.
            let length = retrying { recv(socket.number, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT)) }
            guard length > 0 else { throw .system(SystemError(errorNumber: errno, call: "recv", path: "sock_diag")) }
            var messages = SocketMessages(UnsafeRawBufferPointer(rebasing: buffer[..<length]))
            while let message = try messages.next() {
                guard case .socket(let socket) = message else { return found }
                count += 1
                guard count <= limit else { throw .tooMany(limit: limit) }
                if socket.file != nil || socket.abstractName != nil { found.append(socket) }
            }
        }
    }
}
