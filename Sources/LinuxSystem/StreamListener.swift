import Glibc

/// A Unix socket that only root can connect to.
package final class StreamListener {
    private let socket: Descriptor
    private let path: String
    /// What has the path since the socket was bound to it.
    private let place: FileStatus
    /// Is let go for a client where the process has no descriptor left.
    private var reserve: Descriptor?

    /// Makes the socket in the place of one that an earlier process left behind.
    package init(path: String) throws(SystemError) {
        guard let address = StreamAddress(unix: path) else {
            throw SystemError(errorNumber: ENAMETOOLONG, call: "bind", path: path)
        }
        let number = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        if number < 0 { throw SystemError(errorNumber: errno, call: "socket", path: path) }
        socket = Descriptor(adopting: number)
        self.path = path
        // Only a socket goes: whatever else has the name is not ours.
        if (try? FileStatus(at: path))?.kind == .socket { unlink(path) }
        // The name gets the rights of the socket's own inode (net/unix/af_unix.c, unix_bind). The umask is the process',
        // and other threads make files.
        if fchmod(number, 0o600) < 0 { throw SystemError(errorNumber: errno, call: "fchmod", path: path) }
        let result = address.bytes.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { bind(number, $0.baseAddress, socklen_t(bytes.count)) }
        }
        if result < 0 { throw SystemError(errorNumber: errno, call: "bind", path: path) }
        if listen(number, 8) < 0 { throw SystemError(errorNumber: errno, call: "listen", path: path) }
        place = try FileStatus(at: path)
    }

    deinit { unlink(path) }

    /// Whether who connects to the path still comes here.
    package var isInPlace: Bool {
        guard let now = try? FileStatus(at: path) else { return false }
        return now.device == place.device && now.inode == place.inode
    }

    /// Waits for a client or the stop signal; `nil` where no client came in time, or one that has left already.
    package func accept(until stop: StopSignal, within seconds: Double) -> StreamConnection? {
        var entries = [stop.descriptor, socket.number].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let milliseconds = Int64(seconds * 1000)
        guard Readiness.wait(for: &entries, milliseconds: milliseconds) > 0, entries[0].revents == 0 else { return nil }
        if reserve == nil { reserve = try? Descriptor.open("/dev/null", O_RDONLY) }
        var number = Glibc.accept(socket.number, nil, nil)
        if number < 0, errno == EMFILE {
            reserve = nil
            number = Glibc.accept(socket.number, nil, nil)
        }
        guard number >= 0 else {
            // A client that waits where another thread took the last descriptor would make this a loop without a rest.
            _ = stop.wait(seconds: 0.1)
            return nil
        }
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        return StreamConnection(adopting: Descriptor(adopting: number))
    }
}
