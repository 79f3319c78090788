import Glibc

/// Sends datagrams to a Unix socket.
///
/// Its descriptor is there from the start, so that it works when the process has none left.
package final class MessageSocket: Sendable {
    private let socket: Descriptor
    private let address: StreamAddress

    /// `nil` where the path is none that a socket can have, or there is no descriptor for it.
    package init?(to path: String) {
        let number = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard path.hasPrefix("/"), let address = StreamAddress(unix: path), number >= 0 else {
            close(number)
            return nil
        }
        self.address = address
        socket = Descriptor(adopting: number)
    }

    package func send(_ text: String) throws(SystemError) {
        let bytes = Array(text.utf8)
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
