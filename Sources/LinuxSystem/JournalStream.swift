import Glibc

/// The connection by which the journal reads what a service writes to its standard output and error.
package enum JournalStream {
    /// Whether the journal, or one of its namespaces, reads what is written to a descriptor.
    ///
    /// It is known by the socket that was connected to (systemd-journald.service(8), unix(7)): systemd before 231, as of
    /// Amazon Linux 2, sets no JOURNAL_STREAM.
    ///
    /// - Parameter directory: that of the service manager's sockets.
    package static func isOtherEnd(of descriptor: Int32, below directory: String = "/run/systemd") -> Bool {
        guard let path = peer(of: descriptor), path.hasPrefix("\(directory)/journal") else { return false }
        let parts = path.dropFirst(directory.utf8.count + 1).split(separator: "/")
        return parts.count == 2 && parts[1] == "stdout" && (parts[0] == "journal" || parts[0].hasPrefix("journal."))
    }

    /// The path of the socket that a descriptor is connected to; `nil` where there is none, or it has none.
    private static func peer(of descriptor: Int32) -> String? {
        var address = sockaddr_un()
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafeMutableBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { getpeername(descriptor, $0.baseAddress, &size) }
        }
        guard result == 0, address.sun_family == sa_family_t(AF_UNIX) else { return nil }
        let path = withUnsafeBytes(of: address.sun_path) { $0.prefix { $0 != 0 } }
        return path.isEmpty ? nil : String(validating: path, as: UTF8.self)
    }
}
