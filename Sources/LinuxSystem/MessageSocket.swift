import Glibc

/// Sends datagrams to a Unix socket.
///
/// Its descriptor is there from the start, so that it works when the process has none left. A receiver that hangs is waited
/// for, but not for ever.
package final class MessageSocket: Sendable {
    private let socket: Descriptor
    private let address: StreamAddress
    /// Seconds that a message may wait for room, in the receiver's queue and in what the sender may have under way
    /// (socket(7), SO_SNDTIMEO).
    private static let patience = 2

    /// `nil` where the path is none that a socket can have, or there is no descriptor for it.
    package init?(to path: String) {
        let number = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard path.hasPrefix("/"), let address = StreamAddress(unix: path), number >= 0 else {
            close(number)
            return nil
        }
        self.address = address
        var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        socket = Descriptor(adopting: number)
    }

    package func send(_ text: String) throws(SystemError) { try send(Array(text.utf8)) }

    /// Sends one datagram; EAGAIN is the error where the receiver takes none.
    package func send(_ bytes: [UInt8]) throws(SystemError) {
        let sent = address.bytes.withUnsafeBytes { address in
            address.withMemoryRebound(to: sockaddr.self) { address in
                retrying {
                    sendto(
                        socket.number, bytes, bytes.count, Int32(MSG_NOSIGNAL), address.baseAddress,
                        socklen_t(self.address.bytes.count))
                }
            }
        }
        if sent < 0 { throw SystemError(errorNumber: errno, call: "sendto", path: "") }
    }
}
