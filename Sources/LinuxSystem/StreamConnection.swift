import Glibc

/// The address of a stream socket on this machine.
package struct StreamAddress: Sendable, Equatable {
    /// The bytes of a `sockaddr_un`, `sockaddr_in` or `sockaddr_in6`.
    let bytes: [UInt8]
    let family: Int32

    /// A socket's path (unix(7)); `nil` where it does not fit.
    package init?(unix path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard !path.isEmpty, path.utf8.count < room, !path.utf8.contains(0) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        bytes = withUnsafeBytes(of: address) { Array($0) }
        family = AF_UNIX
    }

    /// A port of 127.0.0.1.
    init(loopbackPort port: UInt16) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        bytes = withUnsafeBytes(of: address) { Array($0) }
        family = AF_INET
    }

    /// A numeric loopback address of IPv4 or IPv6; `nil` for any other.
    package init?(loopback host: String, port: UInt16) {
        var four = sockaddr_in()
        var six = sockaddr_in6()
        if inet_pton(AF_INET, host, &four.sin_addr) == 1 {
            guard UInt32(bigEndian: four.sin_addr.s_addr) >> 24 == 127 else { return nil }
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            bytes = withUnsafeBytes(of: four) { Array($0) }
            family = AF_INET
        } else if inet_pton(AF_INET6, host, &six.sin6_addr) == 1 {
            let address = withUnsafeBytes(of: six.sin6_addr) { Array($0) }
            guard address == Array(repeating: 0, count: 15) + [1] else { return nil }
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            bytes = withUnsafeBytes(of: six) { Array($0) }
            family = AF_INET6
        } else {
            return nil
        }
    }
}

/// A connected stream socket whose other end may stall or go away at any time.
package final class StreamConnection {
    private let socket: Descriptor
    /// Seconds that a connect may take (socket(7), SO_SNDTIMEO), or a send, however slowly the other end reads.
    private static let patience = 5

    package convenience init(to endpoint: LocalEndpoint) throws(SystemError) { try self.init(to: endpoint.socket) }

    package init(to address: StreamAddress) throws(SystemError) {
        let number = Glibc.socket(address.family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        if number < 0 { throw SystemError(errorNumber: errno, call: "socket", path: "") }
        let socket = Descriptor(adopting: number)
        var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let result = address.bytes.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { connect(number, $0.baseAddress, socklen_t(bytes.count)) }
        }
        if result < 0 { throw SystemError(errorNumber: errno, call: "connect", path: "") }
        self.socket = socket
    }

    init(adopting socket: consuming Descriptor) { self.socket = socket }

    /// Whether the other end still reads, as far as is known here: it sends nothing, so that an end is all that comes.
    package var isOpen: Bool {
        var byte: UInt8 = 0
        let count = retrying { recv(socket.number, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) }
        return count > 0 || count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)
    }

    /// Sends all bytes; after a failure it is unknown how many of them were received.
    package func send(_ bytes: [UInt8]) throws(SystemError) {
        let end = Deadline(secondsFromNow: Double(Self.patience))
        var rest = bytes[...]
        while !rest.isEmpty {
            try Readiness.awaitRoom(in: socket.number, until: end)
            let count = rest.withUnsafeBytes { rest in
                let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                return retrying { Glibc.send(socket.number, rest.baseAddress, rest.count, flags) }
            }
            if count < 0, errno != EAGAIN { throw SystemError(errorNumber: errno, call: "send", path: "") }
            rest = rest.dropFirst(max(count, 0))
        }
    }

    /// Everything that the other end sends until it closes, at most `limit` bytes.
    package func receive(limit: Int) throws(SystemError) -> [UInt8] {
        var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(socket.number, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while received.count < limit {
            let count = retrying { recv(socket.number, &buffer, buffer.count, 0) }
            if count < 0 { throw SystemError(errorNumber: errno, call: "recv", path: "") }
            if count == 0 { break }
            received += buffer[..<count]
        }
        return received
    }
}
